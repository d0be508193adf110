//! The library in Workers KV.

use worker::KvStore;

use crate::domain::{ImageId, ImageRecord};
use crate::http::Body;
use crate::ports::{ImageStore, Pending, StoreError, StoredImage};

/// The key of an image; a change of what is stored under it changes the number.
fn key(id: &ImageId) -> String {
    format!("image:v1:{id}")
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError(error.to_string())
}

/// The namespace that is bound as `FLUX_API`.
pub(super) struct KvLibrary(pub(super) KvStore);

impl ImageStore for KvLibrary {
    fn get<'a>(&'a self, id: &'a ImageId) -> Pending<'a, Result<Option<StoredImage>, StoreError>> {
        Box::pin(async move {
            // The bytes stay a stream of the runtime's: they never enter WebAssembly's memory.
            let (stream, record) =
                self.0.get(&key(id)).stream_with_metadata::<ImageRecord>().await.map_err(failed)?;
            Ok(stream.zip(record).map(|(stream, record)| StoredImage { record, body: Body::Stream(Box::new(stream)) }))
        })
    }

    fn put<'a>(
        &'a self,
        id: &'a ImageId,
        record: &'a ImageRecord,
        bytes: &'a [u8],
        ttl: u64,
    ) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let put = self.0.put_bytes(&key(id), bytes).map_err(failed)?;
            let put = if ttl > 0 { put.expiration_ttl(ttl) } else { put };
            put.metadata(record).map_err(failed)?.execute().await.map_err(failed)
        })
    }

    fn delete<'a>(&'a self, id: &'a ImageId) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move { self.0.delete(&key(id)).await.map_err(failed) })
    }
}
