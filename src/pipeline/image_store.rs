//! The image store, which is not waited for without end.

use crate::domain::{ImageId, ImageRecord};
use crate::ports::timeout::within;
use crate::ports::{Ports, StoreError, StoredImage};

/// When a reader of the store is told to try again, in seconds.
pub const STORE_RETRY_SECONDS: u64 = 5;

/// How long a read may take, in milliseconds: KV answers in well under a second, or not at all.
const READ_MS: u64 = 5_000;
/// How long a write may take, in milliseconds: an image of 20 MiB takes a few seconds.
const WRITE_MS: u64 = 30_000;

/// The image `id`; `None` where it is not stored, or nothing is bound.
pub async fn read(ports: &Ports, id: &ImageId) -> Result<Option<StoredImage>, StoreError> {
    let Some(store) = &ports.store else { return Ok(None) };
    timed(ports, READ_MS, store.get(id)).await
}

/// Stores an image for `ttl` seconds; 0 is for ever.
pub async fn write(
    ports: &Ports,
    id: &ImageId,
    record: &ImageRecord,
    bytes: &[u8],
    ttl: u64,
) -> Result<(), StoreError> {
    let Some(store) = &ports.store else { return Err(StoreError("no KV is bound any more".into())) };
    timed(ports, WRITE_MS, store.put(id, record, bytes, ttl)).await
}

async fn timed<T>(ports: &Ports, ms: u64, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    within(&*ports.clock, ms, work).await.unwrap_or_else(|| Err(StoreError("no answer in time".into())))
}
