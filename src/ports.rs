//! The core's interfaces to the platform: one small trait for each external dependency.
//!
//! Futures are boxed and need not be `Send`: WebAssembly has one thread, and boxed futures make the traits usable as
//! `dyn`, so that the core is compiled once for all platforms.

pub mod isolate_memory;
pub mod lease;
pub mod maker;
pub mod object_call;
pub mod progress;
pub mod tally;
pub mod timeout;

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use crate::domain::{ImageId, ImageRecord};
use crate::error::Error;
use crate::http::{AiCall, Body, IncomingResponse, OutgoingRequest, Response, SendError, UpstreamCall};

use self::isolate_memory::IsolateMemory;
use self::lease::{LeaseReply, LeaseRequest, Place, Report, Slot, Snapshot};
use self::maker::{MakerReply, MakerRequest};
use self::progress::Listener;
use self::tally::QuotaRequest;

/// Calls to upstreams.
pub trait HttpClient {
    /// Sends a request and reads the whole response, within the request's own limits of time and size. Redirects are
    /// not followed.
    fn send(&self, request: OutgoingRequest) -> LocalBoxFuture<'_, Result<IncomingResponse, SendError>>;
}

/// Workers AI by the binding `AI`.
pub trait WorkersAi {
    /// Runs a model within the call's own limits of time and size. A binding that rejects is an answer with status 500,
    /// whose body is `{"message":"…"}` with the text of the rejection, which begins with a code: `4006: …`.
    fn run(&self, call: AiCall) -> LocalBoxFuture<'_, Result<IncomingResponse, SendError>>;
}

/// A failed operation of a store or an object. It holds the platform's message, for the log only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// A stored image: its record and its bytes.
pub struct StoredImage {
    /// The record.
    pub record: ImageRecord,
    /// The bytes, or a stream of them.
    pub body: Body,
}

/// A page of the list of stored images.
pub struct StoredPage {
    /// The images, in the store's own order; one whose record cannot be read is passed over.
    pub images: Vec<(ImageId, ImageRecord)>,
    /// The cursor of the next page; `None` at the end of the list.
    pub cursor: Option<String>,
}

/// The store of images (KV `FLUX_API`).
pub trait ImageStore {
    /// Reads the image `id`; `None` if it is not stored.
    fn get<'a>(&'a self, id: &'a ImageId) -> LocalBoxFuture<'a, Result<Option<StoredImage>, StoreError>>;
    /// Stores an image for `ttl` seconds; 0 means forever.
    fn put<'a>(
        &'a self,
        id: &'a ImageId,
        record: &'a ImageRecord,
        bytes: &'a [u8],
        ttl: u64,
    ) -> LocalBoxFuture<'a, Result<(), StoreError>>;
    /// Removes an image. It is no error if the image is not stored.
    fn delete<'a>(&'a self, id: &'a ImageId) -> LocalBoxFuture<'a, Result<(), StoreError>>;
    /// Lists up to `limit` images; those of the first page without a `cursor`.
    fn list<'a>(&'a self, limit: u32, cursor: Option<&'a str>) -> LocalBoxFuture<'a, Result<StoredPage, StoreError>>;
    /// Hears that `image`, which was made anew elsewhere, takes the place of what is stored as `id`; returns it. A store
    /// that remembers pictures forgets the old one.
    fn renew<'a>(
        &'a self,
        _id: &'a ImageId,
        image: StoredImage,
    ) -> LocalBoxFuture<'a, Result<StoredImage, StoreError>> {
        Box::pin(async { Ok(image) })
    }
}

/// A client of the image makers, as the Worker uses it. Each image has one maker.
pub trait ImageMaker {
    /// Sends a request to the maker of `request.id`. A listener is told the events of the image's making before the reply.
    fn ask<'a>(
        &'a self,
        request: MakerRequest,
        listener: Listener<'a>,
    ) -> LocalBoxFuture<'a, Result<MakerReply, Error>>;
}

