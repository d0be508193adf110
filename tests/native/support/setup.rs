//! The configuration of a test app.

use std::cell::RefCell;
use std::rc::Rc;

use free_flux_api::config::Config;
use free_flux_api::ports::{ImageStore, Ports, RateLimiter};

use super::http::FakeHttp;
use super::makers::{Makers, Parts};
use super::ring::FakeRing;
use super::runtime::{FakeLimiter, FakeLog, Seeded};
use super::store::FakeStore;
use super::tasks::Tasks;
use super::test_app::{KEYS, PortsAt, TestApp};
use super::time::VirtualClock;

/// Settings unless a test sets others: two keys, and no chat API but the one that is set.
const DEFAULTS: [(&str, &str); 2] = [("IMAGE_API_KEYS", KEYS), ("PROCESS_FALLBACK", "off")];

/// The configuration of a test app.
#[derive(Default)]
pub(crate) struct Setup {
    settings: Vec<(String, String)>,
    without_kv: bool,
    per_minute: Option<usize>,
    lookups_per_minute: Option<usize>,
    seed: u64,
    with_guesses: bool,
}

impl Setup {
    /// Sets a variable of the service.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without KV.
    pub(crate) fn without_kv(mut self) -> Self {
        self.without_kv = true;
        self
    }

    /// With a limit of new images per minute for each visitor.
    pub(crate) fn limit(mut self, per_minute: usize) -> Self {
        self.per_minute = Some(per_minute);
        self
    }

    /// With a limit of requests per minute for each visitor that KV cannot answer.
    pub(crate) fn lookup_limit(mut self, per_minute: usize) -> Self {
        self.lookups_per_minute = Some(per_minute);
        self
    }

    /// With callers who type secrets themselves: they may be in answers.
    pub(crate) fn with_guesses(mut self) -> Self {
        self.with_guesses = true;
        self
    }

    /// With another seed of the random numbers.
    pub(crate) fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    pub(crate) fn build(self) -> TestApp {
        let settings = self.settings.clone();
        let lookup = move |name: &str| {
            let set = settings.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            set.or_else(|| DEFAULTS.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        let secrets = ["IMAGE_API_KEYS", "PROCESS_API_KEY", "ACCESS_TOKENS", "URL_SIGNING_KEY"];
        let listed = secrets.iter().filter_map(|name| lookup(name)).collect::<Vec<_>>().join(",");
        let config = Rc::new(Config::from_lookup(&lookup, false));
        let of_endpoints = config.endpoints.iter().filter_map(|endpoint| Some(endpoint.key.as_ref()?.expose()));
        let listed = listed.split(',').map(str::trim).chain(of_endpoints).filter(|secret| !secret.is_empty());
        let secrets: Vec<String> = listed.map(str::to_owned).collect();
        let tasks = Tasks::new();
        let time = tasks.time();
        let http = Rc::new(FakeHttp::new(Rc::clone(time), secrets.clone(), config.generation_timeout_ms.max(3_000)));
        let store = (!self.without_kv).then(|| FakeStore::new(Rc::clone(time)));
        let log = Rc::new(FakeLog::default());
        let limiter = self.per_minute.map(|limit| Rc::new(FakeLimiter::new(Rc::clone(time), limit)));
        let lookup_limiter = self.lookups_per_minute.map(|limit| Rc::new(FakeLimiter::new(Rc::clone(time), limit)));
        let (clock, random) = (Rc::new(VirtualClock(Rc::clone(time))), Rc::new(Seeded::new(self.seed)));
        let ring = FakeRing::new(Rc::clone(&tasks), Rc::clone(&clock) as _, Rc::clone(&log) as _);
        let ports: PortsAt = {
            let (http, store, ring, log) = (Rc::clone(&http), store.clone(), Rc::clone(&ring), Rc::clone(&log));
            let clock = Rc::clone(&clock);
            let memory = Rc::default();
            Rc::new(move |place: &str, image_maker| Ports {
                http: Rc::clone(&http) as _,
                ai: None,
                store: store.as_ref().map(|store| Rc::new(store.at(place)) as Rc<dyn ImageStore>),
                image_maker,
                key_ring: ring.client(),
                clock: Rc::clone(&clock) as _,
                random: Rc::clone(&random) as _,
                log: Rc::clone(&log) as _,
                memory: Rc::clone(&memory),
            })
        };
        let at_objects = Rc::clone(&ports);
        let of_makers = Parts {
            // The objects are at the location of the first caller, where KV remembers its misses.
            ports: Box::new(move |image_maker| at_objects("here", image_maker)),
            config: Rc::clone(&config),
            limiter: limiter.clone().map(|limiter| limiter as Rc<dyn RateLimiter>),
            clock,
            log: Rc::clone(&log) as _,
        };
        let makers = Makers::new(Rc::clone(&tasks), of_makers);
        TestApp {
            config,
            tasks,
            http,
            store,
            ring,
            makers,
            log,
            limiter,
            lookup_limiter,
            hits: Rc::default(),
            error_picture: Rc::default(),
            ports,
            secrets: if self.with_guesses { Vec::new() } else { secrets },
            texts: RefCell::default(),
        }
    }
}
