//! What a request hears for which no key is left to be asked.

use super::Rotation;
use crate::error::{Cooling, Error, UpstreamError};

/// When a key is back, in milliseconds, that its upstream wants to rest without a time, and of which the ring does not
/// say.
const UNSAID_MS: u64 = 60_000;

/// The error of a request that goes round in a circle.
pub fn circle() -> Error {
    Error::Upstream("This request came through a circle of image endpoints.".into())
}

impl Rotation<'_> {
    /// What to tell the caller when there is no further turn.
    pub(super) fn verdict(&self, retry_at_ms: Option<u64>, all_refused: bool) -> Error {
        let now_ms = self.outside.clock.now_ms();
        match (&self.rejection, retry_at_ms, &self.last) {
            (Some(message), _, _) => Error::PromptRejected(message.clone()),
            (None, _, _) if all_refused => Error::Upstream(
                "Every image API key was refused by its upstream. The owner of this service has to look at the keys."
                    .into(),
            ),
            (None, Some(_), _) if self.returned => circle(),
            (None, Some(retry_at_ms), _) => {
                Error::KeysExhausted { retry_after: retry_at_ms.saturating_sub(now_ms).div_ceil(1_000).max(1) }
            }
            (None, None, Some(UpstreamError::KeyBusy { cooling })) => {
                let ms = if let Cooling::For(ms) = cooling { *ms } else { UNSAID_MS };
                Error::KeysExhausted { retry_after: ms.div_ceil(1_000).max(1) }
            }
            (None, None, Some(UpstreamError::ModelGone(_))) => {
                Error::Upstream("No image API has any of the models any more.".into())
            }
            (None, None, Some(UpstreamError::KeyRefused)) => {
                Error::Upstream("The last image API key that was tried was refused by its upstream.".into())
            }
            (None, None, Some(UpstreamError::Luck(message) | UpstreamError::Unfetchable(message)))
                if self.deadline.left_ms() > 0 =>
            {
                Error::Upstream(format!("The image API failed: {}.", self.config.redactor().scrub(message)))
            }
            (None, None, _) => Error::UpstreamTimeout,
        }
    }
}
