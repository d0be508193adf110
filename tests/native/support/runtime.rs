//! Fakes of the runtime's small ports: random numbers, Unicode, the log, the rate limit, the static files, background
//! work.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use free_flux_api::domain::prompt::Normalizer;
use free_flux_api::http::{Body, BodyStream, Response};
use free_flux_api::ports::{Analytics, Assets, Background, Log, Random, RateLimiter};
use futures_util::future::AbortHandle;
use futures_util::future::LocalBoxFuture;
use unicode_normalization::UnicodeNormalization as _;

use super::tasks::Tasks;
use super::time::Time;

/// Random numbers that are the same in each run (`SplitMix64`).
pub(crate) struct Seeded(Cell<u64>);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    /// True for `percent` of all calls.
    pub(crate) fn happens(&self, percent: u64) -> bool {
        self.next_u64() % 100 < percent
    }
}

impl Random for Seeded {
    fn next_u64(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// NFC by Unicode's own tables.
pub(crate) struct Nfc;

impl Normalizer for Nfc {
    fn nfc(&self, text: &str) -> String {
        text.nfc().collect()
    }
}

/// A log whose lines can be read.
#[derive(Default)]
pub(crate) struct FakeLog(RefCell<Vec<String>>);

impl FakeLog {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.borrow().clone()
    }
}

impl Log for FakeLog {
    fn warn(&self, message: &str) {
        self.0.borrow_mut().push(message.to_owned());
    }
}

/// A limit of new images per minute for each visitor; it records the counted visitors.
pub(crate) struct FakeLimiter {
    time: Rc<Time>,
    per_minute: usize,
    counted: RefCell<BTreeMap<String, Vec<u64>>>,
}

impl FakeLimiter {
    pub(super) fn new(time: Rc<Time>, per_minute: usize) -> Self {
        Self { time, per_minute, counted: RefCell::default() }
    }

    /// The counted visitors, and the count of each.
    pub(crate) fn counted(&self) -> Vec<(String, usize)> {
        self.counted.borrow().iter().map(|(visitor, times)| (visitor.clone(), times.len())).collect()
    }
}

impl RateLimiter for FakeLimiter {
    fn try_acquire<'a>(&'a self, visitor: &'a str) -> LocalBoxFuture<'a, bool> {
        let now_ms = self.time.now_ms();
        let mut counted = self.counted.borrow_mut();
        let times = counted.entry(visitor.to_owned()).or_default();
        times.push(now_ms);
        let recent = times.iter().filter(|time| now_ms - **time < 60_000).count();
        let admitted = recent <= self.per_minute;
        Box::pin(async move { admitted })
    }
}

/// The usage page, and no other file.
pub(super) struct FakeAssets;

impl Assets for FakeAssets {
    fn fetch<'a>(&'a self, path: &'a str) -> LocalBoxFuture<'a, Option<Response>> {
        let page = || {
            Response::new(200)
                .with("Content-Type", "text/html; charset=utf-8")
                .body(Body::Text("<!doctype html>".into()))
        };
        Box::pin(async move { (path == "/docs/").then(page) })
    }
}

/// The data points about hits.
#[derive(Default)]
pub(crate) struct FakeAnalytics(RefCell<Vec<(String, String, u16)>>);

impl FakeAnalytics {
    /// The points so far.
    pub(crate) fn take(&self) -> Vec<(String, String, u16)> {
        self.0.take()
    }
}

impl Analytics for FakeAnalytics {
    fn hit(&self, id: &str, cache: &str, status: u16) {
        self.0.borrow_mut().push((id.to_owned(), cache.to_owned(), status));
    }
}

/// Background work, which runs as long as its object lives.
pub(super) struct FakeBackground {
    pub(super) tasks: Rc<Tasks>,
    pub(super) life: Rc<RefCell<Vec<AbortHandle>>>,
}

impl Background for FakeBackground {
    fn keep_alive(&self, work: LocalBoxFuture<'static, ()>) {
        let handle = self.tasks.spawn(work);
        self.life.borrow_mut().push(handle);
    }
}

/// Bytes as a platform's stream, which the core passes through; `None` breaks off on the way.
pub(crate) struct Streamed(pub(crate) Option<Vec<u8>>);

impl Streamed {
    pub(crate) fn body(bytes: Option<Vec<u8>>) -> Body {
        Body::Stream(Box::new(Self(bytes)))
    }
}

impl BodyStream for Streamed {
    fn into_bytes(self: Box<Self>) -> LocalBoxFuture<'static, Option<Vec<u8>>> {
        Box::pin(async move { self.0 })
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
