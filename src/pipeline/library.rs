//! Reading the library, which must not be waited for without end.

use std::pin::pin;

use futures_util::future::{Either, select};

use crate::domain::ImageId;
use crate::ports::{Outside, StoreError, StoredImage};

/// How long a read may take, in milliseconds: KV answers in well under a second, or not at all.
const READ_MS: u64 = 5_000;

/// The image `id`; `None` where it is not stored, or nothing is bound.
pub async fn read(outside: &Outside, id: &ImageId) -> Result<Option<StoredImage>, StoreError> {
    let Some(store) = &outside.store else { return Ok(None) };
    match select(pin!(store.get(id)), outside.clock.sleep(READ_MS)).await {
        Either::Left((found, _)) => found,
        Either::Right(_) => Err(StoreError("no answer in time".into())),
    }
}
