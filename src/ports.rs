//! What the core needs of a platform: one small trait for each thing outside.
//!
//! Futures are boxed and need not be `Send`: WebAssembly has one thread, and boxed futures make
//! the traits usable as `dyn`, so that the core is compiled once whatever it runs on.

pub mod lease;
pub mod order;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::domain::{ImageId, ImageRecord};
use crate::error::Error;
use crate::http::{Body, IncomingResponse, OutgoingRequest, Response, SendError};

pub use self::lease::{LeaseAnswer, LeaseOutcome, LeaseRequest, Report, Slot, Snapshot};
pub use self::order::{Answer, How, Order, Want};

/// A future of the platform's.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Calls to upstreams.
pub trait HttpClient {
    /// Sends a request and reads the whole answer, within the request's own limits of time and
    /// size. Redirects are not followed.
    fn send(&self, request: OutgoingRequest) -> Pending<'_, Result<IncomingResponse, SendError>>;
}

/// The store did not do what it was asked. It holds the platform's words, for the log alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// A stored image: what is known of it, and its bytes.
pub struct StoredImage {
    /// What made it.
    pub record: ImageRecord,
    /// Its bytes, or a stream of them.
    pub body: Body,
}

/// The library of images (KV `FLUX_API`).
pub trait ImageStore {
    /// The image `id`; `None` where it is not stored.
    fn get<'a>(&'a self, id: &'a ImageId) -> Pending<'a, Result<Option<StoredImage>, StoreError>>;
    /// Stores an image for `ttl` seconds; 0 is for ever.
    fn put<'a>(
        &'a self,
        id: &'a ImageId,
        record: &'a ImageRecord,
        bytes: &'a [u8],
        ttl: u64,
    ) -> Pending<'a, Result<(), StoreError>>;
    /// Removes an image, whether it is stored or not.
    fn delete<'a>(&'a self, id: &'a ImageId) -> Pending<'a, Result<(), StoreError>>;
}

/// The one place where an image is made, as the Worker sees it.
pub trait ImageMaker {
    /// Asks the maker of `order.id`.
    fn ask(&self, order: Order) -> Pending<'_, Result<Answer, Error>>;
}

/// What a maker keeps for itself (its Durable Object's storage).
pub trait MakerStorage {
    /// The value of `key`.
    fn get<'a>(&'a self, key: &'a str) -> Pending<'a, Result<Option<Vec<u8>>, StoreError>>;
    /// Sets several values at once, all or none.
    fn put(&self, values: Vec<(String, Vec<u8>)>) -> Pending<'_, Result<(), StoreError>>;
    /// Forgets everything.
    fn clear(&self) -> Pending<'_, Result<(), StoreError>>;
    /// Asks to be woken at this time, in unix milliseconds, in place of any earlier wish.
    fn wake_at(&self, at_ms: u64) -> Pending<'_, Result<(), StoreError>>;
}

/// The rotation of keys, as a maker sees it.
pub trait KeyRing {
    /// Asks for a key. An answer may take as long as the request's deadline.
    fn lease(&self, request: LeaseRequest) -> Pending<'_, Result<LeaseAnswer, StoreError>>;
    /// Gives a key back and says how it went.
    fn report(&self, report: Report) -> Pending<'_, Result<(), StoreError>>;
    /// How these keys stand.
    fn snapshot(&self, slots: Vec<Slot>) -> Pending<'_, Result<Snapshot, StoreError>>;
}

/// The limit of new images for each visitor.
pub trait RateLimiter {
    /// Counts one new image of `visitor`; `false` where that is one too many.
    fn admit<'a>(&'a self, visitor: &'a str) -> Pending<'a, bool>;
}

/// The static files.
pub trait Assets {
    /// The file at `path`, with its content type and headers.
    fn fetch<'a>(&'a self, path: &'a str) -> Pending<'a, Option<Response>>;
}

/// Time.
pub trait Clock {
    /// Unix milliseconds.
    fn now_ms(&self) -> u64;
    /// Completes after that many milliseconds.
    fn sleep(&self, ms: u64) -> Pending<'static, ()>;
}

/// Chance.
pub trait Random {
    /// 64 random bits, fit for names that must not be guessed.
    fn next_u64(&self) -> u64;
}

/// Unicode's NFC, which the platform has built in.
pub trait Normalizer {
    /// The text in normalization form C.
    fn nfc(&self, text: &str) -> String;
}

/// Work that goes on after the caller who started it has left.
pub trait Background {
    /// Drives `work` to its end.
    fn keep_alive(&self, work: Pending<'static, ()>);
}

/// The operator's log.
pub trait Log {
    /// Something is degraded, and was carried on without.
    fn warn(&self, message: &str);
}

/// What the pipeline needs of the outside.
#[derive(Clone)]
pub struct Outside {
    /// Calls to upstreams.
    pub http: Rc<dyn HttpClient>,
    /// The library; `None` where no KV is bound.
    pub store: Option<Rc<dyn ImageStore>>,
    /// The makers of images.
    pub image_maker: Rc<dyn ImageMaker>,
    /// The rotation of keys.
    pub key_ring: Rc<dyn KeyRing>,
    /// Time.
    pub clock: Rc<dyn Clock>,
    /// Chance.
    pub random: Rc<dyn Random>,
    /// The operator's log.
    pub log: Rc<dyn Log>,
}
