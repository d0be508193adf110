//! Workers KV as its documentation describes it, including its eventual consistency.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use free_flux_api::domain::{ImageId, ImageRecord};
use free_flux_api::ports::{ImageStore, StoreError, StoredImage, StoredPage};
use futures_util::future::LocalBoxFuture;

use super::faults::Faults;
use super::runtime::Streamed;
use super::time::Time;

/// The time for which a location caches a result, also a miss, in milliseconds.
pub(crate) const REMEMBERED_MS: u64 = 60_000;
/// The largest value, in bytes.
const MAX_VALUE: usize = 25 * 1024 * 1024;
/// The largest metadata, in bytes of JSON.
const MAX_METADATA: usize = 1_024;
/// The shortest expiry, in seconds.
const MIN_TTL: u64 = 60;
const READ_MS: u64 = 10;
const WRITE_MS: u64 = 100;
const SLOW_MS: u64 = 5_000;

/// The fault of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreFault {
    /// The binding throws.
    Throws,
    /// It never returns.
    Hangs,
    /// It takes seconds.
    Slow,
    /// The value breaks off while it is read.
    BreaksOff,
    /// The metadata is not a record.
    WrongShape,
}

#[derive(Clone)]
struct Entry {
    bytes: Vec<u8>,
    /// JSON.
    metadata: String,
    expires_ms: u64,
}

type PlaceAndKey = (String, String);
/// The end of a cache entry, and the cached result.
type Cached = (u64, Option<Entry>);

/// The state that all locations share.
struct Namespace {
    time: Rc<Time>,
    entries: RefCell<BTreeMap<String, Entry>>,
    /// The results that each location has cached.
    cached: RefCell<BTreeMap<PlaceAndKey, Cached>>,
    reads: Cell<usize>,
    writes: Cell<usize>,
    read_faults: Faults<StoreFault>,
    write_faults: Faults<StoreFault>,
}

/// The namespace, seen from one location.
#[derive(Clone)]
pub(crate) struct FakeStore {
    place: String,
    shared: Rc<Namespace>,
}

impl FakeStore {
    pub(crate) fn new(time: Rc<Time>) -> Self {
        let shared = Namespace {
            time,
            entries: RefCell::default(),
            cached: RefCell::default(),
            reads: Cell::default(),
            writes: Cell::default(),
            read_faults: Faults::default(),
            write_faults: Faults::default(),
        };
        Self { place: "here".to_owned(), shared: Rc::new(shared) }
    }

    /// The same namespace, seen from `place`.
    pub(crate) fn at(&self, place: &str) -> Self {
        Self { place: place.to_owned(), ..self.clone() }
    }

    pub(crate) fn read_faults(&self) -> &Faults<StoreFault> {
        &self.shared.read_faults
    }

    pub(crate) fn write_faults(&self) -> &Faults<StoreFault> {
        &self.shared.write_faults
    }

    /// The number of reads and writes so far, including failed ones.
    pub(crate) fn operations(&self) -> (usize, usize) {
        (self.shared.reads.get(), self.shared.writes.get())
    }

    /// True if the image `id` is in the namespace now, whatever the locations have cached.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.shared.entry(&format!("image:v1:{id}")).is_some()
    }

    /// The metadata of the image `id`, as JSON.
    pub(crate) fn metadata(&self, id: &str) -> Option<String> {
        self.shared.entry(&format!("image:v1:{id}")).map(|entry| entry.metadata)
    }

    /// The time at which the image `id` expires, in unix milliseconds.
    pub(crate) fn expires_ms(&self, id: &str) -> Option<u64> {
        self.shared.entry(&format!("image:v1:{id}")).map(|entry| entry.expires_ms)
    }

    /// The number of images.
    pub(crate) fn len(&self) -> usize {
        let keys: Vec<String> = self.shared.entries.borrow().keys().cloned().collect();
        keys.iter().filter(|key| self.shared.entry(key).is_some()).count()
    }

    /// Stores a value whose metadata is this JSON.
    pub(crate) fn place(&self, id: &str, metadata: &str) {
        let entry = Entry { bytes: vec![1], metadata: metadata.to_owned(), expires_ms: u64::MAX };
        self.shared.entries.borrow_mut().insert(format!("image:v1:{id}"), entry);
    }

    /// Removes the image `id`, without a trace in any cache.
    pub(crate) fn lose(&self, id: &str) {
        self.shared.entries.borrow_mut().remove(&format!("image:v1:{id}"));
        self.shared.cached.borrow_mut().clear();
    }

    /// The result of reading `key` at this location.
    fn read(&self, key: &str) -> Option<Entry> {
        let now_ms = self.shared.time.now_ms();
        let place = (self.place.clone(), key.to_owned());
        let mut cached = self.shared.cached.borrow_mut();
        if let Some((until_ms, told)) = cached.get(&place)
            && now_ms < *until_ms
        {
            return told.clone();
        }
        let entry = self.shared.entry(key);
        cached.insert(place, (now_ms + REMEMBERED_MS, entry.clone()));
        entry
    }

    /// Lets the time of a call pass; a call that hangs never returns.
    async fn pass(&self, ms: u64, fault: Option<StoreFault>) -> Result<(), StoreError> {
        if fault == Some(StoreFault::Hangs) {
            std::future::pending::<()>().await;
        }
        self.shared.time.sleep(if fault == Some(StoreFault::Slow) { SLOW_MS } else { ms }).await;
        if fault == Some(StoreFault::Throws) { Err(StoreError("KV failed: 500".into())) } else { Ok(()) }
    }
}

