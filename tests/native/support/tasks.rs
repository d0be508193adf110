//! A tiny executor: it runs all tasks that are ready, and then advances the time.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use futures_executor::{LocalPool, LocalSpawner};
use futures_util::future::{AbortHandle, Abortable, LocalBoxFuture};
use futures_util::task::LocalSpawnExt as _;

use super::time::Time;

/// All tasks of one app.
pub(crate) struct Tasks {
    pool: RefCell<LocalPool>,
    spawner: LocalSpawner,
    time: Rc<Time>,
}

impl Tasks {
    pub(crate) fn new() -> Rc<Self> {
        let pool = LocalPool::new();
        let spawner = pool.spawner();
        Rc::new(Self { pool: RefCell::new(pool), spawner, time: Time::start() })
    }

    pub(crate) fn time(&self) -> &Rc<Time> {
        &self.time
    }

    /// Runs `work` in the background, until it is aborted by the handle.
    pub(crate) fn spawn(&self, work: LocalBoxFuture<'static, ()>) -> AbortHandle {
        let (handle, registration) = AbortHandle::new_pair();
        let work = Abortable::new(work, registration);
        self.spawner
            .spawn_local(async move {
                let _ = work.await;
            })
            .expect("a pool that lives");
        handle
    }

    /// Starts `work`; its result is picked up later.
    pub(crate) fn start<T: 'static>(&self, work: impl Future<Output = T> + 'static) -> Task<T> {
        let result = Rc::new(RefCell::new(None));
        let slot = Rc::clone(&result);
        let handle = self.spawn(Box::pin(async move {
            let value = work.await;
            *slot.borrow_mut() = Some(value);
        }));
        Task { result, handle }
    }

    /// Runs `work` to its end, advancing the time.
    pub(crate) fn run<T: 'static>(&self, work: impl Future<Output = T> + 'static) -> T {
        let task = self.start(work);
        self.finish(&task)
    }

    /// Waits for a task.
    pub(crate) fn finish<T>(&self, task: &Task<T>) -> T {
        loop {
            self.pool.borrow_mut().run_until_stalled();
            if let Some(value) = task.result.borrow_mut().take() {
                return value;
            }
            let next = self.time.next_ms().expect("everybody waits for something that never comes");
            self.time.go_to(next);
        }
    }

    /// Lets `ms` pass, with everything that happens meanwhile.
    pub(crate) fn advance(&self, ms: u64) {
        let end_ms = self.time.now_ms() + ms;
        loop {
            self.pool.borrow_mut().run_until_stalled();
            match self.time.next_ms().filter(|next_ms| *next_ms <= end_ms) {
                Some(next_ms) => self.time.go_to(next_ms),
                None => break,
            }
        }
        self.time.go_to(end_ms);
    }
}

/// A started task.
pub(crate) struct Task<T> {
    result: Rc<RefCell<Option<T>>>,
    handle: AbortHandle,
}

impl<T> Task<T> {
    /// True if it is finished.
    pub(crate) fn is_done(&self) -> bool {
        self.result.borrow().is_some()
    }

    /// Drops the task unfinished.
    pub(crate) fn leave(&self) {
        self.handle.abort();
    }
}
