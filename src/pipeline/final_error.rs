//! The error of a request for which there is no further attempt.

use crate::domain::hops::loop_detected;
use crate::error::{Cooling, Error, UpstreamError};

/// When a key is back, in milliseconds, that its upstream wants to rest without a time, and of which the ring does not
/// say.
const DEFAULT_COOL_DOWN_MS: u64 = 60_000;

/// The key ring's reason for giving no key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NoKey {
    /// This caller could be served in so many milliseconds.
    Busy(u64),
    /// Every key is set aside.
    AllRefused,
    /// No endpoint has any of the models any more.
    AllGone,
    /// It gave none, or was not asked.
    #[default]
    Unknown,
}

/// Why no further attempt is made, as far as the key ring and the clock know.
#[derive(Debug, Clone, Copy, Default)]
pub struct Exhaustion {
    /// The key ring's reason.
    pub no_key: NoKey,
    /// True if the deadline has passed.
    pub is_late: bool,
    /// True if the request may be one of our own that came back.
    pub is_impatient: bool,
}

impl Exhaustion {
    /// The error: the most that is known, an upstream's rejection first.
    pub(super) fn error(&self, rejection: Option<&str>, last: Option<&UpstreamError>) -> Error {
        match (rejection, self.no_key) {
            (Some(message), _) => Error::prompt_rejected(message),
            (None, NoKey::AllRefused) => Error::upstream(
                "Every image API key was refused by its upstream. The owner of this service has to look at the keys.",
            ),
            (None, NoKey::Busy(_)) if self.is_impatient => loop_detected(),
            (None, NoKey::Busy(ms)) => Error::keys_exhausted(whole_seconds(ms)),
            (None, NoKey::AllGone) => no_model(),
            (None, NoKey::Unknown) => self.after(last),
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
