//! The context that all steps of making an image share.

use super::deadline::Deadline;
use crate::config::Config;
use crate::domain::{Hops, ImageRequest};
use crate::ports::Ports;

/// One image to be made.
pub struct Job<'a> {
    /// Upstreams, the key ring, time.
    pub ports: &'a Ports,
    /// The settings.
    pub config: &'a Config,
    /// The parameters of the image.
    pub request: &'a ImageRequest,
    /// The number of deployments of this service that the request has passed through.
    pub hops: Hops,
    /// The time by which the image must be ready.
    pub deadline: &'a Deadline,
}

impl Job<'_> {
    /// Logs a failure that this image was made in spite of. The message must not contain a secret: an upstream's text
    /// must have passed that upstream's own redactor.
    pub fn warn(&self, message: &str) {
        self.ports.log.warn(&format!("image {}: {message}", self.request.id()));
    }
}
