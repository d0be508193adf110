//! The state that every handler gets.

use std::rc::Rc;

use crate::config::Config;
use crate::domain::prompt::Normalizer;
use crate::http::Request;
use crate::ports::{Assets, Ports};

/// The Worker's core: its settings and its ports to the platform.
pub struct App {
    /// The settings.
    pub config: Rc<Config>,
    /// Upstreams, store, makers, time, random numbers, log.
    pub ports: Ports,
    /// Unicode's NFC.
    pub normalizer: Rc<dyn Normalizer>,
    /// The static files; `None` if they are not bound.
    pub assets: Option<Rc<dyn Assets>>,
    /// True if `RATE_LIMITER` is bound; shown by `/health`.
    pub rate_limited: bool,
}

impl App {
    /// Returns a path of this service as an absolute URL, on the host of the request.
    pub fn absolute(&self, request: &Request, path: &str) -> String {
        request.url.join(path).map_or_else(|_| path.to_owned(), Into::into)
    }
}
