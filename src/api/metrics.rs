//! `GET /metrics`: today's counts and the keys' states in Prometheus' text format, for the owner.

use std::fmt::Write as _;

use super::overview::{KeyLine, Overview, overview};
use super::warnings::warnings;
use crate::app::App;
use crate::error::Error;
use crate::http::{Body, Request, Response};
use crate::ports::tally::{DayStats, KeyState};

/// The media type of the format.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// The states of a key, each a series.
const STATES: [KeyState; 3] = [KeyState::Ready, KeyState::Cooling(0), KeyState::Refused(0)];

/// Answers an owner.
///
/// # Errors
/// As [`overview`].
pub async fn metrics(app: &App, request: &Request) -> Result<Response, Error> {
    let overview = overview(app, request).await?;
    let mut page = Page(String::new());
    if let Some(today) = overview.days.first() {
        write_day(&mut page, today);
    }
    write_keys(&mut page, &overview);
    page.gauge("warnings", "Things that the owner must do; /v1/stats has them in words.");
    page.sample("warnings", &[], warnings(app, &overview).len());
    let response = Response::new(200).with("Content-Type", MEDIA_TYPE).with("Cache-Control", "no-store");
    Ok(response.body(Body::Text(page.0.into())))
}

fn write_day(page: &mut Page, day: &DayStats) {
    page.gauge("images", "Pictures made today (UTC).");
    page.sample("images", &[], day.made);
    page.gauge("images_fallback", "Pictures of today whose prompt could not be rewritten.");
    page.sample("images_fallback", &[], day.fallbacks);
    page.gauge("store_refusals", "Writes that KV refused today.");
    page.sample("store_refusals", &[], day.unstored);
    for (name, help, label, counts) in [
        ("images_failed", "Pictures that failed today, by error.", "code", &day.failed),
        ("images_by_model", "Pictures made today, by model.", "model", &day.models),
        ("images_by_token", "Pictures made today, by access token.", "token", &day.accounts),
    ] {
        page.gauge(name, help);
        for (value, count) in counts {
            page.sample(name, &[(label, value)], *count);
        }
    }
    page.gauge("making_seconds", "How long today's pictures took, waiting included.");
    if let Some((half, most)) = day.percentiles_ms {
        for (quantile, ms) in [("0.5", half), ("0.95", most)] {
            page.sample("making_seconds", &[("quantile", quantile)], format!("{}.{:03}", ms / 1_000, ms % 1_000));
        }
    }
}

fn write_keys(page: &mut Page, overview: &Overview<'_>) {
    page.gauge("key_images", "Pictures of a key today (UTC).");
    for key in &overview.keys {
        page.sample("key_images", &labels(key), key.stats.today);
    }
    page.gauge("key_images_last_minute", "Pictures of a key in the last minute.");
    for key in &overview.keys {
        page.sample("key_images_last_minute", &labels(key), key.stats.minute);
    }
    page.gauge("key_state", "The state of a key: 1 for the one that it is in.");
    for key in &overview.keys {
        for state in STATES {
            let [name, endpoint] = labels(key);
            let is_it = u8::from(key.stats.state.name() == state.name());
            page.sample("key_state", &[name, endpoint, ("state", state.name())], is_it);
        }
    }
    page.gauge("key_model_ready", "1 where a key can be used for a model now.");
    for key in &overview.keys {
        for (model, state) in overview.models.iter().zip(&key.stats.models) {
            let [name, endpoint] = labels(key);
            if let Some(state) = state {
                let is_ready = u8::from(*state == KeyState::Ready);
                page.sample("key_model_ready", &[name, endpoint, ("model", model)], is_ready);
            }
        }
    }
}

fn labels<'a>(key: &'a KeyLine<'_>) -> [(&'static str, &'a str); 2] {
    [("key", &key.name), ("endpoint", key.endpoint)]
}

/// The text so far.
struct Page(String);

impl Page {
    /// Begins a metric.
    fn gauge(&mut self, name: &str, help: &str) {
        // Writing into a String does not fail.
        let _ = writeln!(self.0, "# HELP free_flux_{name} {help}\n# TYPE free_flux_{name} gauge");
    }

    /// A sample of the metric that was begun last.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels: Vec<_> = labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "free_flux_{name}{labels} {value}");
    }
}

/// A label's value as the format has it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
