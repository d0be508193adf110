//! Assembles the core from the deployment's bindings and settings.

use std::cell::OnceCell;
use std::rc::Rc;

use worker::Env;

use super::ai::BoundAi;
use super::analytics::BoundDataSet;
use super::assets::StaticAssets;
use super::env::{bound, setting};
use super::fetch::FetchClient;
use super::kv::KvStore;
use super::object_namespace::DurableObjectNamespace;
use super::rate_limiter::BoundLimiter;
use super::runtime::{JsNormalizer, JsRandom, SystemClock, WorkerLog};
use crate::app::App;
use crate::config::Config;
use crate::image_maker::client::MakerClient;
use crate::key_ring::client::KeyRingClient;
use crate::pipeline::remembered_store::RememberedStore;
use crate::ports::object_call::ObjectNamespace;
use crate::ports::{Analytics, Assets, Clock, ImageStore, Log, Ports, RateLimiter, WorkersAi};

/// The image store.
const STORE: &str = "FLUX_API";
/// Workers AI.
const AI: &str = "AI";
/// The static files.
const ASSETS: &str = "ASSETS";
/// The limit of new images for each visitor.
const RATE_LIMITER: &str = "RATE_LIMITER";
/// The limit of each visitor's requests that the store cannot answer.
const LOOKUP_LIMITER: &str = "LOOKUP_LIMITER";
/// The data set of hits.
const ANALYTICS: &str = "ANALYTICS";
/// The makers.
const IMAGE_MAKER: &str = "IMAGE_MAKER";
/// The key ring.
const KEY_RING: &str = "KEY_RING";

thread_local! {
    /// The settings and bindings of a deployment never change, so an isolate reads them once. Reading them for each
    /// request would be 2 % of the cost of a hit, and each object would keep its own copy.
    static APP: OnceCell<Rc<App>> = const { OnceCell::new() };
}

/// The Worker's core.
pub(super) fn app(env: &Env) -> Rc<App> {
    APP.with(|known| Rc::clone(known.get_or_init(|| Rc::new(new_app(env)))))
}

fn limiter(env: &Env, name: &str) -> Option<Rc<dyn RateLimiter>> {
    bound(env, name).map(|limiter| Rc::new(BoundLimiter(limiter)) as Rc<dyn RateLimiter>)
}

fn new_app(env: &Env) -> App {
    let ai = bound(env, AI).map(|ai| Rc::new(BoundAi(ai)) as Rc<dyn WorkersAi>);
    let config = Rc::new(Config::from_lookup(&|name| setting(env, name), ai.is_some()));
    App {
        ports: ports(env, &config, ai),
        config,
        normalizer: Rc::new(JsNormalizer),
        assets: bound(env, ASSETS).map(|files| Rc::new(StaticAssets(files)) as Rc<dyn Assets>),
        rate_limiter: limiter(env, RATE_LIMITER),
        lookup_limiter: limiter(env, LOOKUP_LIMITER),
        analytics: bound(env, ANALYTICS).map(|set| Rc::new(BoundDataSet(set)) as Rc<dyn Analytics>),
        error_picture: Rc::default(),
    }
}

fn ports(env: &Env, config: &Config, ai: Option<Rc<dyn WorkersAi>>) -> Ports {
    let clock: Rc<dyn Clock> = Rc::new(SystemClock);
    let log: Rc<dyn Log> = Rc::new(WorkerLog);
    let makers = objects(env, IMAGE_MAKER);
    let makers = MakerClient::new(makers, Rc::clone(&clock), Rc::clone(&log), config.generation_timeout_ms);
    Ports {
        http: Rc::new(FetchClient),
        ai,
        store: bound(env, STORE)
            .map(|kv| Rc::new(RememberedStore::new(Rc::new(KvStore(kv)), Rc::clone(&clock))) as Rc<dyn ImageStore>),
        image_maker: Rc::new(makers),
        key_ring: Rc::new(KeyRingClient::new(objects(env, KEY_RING), Rc::clone(&clock))),
        clock,
        random: Rc::new(JsRandom),
        log,
        memory: Rc::default(),
    }
}

/// The namespace that is bound as `name`.
fn objects(env: &Env, name: &str) -> Option<Rc<dyn ObjectNamespace>> {
    bound::<DurableObjectNamespace>(env, name).map(|objects| Rc::new(objects) as Rc<dyn ObjectNamespace>)
}
