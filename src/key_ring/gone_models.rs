//! Models that an endpoint no longer has, remembered for a limited time.

use serde::{Deserialize, Serialize};

use super::limits::HOUR_MS;
use crate::ports::lease::EndpointId;

/// The maximum number of entries; the settings list only a few models.
const MAX_GONE: usize = 128;
/// The longest model name that is remembered, in bytes.
const MAX_NAME: usize = 256;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Gone {
    endpoint: EndpointId,
    model: String,
    until_ms: u64,
}

/// The list, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GoneModels(Vec<Gone>);

impl GoneModels {
    /// Records that `endpoint` reported at `now_ms` that it does not have these models.
    pub(super) fn add(&mut self, now_ms: u64, endpoint: &EndpointId, models: Vec<String>) {
        for model in models.into_iter().filter(|model| model.len() <= MAX_NAME) {
            self.0.retain(|gone| gone.endpoint != *endpoint || gone.model != model);
            self.0.push(Gone { endpoint: endpoint.clone(), model, until_ms: now_ms.saturating_add(HOUR_MS) });
        }
        self.0.drain(..self.0.len().saturating_sub(MAX_GONE));
    }

    /// The models that `endpoint` does not have at `now_ms`.
    pub(super) fn of(&self, now_ms: u64, endpoint: &EndpointId) -> Vec<String> {
        let known = self.0.iter().filter(|gone| gone.endpoint == *endpoint && gone.until_ms > now_ms);
        known.map(|gone| gone.model.clone()).collect()
    }

    /// Drops expired entries, and entries from the future, written before the clock was set back.
    pub(super) fn advance_to(&mut self, now_ms: u64) {
        self.0.retain(|gone| gone.until_ms > now_ms && gone.until_ms - now_ms <= HOUR_MS);
        self.0.drain(..self.0.len().saturating_sub(MAX_GONE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(models: &[&str]) -> Vec<String> {
        models.iter().map(|model| (*model).to_owned()).collect()
    }

    #[test]
    fn a_model_is_gone_for_its_endpoint_and_for_an_hour() {
        let (here, there) = ("here".to_owned(), "there".to_owned());
        let mut gone = GoneModels::default();
        gone.add(0, &here, names(&["a", "b"]));
        gone.add(1_000, &here, names(&["a"]));
        assert_eq!(gone.of(2_000, &here), names(&["b", "a"]));
        assert_eq!(gone.of(2_000, &there), names(&[]));
        assert_eq!(gone.of(HOUR_MS, &here), names(&["a"]));
        gone.advance_to(HOUR_MS + 1_000);
        assert_eq!(gone, GoneModels::default());
    }

    #[test]
    fn the_list_stays_short_whatever_is_reported() {
        let here = "here".to_owned();
        let mut gone = GoneModels::default();
        gone.add(0, &here, (0..1_000).map(|number| number.to_string()).collect());
        gone.add(0, &here, vec!["x".repeat(MAX_NAME + 1)]);
        assert_eq!(gone.0.len(), MAX_GONE);
        assert_eq!(gone.of(1, &here).last().map(String::as_str), Some("999"));
    }

    #[test]
    fn times_from_before_the_clock_was_set_back_are_dropped() {
        let mut gone = GoneModels::default();
        gone.add(u64::MAX, &"here".to_owned(), names(&["a"]));
        gone.advance_to(5);
        assert_eq!(gone, GoneModels::default());
    }
}
