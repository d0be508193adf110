//! Models that an endpoint no longer has, remembered for a while.

use serde::{Deserialize, Serialize};

use super::cool_down::HOUR_MS;
use crate::ports::lease::EndpointId;

/// Models that are remembered; the settings list a handful.
const MAX_GONE: usize = 128;
/// The longest name that is remembered, in bytes.
const MAX_NAME: usize = 256;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Gone {
    endpoint: EndpointId,
    model: String,
    until_ms: u64,
}

/// The list, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GoneModels(Vec<Gone>);

impl GoneModels {
    /// `endpoint` said at `now_ms` that it does not have these.
    pub(super) fn add(&mut self, now_ms: u64, endpoint: &EndpointId, models: Vec<String>) {
        for model in models.into_iter().filter(|model| model.len() <= MAX_NAME) {
            self.0.retain(|gone| gone.endpoint != *endpoint || gone.model != model);
            self.0.push(Gone { endpoint: endpoint.clone(), model, until_ms: now_ms.saturating_add(HOUR_MS) });
        }
        self.0.drain(..self.0.len().saturating_sub(MAX_GONE));
    }

    /// What `endpoint` does not have at `now_ms`.
    pub(super) fn of(&self, now_ms: u64, endpoint: &EndpointId) -> Vec<String> {
        let known = self.0.iter().filter(|gone| gone.endpoint == *endpoint && gone.until_ms > now_ms);
        known.map(|gone| gone.model.clone()).collect()
    }

    /// Forgets what is past, and what a clock that was set back had written.
    pub(super) fn settle(&mut self, now_ms: u64) {
        self.0.retain(|gone| gone.until_ms > now_ms && gone.until_ms - now_ms <= HOUR_MS);
        self.0.drain(..self.0.len().saturating_sub(MAX_GONE));
    }
}
