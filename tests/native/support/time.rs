//! Simulated time: it stands still while any task is ready, and then jumps to the next timer.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use free_flux_api::ports::Clock;
use futures_util::future::LocalBoxFuture;

/// The start of the simulated time: 1 June 2026, 00:00 UTC, in unix milliseconds.
const START_MS: u64 = 1_780_272_000_000;

/// The time of one app, and its timers.
pub(crate) struct Time {
    now_ms: Cell<u64>,
    last_timer: Cell<u64>,
    timers: RefCell<BTreeMap<(u64, u64), Option<Waker>>>,
}

impl Time {
    pub(crate) fn start() -> Rc<Self> {
        Rc::new(Self { now_ms: Cell::new(START_MS), last_timer: Cell::new(0), timers: RefCell::default() })
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.now_ms.get()
    }

    /// Completes `ms` from now. It can be dropped at any time.
    pub(crate) fn sleep(self: &Rc<Self>, ms: u64) -> Sleep {
        self.last_timer.set(self.last_timer.get() + 1);
        let timer = (self.now_ms().saturating_add(ms), self.last_timer.get());
        self.timers.borrow_mut().insert(timer, None);
        Sleep { time: Rc::clone(self), timer }
    }

    /// The time of the next timer.
    pub(crate) fn next_ms(&self) -> Option<u64> {
        self.timers.borrow().keys().next().map(|(at_ms, _)| *at_ms)
    }

    /// Advances to `at_ms` and wakes the timers that are due.
    pub(crate) fn go_to(&self, at_ms: u64) {
        self.now_ms.set(self.now_ms().max(at_ms));
        let due: Vec<Waker> = {
            let mut timers = self.timers.borrow_mut();
            let later = timers.split_off(&(at_ms + 1, 0));
            std::mem::replace(&mut *timers, later).into_values().flatten().collect()
        };
        due.into_iter().for_each(Waker::wake);
    }
}

/// A timer.
pub(crate) struct Sleep {
    time: Rc<Time>,
    timer: (u64, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.time.now_ms() >= self.timer.0 {
            return Poll::Ready(());
        }
        self.time.timers.borrow_mut().insert(self.timer, Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.time.timers.borrow_mut().remove(&self.timer);
    }
}

/// The clock of the core.
pub(crate) struct VirtualClock(pub(crate) Rc<Time>);

impl Clock for VirtualClock {
    fn now_ms(&self) -> u64 {
        self.0.now_ms()
    }

    fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        Box::pin(self.0.sleep(ms))
    }
}
