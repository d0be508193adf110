//! The state of a maker in its own storage, and how long it lasts.

use serde::{Deserialize, Serialize};

use crate::domain::{ImageId, ImageRecord, ImageRequest};
use crate::ports::object_call::{from_json, to_json};
use crate::ports::{ObjectStorage, StoreError};

/// How long an image is kept after KV has it, or where there is no KV, and how long a fallback is
/// served under the id that was asked for. KV may go on saying "not found" for a minute or more in
/// a place that looked before the image was written.
pub const KEEP_MS: u64 = 10 * 60 * 1_000;

/// How long an image is kept while KV cannot be written: two days, so that a spent daily quota
/// comes back twice.
const GIVE_UP_MS: u64 = 48 * 60 * 60 * 1_000;
/// The first pause before KV is written again; it doubles each time.
pub(super) const FIRST_RETRY_MS: u64 = 60 * 1_000;
/// The longest pause.
const LONGEST_RETRY_MS: u64 = 4 * 60 * 60 * 1_000;

/// A value in a Durable Object's storage holds 2 MB with its key; a round number below it.
const CHUNK_BYTES: usize = 1024 * 1024;

/// The key of the state; a change of its form changes the key.
const STATE_KEY: &str = "state:v1";

/// The state of a maker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MakerState {
    /// An image that it made.
    Kept(Kept),
    /// The chat API failed for this image: what was made instead.
    FellBack {
        /// The fallback's request, which says its id.
        request: Box<ImageRequest>,
        /// Until when it is served under the id that was asked for, in unix milliseconds.
        until_ms: u64,
    },
}

/// An image in a maker's storage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The image's id.
    pub id: ImageId,
    /// What made it.
    pub record: ImageRecord,
    /// In how many pieces its bytes are.
    chunks: usize,
    /// Whether the library still has to be given it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub store_pending: bool,
    /// How often that failed.
    failures: u32,
    /// When it was made, in unix milliseconds.
    made_ms: u64,
    /// Until when it is kept, or when the library is tried again, in unix milliseconds.
    pub until_ms: u64,
}

impl MakerState {
    /// Whether it still holds at `now_ms`: an image that waits for the library always does.
    pub fn holds(&self, now_ms: u64) -> bool {
        match self {
            Self::Kept(kept) => kept.store_pending || now_ms < kept.until_ms,
            Self::FellBack { until_ms, .. } => now_ms < *until_ms,
        }
    }

    /// When something is to be done about it, in unix milliseconds.
    fn until_ms(&self) -> u64 {
        match self {
            Self::Kept(Kept { until_ms, .. }) | Self::FellBack { until_ms, .. } => *until_ms,
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

    /// The library has it now.
    #[must_use]
    pub fn stored(mut self, now_ms: u64) -> Self {
        self.store_pending = false;
        self.until_ms = now_ms.saturating_add(KEEP_MS);
        self
    }

    /// The library refused it: tried again later, slower each time; `None` when it is given up.
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

    /// Reads its bytes back.
    pub async fn bytes(&self, storage: &dyn ObjectStorage) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.record.bytes).unwrap_or_default());
        for number in 0..self.chunks {
            let chunk = storage.get(&chunk_key(number)).await?;
            bytes.extend(chunk.ok_or_else(|| StoreError("a piece of a kept image is missing".into()))?);
        }
        Ok(bytes)
    }
}

/// Reads the maker's state; one that cannot be read is none.
pub async fn load(storage: &dyn ObjectStorage) -> Result<Option<MakerState>, StoreError> {
    let text = storage.get(STATE_KEY).await?;
    Ok(text.and_then(|text| from_json(std::str::from_utf8(&text).ok()?)))
}

/// Stores `state`, with the image's `bytes` where they are new, and sets the alarm for it.
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
