//! What the fuzz targets share: a Worker's core with fakes around it, and what every answer must be.

use std::rc::Rc;

use free_flux_api::app::App;
use free_flux_api::config::Config;
use free_flux_api::domain::prompt::Normalizer;
use free_flux_api::domain::{ImageId, ImageRecord, ImageRequest, Pixels, PromptStatus, RequestFingerprint};
use free_flux_api::error::{ERROR_KINDS, Error};
use free_flux_api::http::{Body, Headers, IncomingResponse, Method, OutgoingRequest, Request, Response, SendError};
use free_flux_api::ports::lease::{LeaseReply, LeaseRequest, Report, Slot, Snapshot};
use free_flux_api::ports::maker::{MakerCommand, MakerReply, MakerRequest, Origin};
use free_flux_api::ports::tally::QuotaRequest;
use free_flux_api::ports::{
    Clock, HttpClient, ImageMaker, ImageStore, KeyRing, Log, Ports, Random, StoreError, StoredImage, StoredPage,
};
use free_flux_api::router;
use futures_executor::block_on;
use futures_util::future::LocalBoxFuture;
use unicode_normalization::UnicodeNormalization as _;
use url::Url;

/// Where the service is.
pub const HOST: &str = "https://flux.test";
/// A valid token of [`app`].
pub const TOKEN: &str = "token-of-the-owner";
/// The signing key of [`app`].
pub const SIGNING_KEY: &str = "signing-key-of-the-owner";
/// What the clock says, in unix milliseconds.
const NOW_MS: u64 = 1_780_000_000_000;

/// Everything outside, in one: upstreams that cannot be reached, an empty store, a maker that makes everything.
pub struct Fake;

impl HttpClient for Fake {
    fn send(&self, _: OutgoingRequest) -> LocalBoxFuture<'_, Result<IncomingResponse, SendError>> {
        Box::pin(async { Err(SendError::Connection) })
    }
}

impl ImageStore for Fake {
    fn get<'a>(&'a self, _: &'a ImageId) -> LocalBoxFuture<'a, Result<Option<StoredImage>, StoreError>> {
        Box::pin(async { Ok(None) })
    }

    fn put<'a>(
        &'a self,
        _: &'a ImageId,
        _: &'a ImageRecord,
        _: &'a [u8],
        _: u64,
    ) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn delete<'a>(&'a self, _: &'a ImageId) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn list<'a>(&'a self, _: u32, _: Option<&'a str>) -> LocalBoxFuture<'a, Result<StoredPage, StoreError>> {
        Box::pin(async { Ok(StoredPage { images: Vec::new(), cursor: None }) })
    }
}

impl ImageMaker for Fake {
    fn ask(&self, request: MakerRequest) -> LocalBoxFuture<'_, Result<MakerReply, Error>> {
        use MakerCommand::{Create, CreateWithBytes, Refresh};
        let reply = match (request.refusal, request.request) {
            (Some(refusal), _) => Err(refusal),
            (None, Some(image)) if matches!(request.command, Create | CreateWithBytes | Refresh) => Ok(made(&image)),
            _ => Ok(MakerReply::absent(request.id)),
        };
        Box::pin(async { reply })
    }
}

/// The reply of a maker that made the requested image.
fn made(request: &ImageRequest) -> MakerReply {
    let record = ImageRecord {
        content_type: "image/png".into(),
        bytes: 4,
        pixels: Some(Pixels::from(request.size)),
        model: request.model.clone(),
        seed: Some(1),
        prompt: request.prompt.as_str().to_owned(),
        status: PromptStatus::Translated,
        url: Some("https://images.test/a.png".into()),
        time: NOW_MS / 1_000,
        refreshed: false,
        asked: RequestFingerprint::of(request),
    };
    MakerReply {
        origin: Origin::Made,
        id: request.id(),
        record: Some(record.truncated_to_metadata_limit()),
        body: Body::Bytes(b"PNG!".to_vec()),
        timing: "generate;dur=1".into(),
    }
}

impl KeyRing for Fake {
    fn lease(&self, _: LeaseRequest) -> LocalBoxFuture<'_, Result<LeaseReply, StoreError>> {
        Box::pin(async { Ok(LeaseReply::Queued) })
    }

    fn report(&self, _: Report) -> LocalBoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn snapshot(&self, _: Vec<Slot>) -> LocalBoxFuture<'_, Result<Snapshot, StoreError>> {
        Box::pin(async { Ok(Snapshot::default()) })
    }

    fn acquire(&self, _: QuotaRequest) -> LocalBoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(async { Ok(true) })
    }

    fn stats(&self, _: Vec<Slot>) -> LocalBoxFuture<'_, Result<serde_json::Value, StoreError>> {
        Box::pin(async { Err(StoreError("there is no ring".into())) })
    }
}

