//! The Durable Objects `ImageMaker`: real makers, one for each id, as the platform keeps them and asks
//! them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;
use std::rc::{Rc, Weak};

use free_flux_api::config::Config;
use free_flux_api::error::Error;
use free_flux_api::pipeline::image_maker::Maker;
use free_flux_api::ports::{Answer, ImageMaker, Order, Outside, Pending, RateLimiter};
use futures_util::future::{AbortHandle, Either, abortable, select};

use super::faults::Faults;
use super::small::{FakeBackground, Streamed};
use super::storage::{FakeStorage, StorageFaults};
use super::tasks::Tasks;

const ANSWER_MS: u64 = 20;
/// When an alarm is tried again whose object broke.
const ALARM_RETRY_MS: u64 = 2_000;

/// What goes wrong between an object and who asks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ObjectFault {
    /// The call throws.
    Unreachable,
    /// No answer comes.
    Hangs,
    /// The answer comes, and breaks off.
    BreaksOff,
}

/// What every maker is made of.
pub(super) struct Parts {
    pub(super) outside: Box<dyn Fn(Rc<dyn ImageMaker>) -> Outside>,
    pub(super) config: Rc<Config>,
    pub(super) limiter: Option<Rc<dyn RateLimiter>>,
}

type Life = Rc<RefCell<Vec<AbortHandle>>>;

/// One object: its storage, and while it is in memory its maker, with what it has under way.
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

    /// How often a maker was asked; one that is asked again because it broke counts once.
    pub(crate) fn calls(&self) -> usize {
        self.calls.get()
    }

    /// How often a maker was woken.
    pub(crate) fn alarms(&self) -> usize {
        self.alarms.get()
    }

    /// Whether the maker of `id` keeps anything.
    pub(crate) fn keeps(&self, id: &str) -> bool {
        self.objects.borrow().get(id).is_some_and(|object| !object.storage.is_empty())
    }

    /// Every object loses its memory, and whatever it was doing.
    pub(crate) fn crash(&self) {
        for object in self.objects.borrow().values() {
            if let Some((_, life)) = object.alive.take() {
                life.borrow().iter().for_each(AbortHandle::abort);
            }
        }
    }

    fn object(&self, id: &str) -> Rc<Object> {
        let mut objects = self.objects.borrow_mut();
        let object = objects.entry(id.to_owned()).or_insert_with(|| {
            let (me, name) = (self.me.clone(), id.to_owned());
            let wake = move || -> Pending<'static, ()> {
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

    /// The object's maker, brought to life where it is not.
    fn alive(&self, object: &Object) -> (Rc<Maker>, Life) {
        let mut alive = object.alive.borrow_mut();
        let (maker, life) = alive.get_or_insert_with(|| {
            let life = Life::default();
            let maker = Maker::new(
                (self.parts.outside)(Rc::new(MakersPort(self.me.clone()))),
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
            let (work, handle) = abortable(async move { maker.wake().await });
            life.borrow_mut().push(handle);
            if work.await.is_ok_and(|done| done.is_ok()) {
                return;
            }
            self.tasks.time().sleep(ALARM_RETRY_MS).await;
        }
    }

    /// Asks as `src/platform/image_maker.rs` does: an object that broke is asked once more.
    async fn ask(&self, order: Order) -> Result<Answer, Error> {
        self.calls.set(self.calls.get() + 1);
        let timeout_ms = order.timeout_ms(self.parts.config.generation_timeout_ms);
        for _ in 0..2 {
            let fault = self.faults.take();
            let timeout = self.tasks.time().sleep(timeout_ms);
            self.tasks.time().sleep(ANSWER_MS).await;
            if fault == Some(ObjectFault::Unreachable) {
                continue;
            }
            if fault == Some(ObjectFault::Hangs) {
                timeout.await;
                return Err(Error::UpstreamTimeout);
            }
            let (maker, life) = self.alive(&self.object(order.id.as_str()));
            let order = across(&order);
            let (work, handle) = abortable(async move { maker.ask(order).await });
            life.borrow_mut().push(handle);
            match select(pin!(work), timeout).await {
                Either::Left((Ok(Ok(answer)), _)) => {
                    let answer = Answer { how: across(&answer.how), record: across(&answer.record), ..answer };
                    let bytes = answer.body.into_bytes().await;
                    let bytes = bytes.filter(|_| fault != Some(ObjectFault::BreaksOff));
                    return Ok(Answer { body: Streamed::body(bytes), ..answer });
                }
                Either::Left((Ok(Err(error)), _)) => return Err(across(&error)),
                Either::Left((Err(_), _)) => {}
                Either::Right(_) => return Err(Error::UpstreamTimeout),
            }
        }
        Err(Error::Upstream("The image maker could not be reached. Try again.".into()))
    }
}

/// A value on its way between the Worker and an object.
fn across<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).expect("JSON")).expect("the same again")
}

/// The makers as the core asks them.
pub(super) struct MakersPort(pub(super) Weak<Makers>);

impl ImageMaker for MakersPort {
    fn ask(&self, order: Order) -> Pending<'_, Result<Answer, Error>> {
        Box::pin(async move { self.0.upgrade().expect("a world that lives").ask(order).await })
    }
}
