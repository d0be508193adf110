//! The error of a request for which there is no further attempt.

use crate::domain::hops::loop_detected;
use crate::error::{Cooling, Error, UpstreamError};

/// When a key is back, in milliseconds, that its upstream wants to rest without a time, and of which the ring does not
/// say.
const DEFAULT_COOL_DOWN_MS: u64 = 60_000;

/// Why no further attempt is made, as far as the key ring and the clock know.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a reason of its own, and several may hold")]
pub struct Exhaustion {
    /// In how many milliseconds this caller could be served; `None` where that is not the reason.
    pub retry_ms: Option<u64>,
    /// True if every key is set aside.
    pub all_refused: bool,
    /// True if no endpoint has any of the models any more.
    pub all_gone: bool,
    /// True if the deadline has passed.
    pub is_late: bool,
    /// True if the request may be one of our own that came back.
    pub is_impatient: bool,
}

impl Exhaustion {
    /// The error: the most that is known, an upstream's rejection first.
    pub(super) fn error(&self, rejection: Option<&str>, last: Option<&UpstreamError>) -> Error {
        match (rejection, self.retry_ms) {
            (Some(message), _) => Error::prompt_rejected(message),
            (None, _) if self.all_refused => Error::upstream(
                "Every image API key was refused by its upstream. The owner of this service has to look at the keys.",
            ),
            (None, Some(_)) if self.is_impatient => loop_detected(),
            (None, Some(ms)) => Error::keys_exhausted(whole_seconds(ms)),
            (None, None) if self.all_gone => no_model(),
            (None, None) => self.after(last),
        }
    }

    /// The error after the last failure, where the ring has nothing to say.
    fn after(&self, last: Option<&UpstreamError>) -> Error {
        match last {
            Some(UpstreamError::KeyBusy { cooling }) => {
                let ms = if let Cooling::For(ms) = cooling { *ms } else { DEFAULT_COOL_DOWN_MS };
                Error::keys_exhausted(whole_seconds(ms))
            }
            Some(UpstreamError::ModelGone(_)) => no_model(),
            Some(UpstreamError::KeyInvalid | UpstreamError::ModelRefused(_)) => {
                Error::upstream("The last image API key that was tried was refused by its upstream.")
            }
            Some(UpstreamError::Misconfigured(_)) => {
                Error::upstream("An image endpoint's address is wrong. The owner of this service has to look at it.")
            }
            Some(
                failure @ (UpstreamError::Transient(_)
                | UpstreamError::Unfetchable(_)
                | UpstreamError::Forbidden(_)
                | UpstreamError::UnknownAddress),
            ) if !self.is_late => Error::upstream(format!("The image API failed: {failure}.")),
            _ => Error::upstream_timeout(),
        }
    }
}

fn no_model() -> Error {
    Error::upstream("No image API has any of the models any more.")
}

/// Milliseconds as whole seconds, rounded up, at least one.
fn whole_seconds(ms: u64) -> u64 {
    ms.div_ceil(1_000).max(1)
}