impl Clock for Fake {
    fn now_ms(&self) -> u64 {
        NOW_MS
    }

    fn sleep(&self, _: u64) -> LocalBoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

impl Random for Fake {
    fn next_u64(&self) -> u64 {
        0xFEED_0000_0000_0001
    }
}

impl Normalizer for Fake {
    fn nfc(&self, text: &str) -> String {
        text.nfc().collect()
    }
}

impl Log for Fake {
    fn warn(&self, _: &str) {}
}

/// The core of a service that is open to all, or one that wants tokens and signatures.
pub fn app(closed: bool) -> App {
    let config = Config::from_lookup(
        &|name| match name {
            "IMAGE_API_KEYS" | "PROCESS_API_KEY" => Some("key-of-an-upstream".into()),
            "ACCESS_TOKENS" => Some(TOKEN.into()).filter(|_| closed),
            "URL_SIGNING_KEY" => Some(SIGNING_KEY.into()).filter(|_| closed),
            "ALLOWED_REFERERS" => Some("example.com".into()).filter(|_| closed),
            _ => None,
        },
        false,
    );
    let ports = Ports {
        http: Rc::new(Fake),
        ai: None,
        store: Some(Rc::new(Fake)),
        image_maker: Rc::new(Fake),
        key_ring: Rc::new(Fake),
        clock: Rc::new(Fake),
        random: Rc::new(Fake),
        log: Rc::new(Fake),
        memory: Rc::default(),
    };
    App {
        config: Rc::new(config),
        ports,
        normalizer: Rc::new(Fake),
        assets: None,
        rate_limiter: None,
        lookup_limiter: None,
        analytics: None,
        error_picture: Rc::default(),
    }
}

/// Sends a request, and checks that its answer is one that the contract knows.
pub fn ask(app: &App, method: Method, url: Url, headers: Headers, body: Vec<u8>) {
    let request = Request { method, url, headers: Box::new(headers), body: Box::new(body) };
    check(&request, block_on(router::handle(app, &request)));
}

fn check(request: &Request, response: Response) {
    let (status, headers) = (response.status, response.headers);
    for (name, value) in headers.iter() {
        assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{name}: {value:?}");
    }
    let header = |name| headers.get(name).unwrap_or_default();
    assert!(header("Content-Security-Policy").contains("default-src 'none'"));
    assert_eq!(header("X-Content-Type-Options"), "nosniff");
    if let Some(location) = headers.get("Location") {
        assert!(location.starts_with(HOST) && location.len() <= 8_000, "{location}");
    }
    let body = block_on(response.body.into_bytes()).expect("bytes are not a stream");
    if header("Content-Type").starts_with("image/svg") {
        well_formed(std::str::from_utf8(&body).expect("an SVG is UTF-8"));
    }
    let Some(code) = headers.get("X-Error-Code") else {
        assert!(matches!(status, 200 | 204 | 302 | 304), "{status}");
        return;
    };
    assert!(ERROR_KINDS.iter().any(|kind| (kind.code(), kind.status()) == (code, status)), "{status} {code}");
    // Without its static files, `/` has no page; nothing else here is the service's own fault.
    assert!(status < 500 || (request.url.path() == "/" && code == "misconfigured"), "{status} {code}");
    if header("Content-Type").starts_with("application/json") {
        let envelope: serde_json::Value = serde_json::from_slice(&body).expect("an error is JSON");
        let fields = envelope["error"].as_object().expect("an error is an object");
        assert!(["message", "type", "param", "code"].iter().all(|name| fields.contains_key(*name)));
        assert_eq!(fields["code"], code);
    }
}

/// That a picture is XML, with no script in it and nothing that is loaded from elsewhere.
pub fn well_formed(svg: &str) {
    let document = roxmltree::Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        assert!(!["script", "foreignObject", "image", "use", "a", "iframe"].contains(&node.tag_name().name()), "{svg}");
        for attribute in node.attributes() {
            let name = attribute.name();
            assert!(!name.starts_with("on") && !name.ends_with("href"), "{svg}");
        }
    }
}
