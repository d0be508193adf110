//! The time by which an image must be there.

use std::rc::Rc;

use crate::ports::Clock;

/// A moment, and the clock to hold it against.
#[derive(Clone)]
pub struct Deadline {
    clock: Rc<dyn Clock>,
    at_ms: u64,
}

impl Deadline {
    /// A deadline `ms` from now.
    pub fn after(clock: Rc<dyn Clock>, ms: u64) -> Self {
        let at_ms = clock.now_ms().saturating_add(ms);
        Self { clock, at_ms }
    }

    /// When it is, in unix milliseconds.
    pub fn at_ms(&self) -> u64 {
        self.at_ms
    }

    /// How long there is left, in milliseconds.
    pub fn left_ms(&self) -> u64 {
        self.at_ms.saturating_sub(self.clock.now_ms())
    }

    /// Sleeps for `ms`, but never past the deadline. Says whether there is time left.
    pub async fn sleep(&self, ms: u64) -> bool {
        let ms = ms.min(self.left_ms());
        if ms > 0 {
            self.clock.sleep(ms).await;
        }
        self.left_ms() > 0
    }
}
