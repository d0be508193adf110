//! What the owner must do, in words.

use serde_json::Value;

use super::overview::{Overview, fields, number, text};
use crate::app::App;

/// Prompts fall back too often where one in so many pictures is drawn from a prompt that could not be rewritten.
const FALLBACK_SHARE: u64 = 5;

/// The warnings, the most serious first.
pub fn warnings(app: &App, overview: &Overview) -> Vec<String> {
    let mut warnings = Vec::new();
    warnings.extend(app.config.check_can_make().err().map(|error| error.message));
    warn_of_keys(&overview.keys, &mut warnings);
    for model in app.config.models.iter().filter(|model| is_gone(&overview.keys, model)) {
        warnings.push(format!(
            "No endpoint has the model {model} any more: take it out of IMAGE_MODELS, or add an endpoint that has it."
        ));
    }
    if overview.unstored > 0 {
        warnings.push(format!(
            "KV refused {} writes today (the free plan has 1,000 a day). The pictures are kept by their makers for two \
             days, and written again.",
            overview.unstored
        ));
    }
    let today = overview.days.first().map(|day| (number(day, "fallbacks"), number(day, "made")));
    if let Some((fallbacks, made)) =
        today.filter(|(fallbacks, made)| *fallbacks > 0 && fallbacks * FALLBACK_SHARE >= *made)
    {
        warnings.push(format!(
            "{fallbacks} of {made} pictures today were drawn from prompts that could not be rewritten: look at \
             PROCESS_API_KEY and its account."
        ));
    }
    warnings
}

/// Warns of keys that their upstreams refuse.
fn warn_of_keys(keys: &[Value], warnings: &mut Vec<String>) {
    let is_refused = |key: &&Value| text(key, "state") == "refused";
    if !keys.is_empty() && keys.iter().all(|key| is_refused(&key)) {
        warnings.push(
            "Every key is refused by its upstream, and no new picture can be drawn: look at the accounts (balance, real \
             name, permissions), or set other keys."
                .to_owned(),
        );
        return;
    }
    for key in keys.iter().filter(is_refused) {
        let (name, endpoint) = (text(key, "name"), text(key, "endpoint"));
        warnings.push(format!("{name} is refused by {endpoint}: look at its account, or take the key out."));
    }
}

/// True if no endpoint has the model any more that once did.
fn is_gone(keys: &[Value], model: &str) -> bool {
    let mut states = keys.iter().flat_map(|key| fields(key, "models")).filter(|(name, _)| *name == model).peekable();
    states.peek().is_some() && states.all(|(_, state)| text(state, "state") == "gone")
}
