//! The Durable Object `KeyRing`: the real service, managed like on the platform.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use free_flux_api::http::Body;
use free_flux_api::key_ring::client::KeyRingClient;
use free_flux_api::key_ring::service::KeyRingService;
use free_flux_api::ports::lease::{RingRequest, Slot, Snapshot};
use free_flux_api::ports::object_call::{ObjectNamespace, ObjectReply, from_json, to_json};
use free_flux_api::ports::{Clock, KeyRing, Log, StoreError};
use futures_executor::block_on;
use futures_util::future::LocalBoxFuture;

use super::faults::Faults;
use super::storage::{FakeStorage, StorageFaults};
use super::tasks::Tasks;
use super::transport::{Life, ObjectFault, carry, end, live};

/// The object, its storage, and its transport.
pub(crate) struct FakeRing {
    tasks: Rc<Tasks>,
    clock: Rc<dyn Clock>,
    log: Rc<dyn Log>,
    storage: Rc<FakeStorage>,
    alive: RefCell<Option<(Rc<KeyRingService>, Life)>>,
    calls: Cell<usize>,
    pub(crate) lease_faults: Faults<ObjectFault>,
    pub(crate) report_faults: Faults<ObjectFault>,
    pub(crate) stats_faults: Faults<ObjectFault>,
}

impl FakeRing {
    pub(super) fn new(tasks: Rc<Tasks>, clock: Rc<dyn Clock>, log: Rc<dyn Log>) -> Rc<Self> {
        let faults = Rc::new(StorageFaults::default());
        let storage = FakeStorage::new(Rc::clone(&tasks), faults, Rc::default(), || Box::pin(async {}));
        Rc::new(Self {
            tasks,
            clock,
            log,
            storage: Rc::new(storage),
            alive: RefCell::default(),
            calls: Cell::default(),
            lease_faults: Faults::default(),
            report_faults: Faults::default(),
            stats_faults: Faults::default(),
        })
    }

    /// The ring's client for makers.
    pub(super) fn client(self: &Rc<Self>) -> Rc<dyn KeyRing> {
        Rc::new(KeyRingClient::new(Some(Rc::new(Namespace(Rc::clone(self)))), Rc::clone(&self.clock)))
    }

    /// The number of messages that request or return a key.
    pub(crate) fn calls(&self) -> usize {
        self.calls.get()
    }

    /// The number of writes to its storage.
    pub(crate) fn writes(&self) -> usize {
        self.storage.writes()
    }

    /// The size of its stored state, in bytes.
    pub(crate) fn state_bytes(&self) -> usize {
        self.storage.size_of("ring")
    }

    /// The number of keys in each state.
    pub(crate) fn snapshot(&self, slots: &[Slot]) -> Snapshot {
        let request = to_json(&RingRequest::Snapshot(slots.to_vec()));
        let reply = block_on(async { self.alive().await.0.handle(&request).await }).expect("a reply");
        from_json(&reply).expect("a snapshot")
    }

    /// The object is evicted: waiting calls break, and the next message restores the stored state.
    pub(crate) fn evict(&self) {
        if let Some((_, life)) = self.alive.take() {
            end(&life);
        }
    }

    /// The object's service, created if it is not in memory.
    async fn alive(&self) -> (Rc<KeyRingService>, Life) {
        if let Some((service, life)) = &*self.alive.borrow() {
            return (Rc::clone(service), Rc::clone(life));
        }
        let storage = Rc::clone(&self.storage) as _;
        let service = Rc::new(KeyRingService::new(Rc::clone(&self.clock), storage, Rc::clone(&self.log)));
        service.load().await;
        let alive = (service, Life::default());
        *self.alive.borrow_mut() = Some((Rc::clone(&alive.0), Rc::clone(&alive.1)));
        alive
    }

    async fn send(&self, message: &str) -> Result<ObjectReply, StoreError> {
        let faults = match from_json(message).expect("a request") {
            RingRequest::Lease(_) | RingRequest::Acquire(_) => &self.lease_faults,
            RingRequest::Report(_) => &self.report_faults,
            RingRequest::Snapshot(_) | RingRequest::Stats(_) => &self.stats_faults,
        };
        // The owner's questions are no part of an image's cost.
        let asks = std::ptr::eq(faults, &raw const self.stats_faults);
        self.calls.set(self.calls.get() + usize::from(!asks));
        let fault = faults.take();
        let answer = async {
            let (service, life) = self.alive().await;
            let head = live(&life, service.handle(message)).await??;
            Ok(ObjectReply { head, body: Body::Empty })
        };
        let reply = carry(self.tasks.time(), fault, answer).await;
        // The reply is text only.
        reply.and_then(|reply| match fault {
            Some(ObjectFault::BreaksOff) => Err(StoreError("the answer broke off".into())),
            _ => Ok(reply),
        })
    }
}

/// The binding of the class.
struct Namespace(Rc<FakeRing>);

impl ObjectNamespace for Namespace {
    fn send<'a>(&'a self, _name: &'a str, message: &'a str) -> LocalBoxFuture<'a, Result<ObjectReply, StoreError>> {
        Box::pin(self.0.send(message))
    }
}
