//! The making of one image, as far as all its steps have it in common.

use std::cell::Cell;
use std::rc::Rc;

use super::deadline::Deadline;
use super::tally::Tally;
use crate::config::Config;
use crate::domain::{DrawnPrompt, Hops, ImageRequest};
use crate::ports::Ports;
use crate::ports::maker::Step;

/// One image to be made.
pub struct Job<'a> {
    /// Upstreams, the key ring, time.
    pub ports: &'a Ports,
    /// The settings.
    pub config: &'a Config,
    /// What the image was asked for with.
    pub request: &'a ImageRequest,
    /// The number of deployments that the request came through.
    pub hops: Hops,
    /// The present step, for those who ask meanwhile.
    pub step: Rc<Cell<Step>>,
    /// When the image must be there.
    pub deadline: &'a Deadline,
    /// True if the caller named no model, so that another may be given in its place.
    pub may_stand_in: bool,
    /// How it is counted.
    pub tally: &'a Tally,
    /// The prompt to draw, where it was rewritten already.
    pub drawn: Option<&'a DrawnPrompt>,
}

impl Job<'_> {
    /// Logs that something about this image is degraded. The message must not contain a secret: an upstream's text must
    /// have passed that upstream's own redactor.
    pub fn warn(&self, message: &str) {
        self.ports.log.warn(&format!("image {}: {message}", self.request.id()));
    }
}