/// The storage of a Durable Object.
pub trait ObjectStorage {
    /// Reads the value of `key`.
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, StoreError>>;
    /// Sets several values atomically.
    fn put(&self, values: Vec<(String, Vec<u8>)>) -> LocalBoxFuture<'_, Result<(), StoreError>>;
    /// Sets a value without delaying responses until it is on disk: a crash within milliseconds loses it.
    fn put_unconfirmed<'a>(&'a self, key: &'a str, value: Vec<u8>) -> LocalBoxFuture<'a, Result<(), StoreError>>;
    /// Removes everything, the alarm included.
    fn clear(&self) -> LocalBoxFuture<'_, Result<(), StoreError>>;
    /// Sets the alarm to this time, in unix milliseconds, replacing any earlier alarm.
    fn set_alarm(&self, at_ms: u64) -> LocalBoxFuture<'_, Result<(), StoreError>>;
}

/// A client of the key ring, as a maker uses it.
pub trait KeyRing {
    /// Requests a key. The reply may take until the request's deadline; before it, a caller in line is told its place, at
    /// most once a second.
    fn lease<'a>(
        &'a self,
        request: LeaseRequest,
        tell: &'a dyn Fn(Place),
    ) -> LocalBoxFuture<'a, Result<LeaseReply, StoreError>>;
    /// Returns a key and reports the outcome of the call.
    fn report(&self, report: Report) -> LocalBoxFuture<'_, Result<(), StoreError>>;
    /// Counts the states of these keys.
    fn snapshot(&self, slots: Vec<Slot>) -> LocalBoxFuture<'_, Result<Snapshot, StoreError>>;
    /// Requests a picture of a quota; `false` if the account has had its pictures of the day.
    fn acquire(&self, request: QuotaRequest) -> LocalBoxFuture<'_, Result<bool, StoreError>>;
    /// The counts of the last days, and the states of keys, as JSON for the owner.
    fn stats(&self, slots: Vec<Slot>) -> LocalBoxFuture<'_, Result<serde_json::Value, StoreError>>;
}

/// A rate limit for each visitor: of new images, or of look-ups.
pub trait RateLimiter {
    /// Counts one request of `visitor`; `false` if that exceeds the limit.
    fn try_acquire<'a>(&'a self, visitor: &'a str) -> LocalBoxFuture<'a, bool>;
}

/// Data points about hits, where the owner wants them.
pub trait Analytics {
    /// Writes that the image `id` was served, with the value of `X-Cache` and the status.
    fn hit(&self, id: &str, cache: &str, status: u16);
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
    /// Returns 64 random bits, suitable for unguessable names.
    fn next_u64(&self) -> u64;
}

/// Work that continues after its caller has left.
pub trait Background {
    /// Drives `work` to its end.
    fn keep_alive(&self, work: LocalBoxFuture<'static, ()>);
}

/// The operator's log.
pub trait Log {
    /// Logs that an operation failed and the service continued without it.
    fn warn(&self, message: &str);
}

/// The pipeline's ports to the platform.
#[derive(Clone)]
pub struct Ports {
    /// Calls to upstreams.
    pub http: Rc<dyn HttpClient>,
    /// Workers AI; `None` where it is not bound, or is switched off.
    pub ai: Option<Rc<dyn WorkersAi>>,
    /// The store of images; `None` if KV is not bound.
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
    /// What this isolate remembers.
    pub memory: Rc<IsolateMemory>,
}

impl Ports {
    /// Makes a call to an upstream.
    ///
    /// # Errors
    /// It brought no whole answer; [`SendError::Connection`] where the way is not bound.
    pub async fn send(&self, call: UpstreamCall) -> Result<IncomingResponse, SendError> {
        match (call, &self.ai) {
            (UpstreamCall::Http(request), _) => self.http.send(request).await,
            (UpstreamCall::Ai(call), Some(ai)) => ai.run(call).await,
            (UpstreamCall::Ai(_), None) => Err(SendError::Connection),
        }
    }
}
