//! The Durable Objects `ImageMaker`: real makers, one for each id, managed like on the platform.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use free_flux_api::config::Config;
use free_flux_api::image_maker::client::MakerClient;
use free_flux_api::image_maker::{Maker, service};
use free_flux_api::ports::object_call::{ObjectNamespace, ObjectReply};
use free_flux_api::ports::{Clock, ImageMaker, Log, Ports, RateLimiter, StoreError};
use futures_util::future::LocalBoxFuture;

use super::faults::Faults;
use super::runtime::FakeBackground;
use super::storage::{FakeStorage, StorageFaults};
use super::tasks::Tasks;
use super::transport::{Life, ObjectFault, carry, end, leaving, live};

/// The delay before a failed alarm is repeated, in milliseconds.
const ALARM_RETRY_MS: u64 = 2_000;

/// The parts that all makers share.
pub(super) struct Parts {
    pub(super) ports: Box<dyn Fn(Rc<dyn ImageMaker>) -> Ports>,
    pub(super) config: Rc<Config>,
    pub(super) limiter: Option<Rc<dyn RateLimiter>>,
    pub(super) clock: Rc<dyn Clock>,
    pub(super) log: Rc<dyn Log>,
}

/// One object: its storage, and while it is in memory its maker with the running work.
struct Object {
    storage: Rc<FakeStorage>,
    alive: RefCell<Option<(Rc<Maker>, Life)>>,
}

/// All makers.
pub(crate) struct Makers {
    tasks: Rc<Tasks>,
    parts: Parts,
    objects: RefCell<BTreeMap<String, Rc<Object>>>,
    calls: Cell<usize>,
    alarms: Rc<Cell<usize>>,
    pub(crate) faults: Faults<ObjectFault>,
    pub(crate) storage_faults: Rc<StorageFaults>,
    me: Weak<Self>,
}

impl Makers {
    pub(super) fn new(tasks: Rc<Tasks>, parts: Parts) -> Rc<Self> {
        Rc::new_cyclic(|me| Self {
            tasks,
            parts,
            objects: RefCell::default(),
            calls: Cell::default(),
            alarms: Rc::default(),
            faults: Faults::default(),
            storage_faults: Rc::default(),
            me: me.clone(),
        })
    }

    /// The number of messages to makers.
    pub(crate) fn calls(&self) -> usize {
        self.calls.get()
    }

    /// The number of alarms.
    pub(crate) fn alarms(&self) -> usize {
        self.alarms.get()
    }

    /// True if the maker of `id` has stored anything.
    pub(crate) fn keeps(&self, id: &str) -> bool {
        self.objects.borrow().get(id).is_some_and(|object| !object.storage.is_empty())
    }

    /// The maker of `id` has these values in its storage, and its alarm set.
    pub(crate) fn restore(&self, id: &str, values: BTreeMap<String, Vec<u8>>, alarm_ms: u64) {
        self.object(id).storage.restore(values, Some(alarm_ms));
    }

    /// Every object loses its memory and its running work.
    pub(crate) fn crash(&self) {
        for object in self.objects.borrow().values() {
            if let Some((_, life)) = object.alive.take() {
                end(&life);
            }
        }
    }

    /// The makers' client for the core.
    pub(super) fn client(&self) -> Rc<dyn ImageMaker> {
        let Parts { config, clock, log, .. } = &self.parts;
        let objects = Rc::new(Namespace(self.me.clone()));
        Rc::new(MakerClient::new(Some(objects), Rc::clone(clock), Rc::clone(log), config.generation_timeout_ms))
    }

    fn object(&self, id: &str) -> Rc<Object> {
        let mut objects = self.objects.borrow_mut();
        let object = objects.entry(id.to_owned()).or_insert_with(|| {
            let (me, name) = (self.me.clone(), id.to_owned());
            let wake = move || -> LocalBoxFuture<'static, ()> {
                let (me, name) = (me.clone(), name.clone());
                Box::pin(async move {
                    if let Some(makers) = me.upgrade() {
                        makers.wake(&name).await;
                    }
                })
            };
            let (tasks, faults, alarms) =
                (Rc::clone(&self.tasks), Rc::clone(&self.storage_faults), Rc::clone(&self.alarms));
            Rc::new(Object {
                storage: Rc::new(FakeStorage::new(tasks, faults, alarms, wake)),
                alive: RefCell::default(),
            })
        });
        Rc::clone(object)
    }

    /// The object's maker, created if it is not in memory.
    fn alive(&self, object: &Object) -> (Rc<Maker>, Life) {
        let mut alive = object.alive.borrow_mut();
        let (maker, life) = alive.get_or_insert_with(|| {
            let life = Life::default();
            let maker = Maker::new(
                (self.parts.ports)(self.client()),
                Rc::clone(&self.parts.config),
                Rc::clone(&object.storage) as _,
                self.parts.limiter.clone(),
                Rc::new(FakeBackground { tasks: Rc::clone(&self.tasks), life: Rc::clone(&life) }),
            );
            (maker, life)
        });
        (Rc::clone(maker), Rc::clone(life))
    }

    async fn wake(&self, id: &str) {
        let object = self.object(id);
        loop {
            let (maker, life) = self.alive(&object);
            if live(&life, async move { maker.on_alarm().await }).await.is_ok_and(|done| done.is_ok()) {
                return;
            }
            self.tasks.time().sleep(ALARM_RETRY_MS).await;
        }
    }

    async fn send(&self, id: &str, message: &str) -> Result<ObjectReply, StoreError> {
        self.calls.set(self.calls.get() + 1);
        let answer = async {
            let (maker, life) = self.alive(&self.object(id));
            let reply = live(&life, Box::pin(service::handle(&maker, message))).await??;
            Ok(leaving(&self.tasks, &life, reply))
        };
        carry(self.tasks.time(), self.faults.take(), answer).await
    }
}

/// The binding of the class.
struct Namespace(Weak<Makers>);

impl ObjectNamespace for Namespace {
    fn send<'a>(&'a self, name: &'a str, message: &'a str) -> LocalBoxFuture<'a, Result<ObjectReply, StoreError>> {
        Box::pin(async move { self.0.upgrade().expect("an app that lives").send(name, message).await })
    }
}
