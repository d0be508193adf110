//! What the core needs of a platform: one small trait for each thing outside.
//!
//! Futures are boxed and need not be `Send`: WebAssembly has one thread, and boxed futures make
//! the traits usable as `dyn`, so that the core is compiled once whatever it runs on.

pub mod lease;
pub mod maker;
pub mod object_call;
pub mod timeout;

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use crate::domain::{ImageId, ImageRecord};
use crate::error::Error;
use crate::http::{Body, IncomingResponse, OutgoingRequest, Response, SendError};

use self::lease::{LeaseReply, LeaseRequest, Report, Slot, Snapshot};
use self::maker::{MakerReply, MakerRequest};

/// Calls to upstreams.
pub trait HttpClient {
    /// Sends a request and reads the whole answer, within the request's own limits of time and
    /// size. Redirects are not followed.
    fn send(&self, request: OutgoingRequest) -> LocalBoxFuture<'_, Result<IncomingResponse, SendError>>;
}

/// A store or an object did not do what it was asked. It holds the platform's message, for the log alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// A stored image: its record, and its bytes.
pub struct StoredImage {
    /// What made it.
    pub record: ImageRecord,
    /// Its bytes, or a stream of them.
    pub body: Body,
}

/// The store of images (KV `FLUX_API`).
pub trait ImageStore {
    /// The image `id`; `None` where it is not stored.
    fn get<'a>(&'a self, id: &'a ImageId) -> LocalBoxFuture<'a, Result<Option<StoredImage>, StoreError>>;
    /// Stores an image for `ttl` seconds; 0 is for ever.
    fn put<'a>(
        &'a self,
        id: &'a ImageId,
        record: &'a ImageRecord,
        bytes: &'a [u8],
        ttl: u64,
    ) -> LocalBoxFuture<'a, Result<(), StoreError>>;
    /// Removes an image, whether it is stored or not.
    fn delete<'a>(&'a self, id: &'a ImageId) -> LocalBoxFuture<'a, Result<(), StoreError>>;
}

/// The one place where an image is made, as the Worker sees it.
pub trait ImageMaker {
    /// Asks the maker of `request.id`.
    fn ask(&self, request: MakerRequest) -> LocalBoxFuture<'_, Result<MakerReply, Error>>;
}

/// The storage of a Durable Object.
pub trait ObjectStorage {
    /// The value of `key`.
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, StoreError>>;
    /// Sets several values at once, all or none.
    fn put(&self, values: Vec<(String, Vec<u8>)>) -> LocalBoxFuture<'_, Result<(), StoreError>>;
    /// Sets a value without holding answers back until it is on the disk: a crash within milliseconds loses it.
    fn put_unconfirmed<'a>(&'a self, key: &'a str, value: Vec<u8>) -> LocalBoxFuture<'a, Result<(), StoreError>>;
    /// Removes everything, the alarm included.
    fn clear(&self) -> LocalBoxFuture<'_, Result<(), StoreError>>;
    /// Sets the alarm to this time, in unix milliseconds, in place of any earlier one.
    fn set_alarm(&self, at_ms: u64) -> LocalBoxFuture<'_, Result<(), StoreError>>;
}

/// The rotation of keys, as a maker sees it.
pub trait KeyRing {
    /// Asks for a key. An answer may take as long as the request's deadline.
    fn lease(&self, request: LeaseRequest) -> LocalBoxFuture<'_, Result<LeaseReply, StoreError>>;
    /// Gives a key back and says how it went.
    fn report(&self, report: Report) -> LocalBoxFuture<'_, Result<(), StoreError>>;
    /// How these keys stand.
    fn snapshot(&self, slots: Vec<Slot>) -> LocalBoxFuture<'_, Result<Snapshot, StoreError>>;
}

/// The limit of new images for each visitor.
pub trait RateLimiter {
    /// Counts one new image of `visitor`; `false` where that is one too many.
    fn try_acquire<'a>(&'a self, visitor: &'a str) -> LocalBoxFuture<'a, bool>;
}

/// The static files.
pub trait Assets {
    /// The file at `path`, with its content type and headers.
    fn fetch<'a>(&'a self, path: &'a str) -> LocalBoxFuture<'a, Option<Response>>;
}

/// Time.
pub trait Clock {
    /// Unix milliseconds.
    fn now_ms(&self) -> u64;
    /// Completes after that many milliseconds.
    fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()>;
}

/// Random numbers.
pub trait Random {
    /// 64 random bits, fit for names that must not be guessed.
    fn next_u64(&self) -> u64;
}

/// Work that goes on after the caller who started it has left.
pub trait Background {
    /// Drives `work` to its end.
    fn keep_alive(&self, work: LocalBoxFuture<'static, ()>);
}

/// The operator's log.
pub trait Log {
    /// Something is degraded, and was carried on without.
    fn warn(&self, message: &str);
}

/// What the pipeline needs of the platform.
#[derive(Clone)]
pub struct Ports {
    /// Calls to upstreams.
    pub http: Rc<dyn HttpClient>,
    /// The store of images; `None` where no KV is bound.
    pub store: Option<Rc<dyn ImageStore>>,
    /// The makers of images.
    pub image_maker: Rc<dyn ImageMaker>,
    /// The rotation of keys.
    pub key_ring: Rc<dyn KeyRing>,
    /// Time.
    pub clock: Rc<dyn Clock>,
    /// Random numbers.
    pub random: Rc<dyn Random>,
    /// The operator's log.
    pub log: Rc<dyn Log>,
}
