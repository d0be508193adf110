//! `GET /metrics`: today's counts and the keys' states in Prometheus' text format, for the owner.

use std::fmt::{Arguments, Write as _};

use serde_json::Value;

use super::overview::{Overview, fields, number, overview, text};
use super::warnings::warnings;
use crate::app::App;
use crate::error::Error;
use crate::http::{Body, Request, Response};

/// The media type of the format.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// The states of a key, each a series.
const STATES: [&str; 3] = ["ready", "cooling", "refused"];

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
    page.one("store_refusals", "Writes that KV refused today.", overview.unstored);
    let count = u64::try_from(warnings(app, &overview).len()).unwrap_or_default();
    page.one("warnings", "Things that the owner must do; /v1/stats has them in words.", count);
    let response = Response::new(200).with("Content-Type", MEDIA_TYPE).with("Cache-Control", "no-store");
    Ok(response.body(Body::Text(page.0.into())))
}

fn write_day(page: &mut Page, day: &Value) {
    page.one("images", "Pictures made today (UTC).", number(day, "made"));
    page.one("images_fallback", "Pictures of today whose prompt could not be rewritten.", number(day, "fallbacks"));
    for (name, help, label, field) in [
        ("images_failed", "Pictures that failed today, by error.", "code", "failed"),
        ("images_by_model", "Pictures made today, by model.", "model", "models"),
        ("images_by_token", "Pictures made today, by access token.", "token", "tokens"),
    ] {
        page.gauge(name, help);
        for (value, count) in fields(day, field) {
            page.sample(name, &[(label, value)], format_args!("{count}"));
        }
    }
    page.gauge("making_seconds", "How long today's pictures took, waiting included.");
    for (quantile, field) in [("0.5", "p50_ms"), ("0.95", "p95_ms")] {
        if let Some(ms) = day.get(field).and_then(Value::as_u64) {
            let seconds = format_args!("{}.{:03}", ms / 1_000, ms % 1_000);
            page.sample("making_seconds", &[("quantile", quantile)], seconds);
        }
    }
}

fn write_keys(page: &mut Page, overview: &Overview) {
    for (name, help, field) in [
        ("key_images", "Pictures of a key today (UTC).", "today"),
        ("key_images_last_minute", "Pictures of a key in the last minute.", "minute"),
    ] {
        page.gauge(name, help);
        for key in &overview.keys {
            page.sample(name, &labels(key), format_args!("{}", number(key, field)));
        }
    }
    page.gauge("key_state", "The state of a key: 1 for the one that it is in.");
    for key in &overview.keys {
        for state in STATES {
            let [name, endpoint] = labels(key);
            page.flag("key_state", &[name, endpoint, ("state", state)], text(key, "state") == state);
        }
    }
    page.gauge("key_model_ready", "1 where a key can be used for a model now.");
    for key in &overview.keys {
        for (model, state) in fields(key, "models") {
            let [name, endpoint] = labels(key);
            page.flag("key_model_ready", &[name, endpoint, ("model", model)], text(state, "state") == "ready");
        }
    }
}

fn labels(key: &Value) -> [(&'static str, &str); 2] {
    [("key", text(key, "name")), ("endpoint", text(key, "endpoint"))]
}

/// The text so far.
struct Page(String);

impl Page {
    /// Begins a metric.
    fn gauge(&mut self, name: &str, help: &str) {
        // Writing into a String does not fail.
        let _ = writeln!(self.0, "# HELP free_flux_{name} {help}\n# TYPE free_flux_{name} gauge");
    }

    /// A metric of one sample.
    fn one(&mut self, name: &str, help: &str, value: u64) {
        self.gauge(name, help);
        self.sample(name, &[], format_args!("{value}"));
    }

    /// A sample that is 1 or 0.
    fn flag(&mut self, name: &str, labels: &[(&str, &str)], is_set: bool) {
        self.sample(name, labels, format_args!("{}", u8::from(is_set)));
    }

    /// A sample of the metric that was begun last.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: Arguments<'_>) {
        let labels: Vec<_> = labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "free_flux_{name}{labels} {value}");
    }
}

/// A label's value as the format has it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
