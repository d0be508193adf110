//! What the owner bound and set, made into what the core needs.

use std::cell::OnceCell;
use std::rc::Rc;

use worker::js_sys::Reflect;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{Env, console_warn};

use super::assets::StaticAssets;
use super::fetch::Fetcher;
use super::image_maker::MakerClient;
use super::key_ring::RingClient;
use super::kv::KvLibrary;
use super::small::{Chance, JavaScriptNormalizer, Limiter, SystemClock, WorkerLog};
use crate::app::App;
use crate::config::Config;
use crate::ports::{Assets, ImageStore, Outside, RateLimiter};

/// The library.
const LIBRARY: &str = "FLUX_API";
/// The static files.
const ASSETS: &str = "ASSETS";
/// The limit of new images for each visitor.
const RATE_LIMITER: &str = "RATE_LIMITER";
/// The makers.
pub(super) const IMAGE_MAKER: &str = "IMAGE_MAKER";
/// The key ring.
pub(super) const KEY_RING: &str = "KEY_RING";

thread_local! {
    /// The settings and bindings of a deployment never change, and belong to no request: an isolate looks for them
    /// once. To do it for each request is 2 % of what a hit costs, and each object would keep its own.
    static APP: OnceCell<Rc<App>> = const { OnceCell::new() };
}

/// What is bound as `name`; `None` where nothing is. `worker`'s own look-up compares the names of classes, for each
/// request and each binding.
pub(super) fn bound<T: JsCast>(env: &Env, name: &str) -> Option<T> {
    let binding = Reflect::get(env, &JsValue::from_str(name)).ok()?;
    binding.is_object().then(|| binding.unchecked_into())
}

/// A variable or secret, which `wrangler.toml` may also have as a number, a boolean or JSON.
fn setting(env: &Env, name: &str) -> Option<String> {
    let value = Reflect::get(env, &JsValue::from_str(name)).ok()?;
    if value.is_undefined() || value.is_null() {
        return None;
    }
    value.as_string().or_else(|| worker::js_sys::JSON::stringify(&value).ok().map(String::from))
}

/// The Worker's core.
pub(super) fn app(env: &Env) -> Rc<App> {
    APP.with(|known| Rc::clone(known.get_or_init(|| Rc::new(new_app(env)))))
}

fn new_app(env: &Env) -> App {
    let config = Rc::new(Config::from_lookup(&|name| setting(env, name)));
    App {
        outside: outside(env, &config),
        config,
        normalizer: Rc::new(JavaScriptNormalizer),
        assets: bound(env, ASSETS).map(|files| Rc::new(StaticAssets(files)) as Rc<dyn Assets>),
        rate_limited: bound::<JsValue>(env, RATE_LIMITER).is_some(),
    }
}

/// What the pipeline needs of the outside.
fn outside(env: &Env, config: &Config) -> Outside {
    Outside {
        http: Rc::new(Fetcher),
        store: bound(env, LIBRARY).map(|kv| Rc::new(KvLibrary(kv)) as Rc<dyn ImageStore>),
        image_maker: Rc::new(MakerClient::new(env, config)),
        key_ring: Rc::new(RingClient::new(env)),
        clock: Rc::new(SystemClock),
        random: Rc::new(Chance),
        log: Rc::new(WorkerLog),
    }
}

/// The rate limiter, where it is bound.
pub(super) fn rate_limiter(env: &Env) -> Option<Rc<dyn RateLimiter>> {
    bound(env, RATE_LIMITER).map(|limiter| Rc::new(Limiter(limiter)) as Rc<dyn RateLimiter>)
}

/// Notes trouble of the platform's in the log.
pub(super) fn warn(message: &str) {
    console_warn!("{message}");
}
