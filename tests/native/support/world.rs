//! The whole: the core over faked ports, and callers who ask it.

use std::cell::RefCell;
use std::rc::Rc;

use free_flux_api::app::App;
use free_flux_api::config::Config;
use free_flux_api::http::{Headers, Method, Request};
use free_flux_api::ports::lease::{Slot, Snapshot};
use free_flux_api::ports::{Assets, ImageMaker, Ports};
use free_flux_api::router;
use url::Url;

use super::http::{Answer, Call, FakeHttp};
use super::makers::Makers;
use super::reply::{Journey, Reply, TestRequest};
use super::ring::FakeRing;
use super::setup::Setup;
use super::small::{FakeAssets, FakeLimiter, FakeLog, Nfc};
use super::store::FakeStore;
use super::tasks::{Task, Tasks};
use super::upstreams::Upstream;

/// The keys of the images API, unless a test sets others.
pub(crate) const KEYS: &str = "sk-images-key-number-one,sk-images-key-number-two";
/// The key of the chat API, where a test sets it.
pub(crate) const CHAT_KEY: &str = "chat-api-key.0123456789";
/// The address of the service.
pub(crate) const HOST: &str = "https://flux.test";
/// More redirects than any answer may lead through.
const MAX_HOPS: usize = 5;

/// What the core has outside at a place, with these makers.
pub(super) type PortsAt = Rc<dyn Fn(&str, Rc<dyn ImageMaker>) -> Ports>;

/// The service, and everything around it.
pub(crate) struct TestApp {
    pub(super) config: Rc<Config>,
    pub(super) tasks: Rc<Tasks>,
    pub(crate) http: Rc<FakeHttp>,
    pub(super) store: Option<FakeStore>,
    pub(crate) ring: Rc<FakeRing>,
    pub(crate) makers: Rc<Makers>,
    pub(crate) log: Rc<FakeLog>,
    pub(super) limiter: Option<Rc<FakeLimiter>>,
    pub(super) ports: PortsAt,
    pub(super) secrets: Vec<String>,
    /// What callers were told.
    pub(super) texts: RefCell<Vec<String>>,
}

impl TestApp {
    /// A world to be furnished.
    pub(crate) fn setup() -> Setup {
        Setup::default()
    }

    /// Two keys, KV, no chat API, no limit; the images API works.
    pub(crate) fn working() -> Self {
        let world = Setup::default().build();
        world.gives_images();
        world
    }

    /// The same, and the chat API may be asked.
    pub(crate) fn with_chat() -> Self {
        let world = Setup::default().set("PROCESS_API_KEY", CHAT_KEY).build();
        world.gives_images();
        world
    }

    /// The images API and the image host do their work from now on.
    pub(crate) fn gives_images(&self) {
        self.http.then(Upstream::Image, Answer::Good);
        self.http.then(Upstream::Host, Answer::Good);
    }

    /// KV.
    pub(crate) fn store(&self) -> &FakeStore {
        self.store.as_ref().expect("a world with KV")
    }

    /// The visitors that were counted, and how often.
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

    /// Lets what is under way in the background come to its end.
    pub(crate) fn settle(&self) {
        self.tasks.advance(1_000);
    }

    /// How the keys stand.
    pub(crate) fn keys(&self) -> Snapshot {
        let slots: Vec<_> = self.config.endpoints.iter().map(Slot::from).collect();
        self.ring.stands(&slots)
    }

    pub(crate) fn image_calls(&self) -> Vec<Call> {
        self.http.calls(Upstream::Image)
    }

    pub(crate) fn chat_calls(&self) -> Vec<Call> {
        self.http.calls(Upstream::Chat)
    }

    /// Asks for `path` and waits for the answer.
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send(TestRequest::get(path))
    }

    pub(crate) fn send(&self, ask: TestRequest) -> Reply {
        let going = self.start(ask);
        self.finish(&going)
    }

    /// Asks, and goes on before the answer is there.
    pub(crate) fn start(&self, ask: TestRequest) -> Task<Reply> {
        let app = App {
            config: Rc::clone(&self.config),
            ports: (self.ports)(ask.place, self.makers.client()),
            normalizer: Rc::new(Nfc),
            assets: Some(Rc::new(FakeAssets) as Rc<dyn Assets>),
            rate_limited: self.limiter.is_some(),
        };
        let time = Rc::clone(self.tasks.time());
        self.tasks.start(async move {
            let from_ms = time.now_ms();
            let request = Request {
                method: ask.method,
                url: Url::parse(HOST).and_then(|host| host.join(&ask.path)).expect("a URL"),
                headers: Box::new(ask.headers.into_iter().collect::<Headers>()),
                body: Box::new(Vec::new()),
            };
            let response = router::handle(&app, &request).await;
            let bare = ask.method == Method::Head || matches!(response.status, 204 | 304);
            let body = if bare { Some(Vec::new()) } else { response.body.into_bytes().await };
            Reply { status: response.status, headers: response.headers, body, took_ms: time.now_ms() - from_ms }
        })
    }

    /// Waits for an answer.
    pub(crate) fn finish(&self, going: &Task<Reply>) -> Reply {
        let reply = self.tasks.finish(going);
        self.texts.borrow_mut().push(reply.text());
        reply
    }

    /// Asks, and follows where the answer leads.
    pub(crate) fn follow(&self, path: &str) -> Journey {
        let mut journey = Journey { hops: Vec::new(), last: self.get(path) };
        while let Some(target) = journey.last.header("Location").filter(|_| journey.last.status == 302) {
            assert!(journey.hops.len() < MAX_HOPS, "{path} leads in a circle: {:?}", journey.hops);
            let target = target.strip_prefix(HOST).expect("the same host").to_owned();
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