impl Namespace {
    fn entry(&self, key: &str) -> Option<Entry> {
        self.entries.borrow().get(key).filter(|entry| self.time.now_ms() < entry.expires_ms).cloned()
    }

    fn write(&self, key: String, metadata: String, bytes: &[u8], ttl: u64) -> Result<(), StoreError> {
        let too_much = |what: &str| Err(StoreError(format!("KV PUT failed: 413 {what}")));
        if metadata.len() > MAX_METADATA {
            return too_much("metadata");
        }
        if bytes.len() > MAX_VALUE {
            return too_much("value");
        }
        if ttl != 0 && ttl < MIN_TTL {
            return Err(StoreError("KV PUT failed: 400 expiration_ttl".into()));
        }
        let expires_ms = if ttl == 0 { u64::MAX } else { self.time.now_ms() + ttl * 1_000 };
        self.entries.borrow_mut().insert(key, Entry { bytes: bytes.to_vec(), metadata, expires_ms });
        Ok(())
    }
}

impl ImageStore for FakeStore {
    fn get<'a>(&'a self, id: &'a ImageId) -> LocalBoxFuture<'a, Result<Option<StoredImage>, StoreError>> {
        Box::pin(async move {
            self.shared.reads.set(self.shared.reads.get() + 1);
            let fault = self.shared.read_faults.take();
            self.pass(READ_MS, fault).await?;
            let Some(entry) = self.read(&format!("image:v1:{id}")) else { return Ok(None) };
            let bytes = match fault {
                Some(StoreFault::BreaksOff) => None,
                _ => Some(entry.bytes),
            };
            let metadata = if fault == Some(StoreFault::WrongShape) { "[]" } else { &entry.metadata };
            let record: Option<ImageRecord> = serde_json::from_str(metadata).ok();
            Ok(record.map(|record| StoredImage { record, body: Streamed::body(bytes) }))
        })
    }

    fn put<'a>(
        &'a self,
        id: &'a ImageId,
        record: &'a ImageRecord,
        bytes: &'a [u8],
        ttl: u64,
    ) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.shared.writes.set(self.shared.writes.get() + 1);
            self.pass(WRITE_MS, self.shared.write_faults.take()).await?;
            let metadata = serde_json::to_string(record).expect("JSON");
            self.shared.write(format!("image:v1:{id}"), metadata, bytes, ttl)
        })
    }

    fn delete<'a>(&'a self, id: &'a ImageId) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.shared.writes.set(self.shared.writes.get() + 1);
            self.pass(WRITE_MS, self.shared.write_faults.take()).await?;
            self.shared.entries.borrow_mut().remove(&format!("image:v1:{id}"));
            Ok(())
        })
    }

    fn list<'a>(&'a self, limit: u32, cursor: Option<&'a str>) -> LocalBoxFuture<'a, Result<StoredPage, StoreError>> {
        Box::pin(async move {
            self.shared.reads.set(self.shared.reads.get() + 1);
            self.pass(READ_MS, self.shared.read_faults.take()).await?;
            let keys: Vec<String> = self.shared.entries.borrow().keys().cloned().collect();
            let mut after = keys.into_iter().filter(|key| cursor.is_none_or(|last| key.as_str() > last));
            let there: Vec<_> = after.by_ref().filter_map(|key| Some((self.shared.entry(&key)?, key))).collect();
            let limit = usize::try_from(limit).expect("a limit");
            let cursor = there.get(limit - 1).map(|(_, key)| key.clone()).filter(|_| there.len() > limit);
            let image = |(entry, key): (Entry, String)| {
                let id = ImageId::parse(key.strip_prefix("image:v1:")?)?;
                Some((id, serde_json::from_str(&entry.metadata).ok()?))
            };
            Ok(StoredPage { images: there.into_iter().take(limit).filter_map(image).collect(), cursor })
        })
    }
}
