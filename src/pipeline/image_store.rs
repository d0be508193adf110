//! The image store with time limits.

use crate::domain::{ImageId, ImageRecord};
use crate::ports::timeout::within;
use crate::ports::{Ports, StoreError, StoredImage, StoredPage};

/// The `Retry-After` after a failed read of the store, in seconds.
pub const STORE_RETRY_SECONDS: u64 = 5;

/// The time limit of a read, in milliseconds: KV responds in well under a second, or not at all.
const READ_MS: u64 = 5_000;
/// The time limit of a write, in milliseconds: an image of 20 MiB takes a few seconds.
const WRITE_MS: u64 = 30_000;

/// Reads the image `id`; `None` if it is not stored, or no store is bound.
pub async fn read(ports: &Ports, id: &ImageId) -> Result<Option<StoredImage>, StoreError> {
    let Some(store) = &ports.store else { return Ok(None) };
    timed(ports, READ_MS, store.get(id)).await
}

/// Stores an image for `ttl` seconds; 0 means forever.
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

/// Removes the image `id`. It is no error if it is not stored, or no store is bound.
pub async fn remove(ports: &Ports, id: &ImageId) -> Result<(), StoreError> {
    let Some(store) = &ports.store else { return Ok(()) };
    timed(ports, WRITE_MS, store.delete(id)).await
}

/// Lists up to `limit` images; none where no store is bound.
pub async fn list(ports: &Ports, limit: u32, cursor: Option<&str>) -> Result<StoredPage, StoreError> {
    let Some(store) = &ports.store else { return Ok(StoredPage { images: Vec::new(), cursor: None }) };
    timed(ports, READ_MS, store.list(limit, cursor)).await
}

async fn timed<T>(ports: &Ports, ms: u64, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    within(&*ports.clock, ms, work).await.unwrap_or_else(|| Err(StoreError("no answer in time".into())))
}
