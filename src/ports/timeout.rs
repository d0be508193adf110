//! A time limit for a future.

use std::pin::pin;

use futures_util::future::{Either, select};

use super::Clock;

/// The result of `work`; `None`, with `work` dropped, if it takes longer than `ms` milliseconds.
pub async fn within<T>(clock: &dyn Clock, ms: u64, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), clock.sleep(ms)).await {
        Either::Left((result, _)) => Some(result),
        Either::Right(_) => None,
    }
}
