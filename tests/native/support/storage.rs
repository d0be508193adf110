//! A Durable Object's storage: it outlives the object, and delivers its alarm.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use free_flux_api::ports::{ObjectStorage, StoreError};
use futures_util::future::AbortHandle;
use futures_util::future::LocalBoxFuture;

use super::faults::Faults;
use super::tasks::Tasks;

/// The maximum size of key and value together, in bytes.
const MAX_PAIR: usize = 2_000_000;

/// The faults of all objects' storages.
#[derive(Default)]
pub(crate) struct StorageFaults {
    pub(crate) reads: Faults<()>,
    pub(crate) writes: Faults<()>,
}

/// The storage of one object.
pub(super) struct FakeStorage {
    tasks: Rc<Tasks>,
    faults: Rc<StorageFaults>,
    values: RefCell<BTreeMap<String, Vec<u8>>>,
    alarm: RefCell<Option<AbortHandle>>,
    alarms: Rc<Cell<usize>>,
    writes: Cell<usize>,
    wake: Box<dyn Fn() -> LocalBoxFuture<'static, ()>>,
}

impl FakeStorage {
    /// `wake` runs the object's alarm handler; `alarms` counts the alarms.
    pub(super) fn new(
        tasks: Rc<Tasks>,
        faults: Rc<StorageFaults>,
        alarms: Rc<Cell<usize>>,
        wake: impl Fn() -> LocalBoxFuture<'static, ()> + 'static,
    ) -> Self {
        let (values, alarm) = (RefCell::default(), RefCell::default());
        Self { tasks, faults, values, alarm, alarms, writes: Cell::default(), wake: Box::new(wake) }
    }

    /// The number of writes so far.
    pub(super) fn writes(&self) -> usize {
        self.writes.get()
    }

    /// The size of a value, in bytes.
    pub(super) fn size_of(&self, key: &str) -> usize {
        self.values.borrow().get(key).map_or(0, Vec::len)
    }

    /// True if nothing is stored.
    pub(super) fn is_empty(&self) -> bool {
        self.values.borrow().is_empty()
    }

    fn replace_alarm(&self, alarm: Option<AbortHandle>) {
        if let Some(earlier) = self.alarm.replace(alarm) {
            earlier.abort();
        }
    }
}

fn outcome(fault: Option<()>) -> Result<(), StoreError> {
    fault.map_or(Ok(()), |()| Err(StoreError("the object's storage failed".into())))
}

impl ObjectStorage for FakeStorage {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            outcome(self.faults.reads.take())?;
            Ok(self.values.borrow().get(key).cloned())
        })
    }

    fn put(&self, values: Vec<(String, Vec<u8>)>) -> LocalBoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.writes.set(self.writes.get() + 1);
            outcome(self.faults.writes.take())?;
            assert!(values.len() <= 128, "more pairs than one put takes");
            if values.iter().any(|(key, value)| key.len() + value.len() > MAX_PAIR) {
                return Err(StoreError("a value is larger than 2 MB".into()));
            }
            self.values.borrow_mut().extend(values);
            Ok(())
        })
    }

    fn put_unconfirmed<'a>(&'a self, key: &'a str, value: Vec<u8>) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        self.put(vec![(key.to_owned(), value)])
    }

    fn clear(&self) -> LocalBoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            outcome(self.faults.writes.take())?;
            self.values.borrow_mut().clear();
            self.replace_alarm(None);
            Ok(())
        })
    }

    fn set_alarm(&self, at_ms: u64) -> LocalBoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            outcome(self.faults.writes.take())?;
            let sleep = self.tasks.time().sleep(at_ms.saturating_sub(self.tasks.time().now_ms()));
            let (wake, alarms) = ((self.wake)(), Rc::clone(&self.alarms));
            let tasks = Rc::clone(&self.tasks);
            let alarm = self.tasks.spawn(Box::pin(async move {
                sleep.await;
                alarms.set(alarms.get() + 1);
                // The handler keeps running when it sets the next alarm.
                tasks.spawn(wake);
            }));
            self.replace_alarm(Some(alarm));
            Ok(())
        })
    }
}
