//! The race of some work with a time-out.

use std::pin::pin;

use futures_util::future::{Either, select};

use super::Clock;

/// What comes of `work` within `ms` milliseconds; `None` where it takes longer. It is dropped then.
pub async fn within<T>(clock: &dyn Clock, ms: u64, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), clock.sleep(ms)).await {
        Either::Left((result, _)) => Some(result),
        Either::Right(_) => None,
    }
}
