//! `GET /v1/stats`: keys, days and warnings as JSON, for the owner.

use serde_json::{Map, Value, json};

use super::overview::{KeyLine, overview};
use super::warnings::warnings;
use crate::app::App;
use crate::domain::date::date;
use crate::error::Error;
use crate::http::{Request, Response};
use crate::ports::tally::{Counts, DayStats, KeyState};

/// Answers an owner.
///
/// # Errors
/// As [`overview`].
pub async fn stats(app: &App, request: &Request) -> Result<Response, Error> {
    let overview = overview(app, request).await?;
    let answer = json!({
        "keys": overview.keys.iter().map(|key| key_json(key, overview.models)).collect::<Vec<_>>(),
        "days": overview.days.iter().map(day_json).collect::<Vec<_>>(),
        "warnings": warnings(app, &overview),
    });
    Ok(Response::json(200, &answer).with("Cache-Control", "no-store"))
}

fn key_json(key: &KeyLine<'_>, models: &[String]) -> Value {
    let mut fields = state_fields(key.stats.state);
    let states = models.iter().zip(&key.stats.models);
    let models = states.filter_map(|(model, state)| Some((model.clone(), state_fields((*state)?).into())));
    fields.insert("name".into(), key.name.as_str().into());
    fields.insert("endpoint".into(), key.endpoint.into());
    fields.insert("models".into(), Value::Object(models.collect()));
    fields.insert("today".into(), key.stats.today.into());
    fields.insert("minute".into(), key.stats.minute.into());
    if let Some((code, time_ms)) = &key.stats.last_error {
        fields.insert("last_error".into(), json!({ "code": code, "time": time_ms / 1_000 }));
    }
    Value::Object(fields)
}

/// A state, with the unix second at which it ends.
fn state_fields(state: KeyState) -> Map<String, Value> {
    let until_ms = match state {
        KeyState::Ready => None,
        KeyState::Cooling(ms) | KeyState::Refused(ms) | KeyState::Gone(ms) => Some(ms),
    };
    let state = ("state".to_owned(), state.name().into());
    let until = until_ms.map(|ms| ("until".to_owned(), ms.div_ceil(1_000).into()));
    std::iter::once(state).chain(until).collect()
}

fn day_json(day: &DayStats) -> Value {
    json!({
        "date": date(day.day),
        "made": day.made,
        "failed": counts(&day.failed),
        "fallbacks": day.fallbacks,
        "models": counts(&day.models),
        "tokens": counts(&day.accounts),
        "p50_ms": day.percentiles_ms.map(|(half, _)| half),
        "p95_ms": day.percentiles_ms.map(|(_, most)| most),
    })
}

fn counts(counts: &Counts) -> Value {
    Value::Object(counts.iter().map(|(name, count)| (name.clone(), (*count).into())).collect())
}
