//! The state that every handler gets.

use std::rc::Rc;

use crate::config::Config;
use crate::domain::prompt::Normalizer;
use crate::http::Request;
use crate::ports::{Assets, Ports};

/// The Worker's core: its settings and what it needs of the platform.
pub struct App {
    /// The settings.
    pub config: Rc<Config>,
    /// Upstreams, store, makers, time, random numbers, log.
    pub ports: Ports,
    /// Unicode's NFC.
    pub normalizer: Rc<dyn Normalizer>,
    /// The static files; `None` where they are not bound.
    pub assets: Option<Rc<dyn Assets>>,
    /// Whether `RATE_LIMITER` is bound, for `/health`.
    pub rate_limited: bool,
}

impl App {
    /// A path of this service as an absolute URL, on the host that the caller asked.
    pub fn absolute(&self, request: &Request, path: &str) -> String {
        request.url.join(path).map_or_else(|_| path.to_owned(), Into::into)
    }
}
