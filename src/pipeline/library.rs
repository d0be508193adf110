//! The library, which is not waited for without end.

use std::pin::pin;

use futures_util::future::{Either, select};

use crate::domain::{ImageId, ImageRecord};
use crate::ports::{Outside, StoreError, StoredImage};

/// How long a read may take, in milliseconds: KV answers in well under a second, or not at all.
const READ_MS: u64 = 5_000;
/// How long a write may take, in milliseconds: an image of 20 MiB takes a few seconds.
const WRITE_MS: u64 = 30_000;

/// The image `id`; `None` where it is not stored, or nothing is bound.
pub async fn read(outside: &Outside, id: &ImageId) -> Result<Option<StoredImage>, StoreError> {
    let Some(store) = &outside.store else { return Ok(None) };
    within(outside, READ_MS, store.get(id)).await
}

/// Stores an image for `ttl` seconds; 0 is for ever.
pub async fn write(
    outside: &Outside,
    id: &ImageId,
    record: &ImageRecord,
    bytes: &[u8],
    ttl: u64,
) -> Result<(), StoreError> {
    let Some(store) = &outside.store else { return Err(StoreError("no KV is bound any more".into())) };
    within(outside, WRITE_MS, store.put(id, record, bytes, ttl)).await
}

async fn within<T>(
    outside: &Outside,
    ms: u64,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match select(pin!(work), outside.clock.sleep(ms)).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(StoreError("no answer in time".into())),
    }
}
