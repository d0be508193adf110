//! The image store with a memory: what an isolate was asked for twice within a minute it has at hand.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use super::picture_memory::{MAX_PICTURE_BYTES, Memo, PictureMemory};
use crate::domain::{ImageId, ImageRecord};
use crate::http::Body;
use crate::ports::{Clock, ImageStore, StoreError, StoredImage, StoredPage};

/// A store whose popular pictures are answered from memory, for a minute after they were read. A change by way of this
/// store is seen at once.
pub struct RememberedStore {
    store: Rc<dyn ImageStore>,
    clock: Rc<dyn Clock>,
    memory: RefCell<PictureMemory>,
    /// The number of changes so far: what was read across one may be out of date.
    changes: Cell<u64>,
}

impl RememberedStore {
    /// A memory before `store`.
    pub fn new(store: Rc<dyn ImageStore>, clock: Rc<dyn Clock>) -> Self {
        Self { store, clock, memory: RefCell::default(), changes: Cell::default() }
    }

    /// The bytes of all pictures in memory.
    pub fn bytes(&self) -> u64 {
        self.memory.borrow().bytes()
    }

    async fn read(&self, id: &ImageId) -> Result<Option<StoredImage>, StoreError> {
        let (now_ms, changes) = (self.clock.now_ms(), self.changes.get());
        let known = self.memory.borrow_mut().recall(id, now_ms);
        if let Some(Memo::Picture(record, bytes)) = known {
            return Ok(Some(StoredImage { record: (*record).clone(), body: bytes.body() }));
        }
        let Some(image) = self.store.get(id).await? else { return Ok(None) };
        match known {
            Some(Memo::Asked) => self.keep(id, image, now_ms, changes).await.map(Some),
            Some(_) => Ok(Some(image)),
            None => {
                if changes == self.changes.get() && image.record.bytes <= MAX_PICTURE_BYTES {
                    self.memory.borrow_mut().remember(id, Memo::Asked, now_ms);
                }
                Ok(Some(image))
            }
        }
    }

    /// Keeps an image that was read when there had been so many `changes`, if it is small enough; the same image.
    async fn keep(
        &self,
        id: &ImageId,
        StoredImage { record, body }: StoredImage,
        read_ms: u64,
        changes: u64,
    ) -> Result<StoredImage, StoreError> {
        let stream = match body {
            Body::Stream(stream) if record.bytes <= MAX_PICTURE_BYTES => stream,
            body => return Ok(StoredImage { record, body }),
        };
        let bytes = stream.hold().await.ok_or_else(|| StoreError("the picture broke off".into()))?;
        let body = bytes.body();
        if changes == self.changes.get() {
            self.memory.borrow_mut().remember(id, Memo::Picture(Rc::new(record.clone()), bytes), read_ms);
        }
        Ok(StoredImage { record, body })
    }

    /// Notes that the image `id` is none any more; its maker may have removed one that stood in for it as well.
    fn removed(&self, id: &ImageId) {
        self.memory.replace(PictureMemory::default());
        self.change(id);
    }

    /// Notes that the image `id` is another one, or none.
    fn change(&self, id: &ImageId) {
        self.changes.set(self.changes.get().wrapping_add(1));
        self.memory.borrow_mut().remember(id, Memo::Changed, self.clock.now_ms());
    }
}

impl ImageStore for RememberedStore {
    fn get<'a>(&'a self, id: &'a ImageId) -> LocalBoxFuture<'a, Result<Option<StoredImage>, StoreError>> {
        Box::pin(self.read(id))
    }

    fn put<'a>(
        &'a self,
        id: &'a ImageId,
        record: &'a ImageRecord,
        bytes: &'a [u8],
        ttl: u64,
    ) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let result = self.store.put(id, record, bytes, ttl).await;
            self.changes.set(self.changes.get().wrapping_add(1));
            self.memory.borrow_mut().forget_unless(id, record);
            result
        })
    }

    fn delete<'a>(&'a self, id: &'a ImageId) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.removed(id);
            let result = self.store.delete(id).await;
            // What was read meanwhile may be what was removed.
            self.removed(id);
            result
        })
    }

    fn list<'a>(&'a self, limit: u32, cursor: Option<&'a str>) -> LocalBoxFuture<'a, Result<StoredPage, StoreError>> {
        self.store.list(limit, cursor)
    }

    fn renew<'a>(&'a self, id: &'a ImageId, image: StoredImage) -> LocalBoxFuture<'a, Result<StoredImage, StoreError>> {
        self.change(id);
        let (now_ms, changes) = (self.clock.now_ms(), self.changes.get());
        Box::pin(async move {
            let image = self.store.renew(id, image).await?;
            self.keep(id, image, now_ms, changes).await
        })
    }
}
