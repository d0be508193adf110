//! What the owner must do, in words.

use super::overview::{KeyLine, Overview};
use crate::app::App;
use crate::ports::tally::KeyState;

/// Prompts fall back too often where one in so many pictures is drawn from a prompt that could not be rewritten.
const FALLBACK_SHARE: u32 = 5;

/// The warnings, the most serious first.
pub fn warnings(app: &App, overview: &Overview<'_>) -> Vec<String> {
    let Overview { models, keys, days } = overview;
    let settings = app.config.check_can_make().err().map(|error| error.message);
    let gone = models.iter().enumerate().filter_map(|(at, model)| gone_model(keys, at, model));
    let today = days.first().cloned().unwrap_or_default();
    let unstored = (today.unstored > 0).then(|| {
        format!(
            "KV refused {} writes today (the free plan has 1,000 a day). The pictures are kept by their makers for two \
             days, and written again.",
            today.unstored
        )
    });
    let falls_back = today.fallbacks > 0 && today.fallbacks.saturating_mul(FALLBACK_SHARE) >= today.made;
    let fallbacks = falls_back.then(|| {
        format!(
            "{} of {} pictures today were drawn from prompts that could not be rewritten: look at PROCESS_API_KEY and \
             its account.",
            today.fallbacks, today.made
        )
    });
    settings.into_iter().chain(refused_keys(keys)).chain(gone).chain(unstored).chain(fallbacks).collect()
}

/// Keys that their upstreams refuse.
fn refused_keys(keys: &[KeyLine<'_>]) -> Vec<String> {
    let is_refused = |key: &&KeyLine<'_>| matches!(key.stats.state, KeyState::Refused(_));
    let refused: Vec<_> = keys.iter().filter(is_refused).collect();
    if !refused.is_empty() && refused.len() == keys.len() {
        return vec![
            "Every key is refused by its upstream, and no new picture can be drawn: look at the accounts (balance, real \
             name, permissions), or set other keys."
                .to_owned(),
        ];
    }
    let warning = |key: &KeyLine<'_>| {
        format!("{} is refused by {}: look at its account, or take the key out.", key.name, key.endpoint)
    };
    refused.into_iter().map(warning).collect()
}

/// A model, by its position and name, that no endpoint has any more.
fn gone_model(keys: &[KeyLine<'_>], at: usize, model: &str) -> Option<String> {
    let mut states = keys.iter().filter_map(|key| (*key.stats.models.get(at)?).as_ref()).peekable();
    states.peek()?;
    states.all(|state| matches!(state, KeyState::Gone(_))).then(|| {
        format!(
            "No endpoint has the model {model} any more: take it out of IMAGE_MODELS, or add an endpoint that has it."
        )
    })
}
