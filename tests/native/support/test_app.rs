//! The test app: the core with faked ports, and functions that send requests to it.

use std::cell::RefCell;
use std::rc::Rc;

use free_flux_api::app::{App, ErrorPicture};
use free_flux_api::config::Config;
use free_flux_api::http::{Headers, Method, Request};
use free_flux_api::ports::lease::{Slot, Snapshot};
use free_flux_api::ports::{Analytics, Assets, ImageMaker, Ports, RateLimiter};
use free_flux_api::router;
use url::Url;

use super::http::{Answer, Call, FakeHttp};
use super::makers::Makers;
use super::reply::{Journey, Reply, TestRequest};
use super::ring::FakeRing;
use super::runtime::{FakeAnalytics, FakeAssets, FakeLimiter, FakeLog, Nfc};
use super::setup::Setup;
use super::store::FakeStore;
use super::tasks::{Task, Tasks};
use super::upstreams::Upstream;

/// The keys of the images API, unless a test sets others.
pub(crate) const KEYS: &str = "sk-images-key-number-one,sk-images-key-number-two";
/// The key of the chat API, where a test sets it.
pub(crate) const CHAT_KEY: &str = "chat-api-key.0123456789";
/// The address of the service.
pub(crate) const HOST: &str = "https://flux.test";
/// The maximum number of redirects.
const MAX_HOPS: usize = 5;

/// The core's ports at a location, with these makers.
pub(super) type PortsAt = Rc<dyn Fn(&str, Rc<dyn ImageMaker>) -> Ports>;

/// The service with its fakes.
pub(crate) struct TestApp {
    pub(super) config: Rc<Config>,
    pub(super) tasks: Rc<Tasks>,
    pub(crate) http: Rc<FakeHttp>,
    pub(super) store: Option<FakeStore>,
    pub(crate) ring: Rc<FakeRing>,
    pub(crate) makers: Rc<Makers>,
    pub(crate) log: Rc<FakeLog>,
    pub(super) limiter: Option<Rc<FakeLimiter>>,
    pub(super) lookup_limiter: Option<Rc<FakeLimiter>>,
    /// The hits that were counted.
    pub(crate) hits: Rc<FakeAnalytics>,
    /// The memory of the one isolate.
    pub(super) error_picture: Rc<ErrorPicture>,
    pub(super) ports: PortsAt,
    pub(super) secrets: Vec<String>,
    /// The bodies of all replies, to be searched for secrets.
    pub(super) texts: RefCell<Vec<String>>,
}

impl TestApp {
    /// The configuration of a new app.
    pub(crate) fn setup() -> Setup {
        Setup::default()
    }

    /// Two keys, KV, no chat API, no limit; the images API works.
    pub(crate) fn working() -> Self {
        let app = Setup::default().build();
        app.gives_images();
        app
    }

    /// The same with a chat API.
    pub(crate) fn with_chat() -> Self {
        let app = Setup::default().set("PROCESS_API_KEY", CHAT_KEY).build();
        app.gives_images();
        app
    }

    /// From now on the images API and the image host work.
    pub(crate) fn gives_images(&self) {
        self.http.then(Upstream::Image, Answer::Good);
        self.http.then(Upstream::Host, Answer::Good);
    }

    /// The fake of KV.
    pub(crate) fn store(&self) -> &FakeStore {
        self.store.as_ref().expect("an app with KV")
    }

    /// The counted visitors, and the count of each.
    pub(crate) fn counted(&self) -> Vec<(String, usize)> {
        self.limiter.as_ref().map(|limiter| limiter.counted()).unwrap_or_default()
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.tasks.time().now_ms()
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, ms: u64) {
        self.tasks.advance(ms);
    }

    /// Lets running background work finish.
    pub(crate) fn settle(&self) {
        self.tasks.advance(1_000);
    }

    /// The number of keys in each state.
    pub(crate) fn keys(&self) -> Snapshot {
        let slots: Vec<_> = self.config.endpoints.iter().map(Slot::from).collect();
        self.ring.snapshot(&slots)
    }

    pub(crate) fn image_calls(&self) -> Vec<Call> {
        self.http.calls(Upstream::Image)
    }

    pub(crate) fn chat_calls(&self) -> Vec<Call> {
        self.http.calls(Upstream::Chat)
    }

    /// Requests `path` and waits for the reply.
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send(TestRequest::get(path))
    }

    pub(crate) fn send(&self, request: TestRequest) -> Reply {
        let task = self.start(request);
        self.finish(&task)
    }

    /// Sends a request without waiting for the reply.
    pub(crate) fn start(&self, request: TestRequest) -> Task<Reply> {
        let app = App {
            config: Rc::clone(&self.config),
            ports: (self.ports)(request.place, self.makers.client()),
            normalizer: Rc::new(Nfc),
            assets: Some(Rc::new(FakeAssets) as Rc<dyn Assets>),
            rate_limiter: self.limiter.clone().map(|limiter| limiter as Rc<dyn RateLimiter>),
            lookup_limiter: self.lookup_limiter.clone().map(|limiter| limiter as Rc<dyn RateLimiter>),
            analytics: Some(Rc::clone(&self.hits) as Rc<dyn Analytics>),
            error_picture: self.error_picture.clone(),
        };
        let time = Rc::clone(self.tasks.time());
        self.tasks.start(async move {
            let from_ms = time.now_ms();
            let http_request = Request {
                method: request.method,
                url: Url::parse(&format!("{HOST}{}", request.path)).expect("a URL"),
                headers: Box::new(request.headers.into_iter().collect::<Headers>()),
                body: Box::new(request.body),
            };
            let response = router::handle(&app, &http_request).await;
            let bare = request.method == Method::Head || matches!(response.status, 204 | 304);
            let body = if bare { Some(Vec::new()) } else { response.body.into_bytes().await };
            Reply { status: response.status, headers: response.headers, body, took_ms: time.now_ms() - from_ms }
        })
    }

    /// Waits for a reply.
    pub(crate) fn finish(&self, task: &Task<Reply>) -> Reply {
        let reply = self.tasks.finish(task);
        self.texts.borrow_mut().push(reply.text());
        reply
    }

    /// Sends a request, and follows redirects.
    pub(crate) fn follow(&self, path: &str) -> Journey {
        let mut journey = Journey { hops: Vec::new(), last: self.get(path) };
        while journey.last.status == 302 {
            assert!(journey.hops.len() < MAX_HOPS, "{path} leads in a circle: {:?}", journey.hops);
            let target = journey.last.target();
            journey.last = self.get(&target);
            journey.hops.push(target);
        }
        journey
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.http.finish();
        for text in self.log.lines().iter().chain(&*self.texts.borrow()) {
            for secret in &self.secrets {
                assert!(!text.contains(secret.as_str()), "a secret is told: {text}");
            }
        }
    }
}
