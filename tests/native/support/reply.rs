//! Requests of callers and their replies.

use free_flux_api::http::{Headers, Method, Request};
use url::Url;

use super::test_app::HOST;

/// A caller's request.
#[derive(Clone)]
pub(crate) struct TestRequest {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    pub(super) place: &'static str,
}

impl TestRequest {
    pub(crate) fn get(path: &str) -> Self {
        Self::of(Method::Get, path)
    }

    pub(crate) fn head(path: &str) -> Self {
        Self::of(Method::Head, path)
    }

    pub(crate) fn of(method: Method, path: &str) -> Self {
        Self { method, path: path.to_owned(), headers: Vec::new(), body: Vec::new(), place: "here" }
    }

    /// A `POST` of JSON.
    pub(crate) fn post(path: &str, body: &serde_json::Value) -> Self {
        Self::post_text(path, &body.to_string())
    }

    pub(crate) fn post_text(path: &str, body: &str) -> Self {
        Self { body: body.as_bytes().to_vec(), ..Self::of(Method::Post, path) }
    }

    /// The request as the core gets it.
    pub(super) fn sent(self) -> Request {
        Request {
            method: self.method,
            url: Url::parse(&format!("{HOST}{}", self.path)).expect("a URL"),
            headers: Box::new(self.headers.into_iter().collect::<Headers>()),
            body: Box::new(self.body),
        }
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same from another location, where KV has not been read yet.
    pub(crate) fn from(mut self, place: &'static str) -> Self {
        self.place = place;
        self
    }
}

/// The reply to a caller.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    /// `None` if it broke off.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) took_ms: u64,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    /// The image's id, from the headers.
    pub(crate) fn id(&self) -> String {
        self.header("X-Image-Id").unwrap_or_else(|| panic!("no image: {self:?}")).to_owned()
    }

    /// The status, and an error's code.
    pub(crate) fn outcome(&self) -> String {
        self.header("X-Error-Code").map_or_else(|| self.status.to_string(), |code| format!("{} {code}", self.status))
    }

    /// The target of a redirect, which is relative: a path on this host.
    pub(crate) fn target(&self) -> String {
        assert_eq!(self.status, 302, "{}", self.text());
        let target = self.header("Location").expect("a target");
        assert!(target.starts_with('/') && !target.starts_with("//"), "{target}");
        target.to_owned()
    }

    /// The body, which must be complete.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.body.as_deref().expect("a whole body")
    }

    /// The status, the headers and the body as one text.
    pub(crate) fn text(&self) -> String {
        let fields: Vec<_> = self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let body = String::from_utf8_lossy(self.body.as_deref().unwrap_or_default());
        format!("{}\n{}\n{body}", self.status, fields.join("\n"))
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(self.bytes()).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }
}

/// A request with the redirects that it followed.
pub(crate) struct Journey {
    pub(crate) hops: Vec<String>,
    pub(crate) last: Reply,
}
