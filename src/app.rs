//! The state that every handler gets.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::config::Config;
use crate::domain::prompt::Normalizer;
use crate::http::Request;
use crate::ports::{Analytics, Assets, Ports, RateLimiter};

/// The Worker's core: its settings and its ports to the platform.
#[derive(Clone)]
pub struct App {
    /// The settings.
    pub config: Rc<Config>,
    /// Upstreams, store, makers, time, random numbers, log.
    pub ports: Ports,
    /// Unicode's NFC.
    pub normalizer: Rc<dyn Normalizer>,
    /// The static files; `None` if they are not bound.
    pub assets: Option<Rc<dyn Assets>>,
    /// `RATE_LIMITER`, if it is bound.
    pub rate_limiter: Option<Rc<dyn RateLimiter>>,
    /// `LOOKUP_LIMITER`, if it is bound: the limit of each visitor's requests that the store cannot answer.
    pub lookup_limiter: Option<Rc<dyn RateLimiter>>,
    /// `ANALYTICS`, if it is bound.
    pub analytics: Option<Rc<dyn Analytics>>,
    /// The picture of `ERROR_IMAGE_URL`, as it was fetched last.
    pub error_picture: Rc<ErrorPicture>,
}

/// A media type, and the bytes.
pub type TypedBytes = (&'static str, Rc<[u8]>);

/// The owner's error picture: when it was last asked for, in unix milliseconds, and its media type and bytes if it was
/// had.
#[derive(Default)]
pub struct ErrorPicture {
    /// The time of the last fetch; 0 before the first.
    pub fetched_ms: Cell<u64>,
    /// What it brought.
    pub picture: RefCell<Option<TypedBytes>>,
}

impl App {
    /// Returns the origin of this service's absolute URLs.
    pub fn origin(&self, request: &Request) -> String {
        self.absolute(request, "/").trim_end_matches('/').to_owned()
    }

    /// Returns a path of this service as an absolute URL, at `PUBLIC_URL` or else on the host of the request.
    pub fn absolute(&self, request: &Request, path: &str) -> String {
        let base = self.config.public_url.as_ref().unwrap_or(&request.url);
        base.join(path).map_or_else(|_| path.to_owned(), Into::into)
    }
}
