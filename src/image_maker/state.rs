//! The state of a maker in its own storage, and its expiry.

use serde::{Deserialize, Serialize};

use crate::domain::{ImageId, ImageRecord, ImageRequest};
use crate::error::Error;
use crate::ports::object_call::{from_json, to_json};
use crate::ports::{ObjectStorage, StoreError};

/// The time for which an image is kept after KV has it, or if there is no KV, and for which a fallback is served under
/// the requested id. A location that read KV before the image was written may still see "not found" for a minute or
/// more.
pub const KEEP_MS: u64 = 10 * 60 * 1_000;

/// The time for which a failure is told to those who ask for an image that was begun for them.
pub const FAILURE_MS: u64 = 60 * 1_000;

/// The time for which an image is kept while writing to KV fails: two days, so that a spent daily quota is reset twice.
const GIVE_UP_MS: u64 = 48 * 60 * 60 * 1_000;
/// The first interval before another write to KV; it doubles each time.
pub(super) const FIRST_RETRY_MS: u64 = 60 * 1_000;
/// The longest interval.
const LONGEST_RETRY_MS: u64 = 4 * 60 * 60 * 1_000;

/// The size of a chunk: a value in a Durable Object's storage holds 2 MB including its key; a round number below that.
const CHUNK_BYTES: usize = 1024 * 1024;

/// The key of the state; a change of its form must change the key.
const STATE_KEY: &str = "state:v1";

/// The state of a maker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MakerState {
    /// An image that it made.
    Kept(Kept),
    /// The chat API failed for this image: another one was made instead.
    FellBack {
        /// The fallback's request, from which its id follows.
        request: Box<ImageRequest>,
        /// The time until which it is served under the requested id, in unix milliseconds.
        until_ms: u64,
    },
    /// An image that was begun for a caller who did not wait, and failed.
    Failed {
        /// The reason.
        error: Error,
        /// The time until which callers are told so, in unix milliseconds.
        until_ms: u64,
    },
}

/// An image in a maker's storage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The image's id.
    pub id: ImageId,
    /// The image's record.
    pub record: ImageRecord,
    /// The number of chunks of its bytes.
    chunks: usize,
    /// True if it still has to be written to the store.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub store_pending: bool,
    /// The number of failed writes.
    failures: u32,
    /// The time at which it was made, in unix milliseconds.
    made_ms: u64,
    /// The time of its expiry, or of the next write to the store, in unix milliseconds.
    pub until_ms: u64,
}

impl MakerState {
    /// True while the state is valid at `now_ms`; an image that waits for the store always is.
    pub fn holds(&self, now_ms: u64) -> bool {
        match self {
            Self::Kept(kept) => kept.store_pending || now_ms < kept.until_ms,
            Self::FellBack { until_ms, .. } | Self::Failed { until_ms, .. } => now_ms < *until_ms,
        }
    }

    /// The time of the next action, in unix milliseconds.
    fn until_ms(&self) -> u64 {
        match self {
            Self::Kept(Kept { until_ms, .. }) | Self::FellBack { until_ms, .. } | Self::Failed { until_ms, .. } => {
                *until_ms
            }
        }
    }
}

impl Kept {
    /// An image made at `now_ms`.
    pub fn new(id: ImageId, record: ImageRecord, store_pending: bool, now_ms: u64) -> Self {
        let chunks = usize::try_from(record.bytes).unwrap_or_default().div_ceil(CHUNK_BYTES);
        Self {
            id,
            record,
            chunks,
            store_pending,
            failures: 0,
            made_ms: now_ms,
            until_ms: now_ms.saturating_add(KEEP_MS),
        }
    }

    /// The state after a successful write to the store.
    #[must_use]
    pub fn stored(mut self, now_ms: u64) -> Self {
        self.store_pending = false;
        self.until_ms = now_ms.saturating_add(KEEP_MS);
        self
    }

    /// The state after a failed write to the store: the next try is later, at growing intervals; `None` when it is
    /// given up.
    #[must_use]
    pub fn store_failed(mut self, now_ms: u64) -> Option<Self> {
        if now_ms.saturating_sub(self.made_ms) >= GIVE_UP_MS {
            return None;
        }
        let pause = FIRST_RETRY_MS.saturating_mul(1_u64.checked_shl(self.failures).unwrap_or(u64::MAX));
        self.failures = self.failures.saturating_add(1);
        self.until_ms = now_ms.saturating_add(pause.min(LONGEST_RETRY_MS));
        Some(self)
    }

    /// Reads the image's bytes.
    pub async fn bytes(&self, storage: &dyn ObjectStorage) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.record.bytes).unwrap_or_default());
        for number in 0..self.chunks {
            let chunk = storage.get(&chunk_key(number)).await?;
            bytes.extend(chunk.ok_or_else(|| StoreError("a piece of a kept image is missing".into()))?);
        }
        Ok(bytes)
    }
}

/// Reads the maker's state; `None` if it cannot be parsed.
pub async fn load(storage: &dyn ObjectStorage) -> Result<Option<MakerState>, StoreError> {
    let text = storage.get(STATE_KEY).await?;
    Ok(text.and_then(|text| from_json(std::str::from_utf8(&text).ok()?)))
}

/// True if there is nothing in the storage. A storage that cannot be read may hold something.
pub async fn is_empty(storage: &dyn ObjectStorage) -> bool {
    matches!(storage.get(STATE_KEY).await, Ok(None))
}

/// Stores `state`, with the image's `bytes` if they are new, and sets the alarm for it.
pub async fn save(storage: &dyn ObjectStorage, state: &MakerState, bytes: Option<&[u8]>) -> Result<(), StoreError> {
    let chunks = bytes.unwrap_or_default().chunks(CHUNK_BYTES).enumerate();
    let mut values: Vec<_> = chunks.map(|(number, chunk)| (chunk_key(number), chunk.to_vec())).collect();
    values.push((STATE_KEY.to_owned(), to_json(state).into_bytes()));
    storage.put(values).await?;
    storage.set_alarm(state.until_ms()).await
}

fn chunk_key(number: usize) -> String {
    format!("bytes:{number:03}")
}
