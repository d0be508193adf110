//! The maker's own copy of its result until the store is sure to have it: the new image, or the request of its
//! stand-in.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::lock::Mutex;

use super::state::{FIRST_RETRY_MS, Kept, MakerState, is_empty, load, save};
use crate::config::Config;
use crate::domain::{ImageId, ImageRecord};
use crate::error::Error;
use crate::http::Body;
use crate::pipeline::image_store::{self, STORE_RETRY_SECONDS};
use crate::pipeline::make_image::Made;
use crate::ports::lease::Report;
use crate::ports::maker::{MakerReply, Origin};
use crate::ports::{ObjectStorage, Ports, StoreError};

/// The outbox of one maker, in its object's storage. Its failures are not fatal: they are logged, and the maker
/// continues without it.
pub struct Outbox {
    ports: Ports,
    config: Rc<Config>,
    storage: Rc<dyn ObjectStorage>,
    /// Held while writing to the store, and while clearing: a running write must not overwrite a newer image, or
    /// restore a removed one.
    writing: Mutex<()>,
}

impl Outbox {
    /// An outbox in this storage.
    pub fn new(ports: Ports, config: Rc<Config>, storage: Rc<dyn ObjectStorage>) -> Self {
        Self { ports, config, storage, writing: Mutex::new(()) }
    }

    /// The state of the maker of `id`, if it is still valid.
    pub async fn recall(&self, id: &ImageId) -> Option<MakerState> {
        let now_ms = self.ports.clock.now_ms();
        let state = load(&*self.storage).await.unwrap_or_else(|error| {
            self.warn(id, "its maker's state cannot be read", &error);
            None
        });
        state.filter(|state| state.holds(now_ms))
    }

    /// Stores `state` of the maker of `id`, with the image's `bytes` if they are new.
    pub async fn remember(&self, id: &ImageId, state: &MakerState, bytes: Option<&[u8]>) {
        if let Err(error) = save(&*self.storage, state, bytes).await {
            self.warn(id, "its maker's state cannot be written", &error);
        }
    }

    /// Removes everything about `id`, after any running write to the store.
    ///
    /// # Errors
    /// 503 if the storage fails: the image may still be there.
    pub async fn clear(&self, id: &ImageId) -> Result<(), Error> {
        let _none = self.writing.lock().await;
        if is_empty(&*self.storage).await {
            // What finds nothing writes nothing.
            return Ok(());
        }
        self.storage.clear().await.map_err(|error| {
            self.warn(id, "its maker's state cannot be cleared", &error);
            Error::store_unavailable(STORE_RETRY_SECONDS)
        })
    }

    /// Reads the kept image with its bytes.
    ///
    /// # Errors
    /// 503 if the storage fails.
    pub async fn read(&self, kept: Kept) -> Result<MakerReply, Error> {
        let body = kept.bytes(&*self.storage).await.map_err(|error| {
            self.warn(&kept.id, "its bytes cannot be read", &error);
            Error::store_unavailable(STORE_RETRY_SECONDS)
        })?;
        Ok(MakerReply { body: Body::Bytes(body), ..kept_reply(kept) })
    }

    /// Writes a new image to the store, unless it `is_removed` meanwhile. A failure does not affect the callers: the image
    /// is kept and the write is retried.
    pub async fn flush_to_store(&self, made: &Made, is_removed: &Cell<bool>) {
        if self.ports.store.is_some() {
            let _alone = self.writing.lock().await;
            if is_removed.get() {
                return;
            }
            let written = self.write(&made.id, &made.record, &made.bytes).await;
            if let Err(error) = self.after_write(&made.record, written).await {
                // The alarm was set when the image was kept.
                self.warn(&made.id, "its maker's state cannot be written", &error);
            }
        }
    }

    /// Handles the alarm: drops expired state, or retries the write to the store. If the storage fails, another alarm
    /// is set.
    ///
    /// # Errors
    /// The alarm could not be set either. The platform then repeats this one, a limited number of times.
    pub async fn on_alarm(&self) -> Result<(), StoreError> {
        let Err(error) = self.review().await else { return Ok(()) };
        self.ports.log.warn(&format!("a maker's state cannot be reviewed: {error}"));
        self.storage.set_alarm(self.ports.clock.now_ms().saturating_add(FIRST_RETRY_MS)).await
    }

    async fn review(&self) -> Result<(), StoreError> {
        let _alone = self.writing.lock().await;
        match load(&*self.storage).await? {
            Some(MakerState::Kept(kept)) if kept.store_pending => {
                let bytes = kept.bytes(&*self.storage).await;
                let written = match bytes {
                    Ok(bytes) => self.write(&kept.id, &kept.record, &bytes).await,
                    Err(error) => Err(error),
                };
                self.after_write(&kept.record, written).await
            }
            // A later alarm replaced this one.
            Some(state) if state.holds(self.ports.clock.now_ms()) => save(&*self.storage, &state, None).await,
            _ => self.storage.clear().await,
        }
    }

    async fn write(&self, id: &ImageId, record: &ImageRecord, bytes: &[u8]) -> Result<(), StoreError> {
        let written = image_store::write(&self.ports, id, record, bytes, self.config.cache_ttl).await;
        if let Err(error) = &written {
            self.warn(id, "it could not be stored, and is kept and tried again", error);
            // The owner is told so; it does not matter if the ring cannot be reached.
            drop(self.ports.key_ring.report(Report { unstored: true, ..Report::default() }).await);
        }
        written
    }

    /// Records the result of writing the image of `record`, unless a newer image replaced it.
    async fn after_write(&self, record: &ImageRecord, written: Result<(), StoreError>) -> Result<(), StoreError> {
        let Some(MakerState::Kept(kept)) = load(&*self.storage).await? else { return Ok(()) };
        if kept.record != *record {
            return Ok(());
        }
        let now_ms = self.ports.clock.now_ms();
        let next = if written.is_ok() { Some(kept.stored(now_ms)) } else { kept.store_failed(now_ms) };
        match next {
            Some(kept) => save(&*self.storage, &MakerState::Kept(kept), None).await,
            None => self.storage.clear().await,
        }
    }

    fn warn(&self, id: &ImageId, trouble: &str, error: &StoreError) {
        self.ports.log.warn(&format!("image {id}: {trouble}: {error}"));
    }
}

/// The reply with a kept image, without its bytes.
pub fn kept_reply(kept: Kept) -> MakerReply {
    MakerReply { origin: Origin::Kept, record: Some(kept.record), ..MakerReply::absent(kept.id) }
}
