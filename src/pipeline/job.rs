//! The making of one image, as far as all its steps have it in common.

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
    /// What the image was asked for with.
    pub request: &'a ImageRequest,
    /// How many deployments the request came through.
    pub hops: Hops,
    /// When the image must be there.
    pub deadline: &'a Deadline,
}

impl Job<'_> {
    /// Notes in the log that something about this image is degraded. No secret is in it.
    pub fn warn(&self, message: &str) {
        let message = self.config.redactor().scrub(message);
        self.ports.log.warn(&format!("image {}: {message}", self.request.id()));
    }
}
