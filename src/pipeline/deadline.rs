//! The time by which an image must be ready.

use std::rc::Rc;

use crate::ports::Clock;

/// The part of a call's time that is reserved for downloading the image, in milliseconds. It shrinks if there is little
/// time, so that a short `GENERATION_TIMEOUT` leaves some for the call.
const DOWNLOAD_RESERVE_MS: u64 = 3_000;
/// The minimum time limit of an image call, in milliseconds: the fastest models need a few seconds.
const MIN_CALL_MS: u64 = 8_000;

/// With less time than this, in milliseconds, no call is started, unless the whole time limit is shorter: a late image
/// is paid for and discarded. The fastest models take about this long, download included.
const LEAST_CALL_MS: u64 = 2_500;

/// A point in time, and the clock to compare it with.
#[derive(Clone)]
pub struct Deadline {
    clock: Rc<dyn Clock>,
    at_ms: u64,
    /// The minimum time before the deadline at which a call may start, in milliseconds.
    least_ms: u64,
}

impl Deadline {
    /// A deadline `ms` from now.
    pub fn after(clock: Rc<dyn Clock>, ms: u64) -> Self {
        let at_ms = clock.now_ms().saturating_add(ms);
        Self { clock, at_ms, least_ms: LEAST_CALL_MS.min(ms / 8) }
    }

    /// The earlier of this deadline and `at_ms` (unix milliseconds).
    #[must_use]
    pub fn no_later_than(self, at_ms: Option<u64>) -> Self {
        Self { at_ms: at_ms.map_or(self.at_ms, |at_ms| at_ms.min(self.at_ms)), ..self }
    }

    /// The latest useful start of a call, in unix milliseconds.
    pub fn last_call_ms(&self) -> u64 {
        self.at_ms.saturating_sub(self.least_ms)
    }

    /// The time of the deadline, in unix milliseconds.
    pub fn at_ms(&self) -> u64 {
        self.at_ms
    }

    /// The remaining time, in milliseconds.
    pub fn left_ms(&self) -> u64 {
        self.at_ms.saturating_sub(self.clock.now_ms())
    }

    /// The time limit of an image call, in milliseconds: half of the remaining time, so that another key can be tried
    /// if this one hangs, but no less than an image takes.
    pub fn call_share_ms(&self) -> u64 {
        let left = self.left_ms();
        let usable = left.saturating_sub(DOWNLOAD_RESERVE_MS.min(left / 4));
        (usable / 2).max(MIN_CALL_MS).min(usable.max(1))
    }

    /// Sleeps for `ms`, but never past the deadline. Returns true if time remains.
    pub async fn sleep(&self, ms: u64) -> bool {
        let ms = ms.min(self.left_ms());
        if ms > 0 {
            self.clock.sleep(ms).await;
        }
        self.left_ms() > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::LocalBoxFuture;

    struct Stopped;

    impl Clock for Stopped {
        fn now_ms(&self) -> u64 {
            1_000_000
        }

        fn sleep(&self, _ms: u64) -> LocalBoxFuture<'static, ()> {
            Box::pin(async {})
        }
    }

    #[test]
    fn a_call_begins_while_it_can_be_of_use() {
        for (ms, least_ms) in [(60_000, 2_500), (8_000, 1_000), (1_000, 125)] {
            let deadline = Deadline::after(Rc::new(Stopped), ms);
            assert_eq!(deadline.at_ms() - deadline.last_call_ms(), least_ms, "{ms}");
            let sooner = deadline.no_later_than(Some(1_000_500));
            assert_eq!((sooner.at_ms(), sooner.last_call_ms()), (1_000_500, 1_000_500 - least_ms));
        }
    }

    #[test]
    fn a_call_gets_half_of_the_time_but_never_more_than_there_is() {
        for (left_ms, share_ms) in [(60_000, 28_500), (15_000, 8_000), (4_000, 3_000), (1_000, 750), (0, 1)] {
            assert_eq!(Deadline::after(Rc::new(Stopped), left_ms).call_share_ms(), share_ms, "{left_ms}");
        }
    }
}
