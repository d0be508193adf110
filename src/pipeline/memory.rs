//! A maker's memory: the image it made, until the library is sure to have it.

use std::rc::Rc;

use super::library;
use super::make_image::Made;
use super::maker_state::{FIRST_RETRY_MS, Kept, MakerState, load, save};
use crate::config::Config;
use crate::domain::{ImageId, ImageRecord};
use crate::error::Error;
use crate::ports::{Answer, How, MakerStorage, Outside, StoreError};

/// When a reader of the library is told to try again, in seconds.
pub const STORE_RETRY_SECONDS: u64 = 5;

/// What one maker remembers. Nothing of it is fatal: what cannot be written or read is logged, and
/// done without.
pub struct Memory {
    outside: Outside,
    config: Rc<Config>,
    storage: Rc<dyn MakerStorage>,
}

impl Memory {
    /// A memory in this storage.
    pub fn new(outside: Outside, config: Rc<Config>, storage: Rc<dyn MakerStorage>) -> Self {
        Self { outside, config, storage }
    }

    /// What is remembered and still holds.
    pub async fn recall(&self) -> Option<MakerState> {
        let now_ms = self.outside.clock.now_ms();
        let state = load(&*self.storage).await.unwrap_or_else(|error| {
            self.outside.log.warn(&format!("a maker's memory cannot be read: {error}"));
            None
        });
        state.filter(|state| state.holds(now_ms))
    }

    /// Remembers `state`, with the image's `bytes` where they are new.
    pub async fn remember(&self, state: &MakerState, bytes: Option<&[u8]>) {
        if let Err(error) = save(&*self.storage, state, bytes).await {
            self.outside.log.warn(&format!("a maker's memory cannot be written: {error}"));
        }
    }

    /// Forgets everything.
    pub async fn clear(&self) {
        if let Err(error) = self.storage.clear().await {
            self.outside.log.warn(&format!("a maker's memory cannot be cleared: {error}"));
        }
    }

    /// The kept image with its bytes.
    pub async fn hand_out(&self, kept: Kept) -> Result<Answer, Error> {
        let body = kept.bytes(&*self.storage).await.map_err(|error| {
            self.outside.log.warn(&format!("image {} cannot be read: {error}", kept.id));
            Error::StoreUnavailable { retry_after: STORE_RETRY_SECONDS }
        })?;
        Ok(Answer { body: crate::http::Body::Bytes(body), ..kept_answer(kept) })
    }

    /// Writes a new image into the library. A failure costs the callers nothing: the image is kept
    /// and tried again.
    pub async fn give_to_library(&self, made: &Made) {
        if self.outside.store.is_some() {
            let written = self.write(&made.id, &made.record, &made.bytes).await;
            self.after_store(&made.record, written).await;
        }
    }

    /// The wake-up that was asked for: forgets what has had its time, tries the library again.
    pub async fn wake(&self) {
        let now_ms = self.outside.clock.now_ms();
        match load(&*self.storage).await {
            Ok(Some(MakerState::Kept(kept))) if kept.store_pending => self.try_again(kept).await,
            Ok(Some(state)) if state.holds(now_ms) => {
                // A later wish replaced the one that woke it.
                self.remember(&state, None).await;
            }
            Ok(_) => self.clear().await,
            Err(error) => {
                self.outside.log.warn(&format!("a maker's memory cannot be read: {error}"));
                if let Err(error) = self.storage.wake_at(now_ms.saturating_add(FIRST_RETRY_MS)).await {
                    self.outside.log.warn(&format!("a maker cannot ask to be woken: {error}"));
                }
            }
        }
    }

    async fn try_again(&self, kept: Kept) {
        let written = match kept.bytes(&*self.storage).await {
            Ok(bytes) => self.write(&kept.id, &kept.record, &bytes).await,
            Err(error) => Err(error),
        };
        self.after_store(&kept.record, written).await;
    }

    async fn write(&self, id: &ImageId, record: &ImageRecord, bytes: &[u8]) -> Result<(), StoreError> {
        library::write(&self.outside, id, record, bytes, self.config.cache_ttl).await
    }

    /// Notes how a write of the image of `record` went, unless a newer one took its place.
    async fn after_store(&self, record: &ImageRecord, written: Result<(), StoreError>) {
        if let Err(error) = &written {
            self.outside.log.warn(&format!("an image could not be stored, it is kept and tried again: {error}"));
        }
        let Ok(Some(MakerState::Kept(kept))) = load(&*self.storage).await else { return };
        if kept.record != *record {
            return;
        }
        let now_ms = self.outside.clock.now_ms();
        let next = if written.is_ok() { Some(kept.stored(now_ms)) } else { kept.store_failed(now_ms) };
        match next {
            Some(kept) => self.remember(&MakerState::Kept(kept), None).await,
            None => self.clear().await,
        }
    }
}

/// What is known of a kept image, without its bytes.
pub fn kept_answer(kept: Kept) -> Answer {
    Answer { how: How::Kept, record: Some(kept.record), ..Answer::absent(kept.id) }
}
