//! A maker's memory: the image it made, until the library is sure to have it.

use std::rc::Rc;

use futures_util::lock::Mutex;

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
    /// Held while the library is written, and while everything is forgotten: a write that is under way must not land
    /// after a newer image's, or after the image was removed.
    writing: Mutex<()>,
}

impl Memory {
    /// A memory in this storage.
    pub fn new(outside: Outside, config: Rc<Config>, storage: Rc<dyn MakerStorage>) -> Self {
        Self { outside, config, storage, writing: Mutex::new(()) }
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

    /// Forgets everything, once no write of the library is under way.
    pub async fn clear(&self) -> Result<(), Error> {
        let _none = self.writing.lock().await;
        self.storage.clear().await.map_err(|error| {
            self.outside.log.warn(&format!("a maker's memory cannot be cleared: {error}"));
            Error::StoreUnavailable { retry_after: STORE_RETRY_SECONDS }
        })
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
            let _alone = self.writing.lock().await;
            let written = self.write(&made.id, &made.record, &made.bytes).await;
            if let Err(error) = self.after_store(&made.record, written).await {
                // It is asked to be woken since it was kept.
                self.outside.log.warn(&format!("a maker's memory cannot be written: {error}"));
            }
        }
    }

    /// The wake-up that was asked for: forgets what has had its time, tries the library again. Where its memory fails, it
    /// asks to be woken again.
    ///
    /// # Errors
    /// That cannot be done either. The platform wakes it again, a few times.
    pub async fn wake(&self) -> Result<(), StoreError> {
        let Err(error) = self.look_after().await else { return Ok(()) };
        self.outside.log.warn(&format!("a maker's memory cannot be looked after: {error}"));
        self.storage.wake_at(self.outside.clock.now_ms().saturating_add(FIRST_RETRY_MS)).await
    }

    async fn look_after(&self) -> Result<(), StoreError> {
        let _alone = self.writing.lock().await;
        match load(&*self.storage).await? {
            Some(MakerState::Kept(kept)) if kept.store_pending => {
                let bytes = kept.bytes(&*self.storage).await;
                let written = match bytes {
                    Ok(bytes) => self.write(&kept.id, &kept.record, &bytes).await,
                    Err(error) => Err(error),
                };
                self.after_store(&kept.record, written).await
            }
            // A later wish replaced the one that woke it.
            Some(state) if state.holds(self.outside.clock.now_ms()) => save(&*self.storage, &state, None).await,
            _ => self.storage.clear().await,
        }
    }

    async fn write(&self, id: &ImageId, record: &ImageRecord, bytes: &[u8]) -> Result<(), StoreError> {
        library::write(&self.outside, id, record, bytes, self.config.cache_ttl).await
    }

    /// Notes how a write of the image of `record` went, unless a newer one took its place.
    async fn after_store(&self, record: &ImageRecord, written: Result<(), StoreError>) -> Result<(), StoreError> {
        if let Err(error) = &written {
            self.outside.log.warn(&format!("an image could not be stored, it is kept and tried again: {error}"));
        }
        let Some(MakerState::Kept(kept)) = load(&*self.storage).await? else { return Ok(()) };
        if kept.record != *record {
            return Ok(());
        }
        let now_ms = self.outside.clock.now_ms();
        let next = if written.is_ok() { Some(kept.stored(now_ms)) } else { kept.store_failed(now_ms) };
        match next {
            Some(kept) => save(&*self.storage, &MakerState::Kept(kept), None).await,
            None => self.storage.clear().await,
        }
    }
}

/// What is known of a kept image, without its bytes.
pub fn kept_answer(kept: Kept) -> Answer {
    Answer { how: How::Kept, record: Some(kept.record), ..Answer::absent(kept.id) }
}
