//! `GET /v1/stats`: keys, days and warnings as JSON, for the owner.

use serde_json::json;

use super::overview::overview;
use super::warnings::warnings;
use crate::app::App;
use crate::error::Error;
use crate::http::{Request, Response};

/// Answers an owner.
///
/// # Errors
/// As [`overview`].
pub async fn stats(app: &App, request: &Request) -> Result<Response, Error> {
    let overview = overview(app, request).await?;
    let warnings = warnings(app, &overview);
    let answer = json!({ "keys": overview.keys, "days": overview.days, "warnings": warnings });
    Ok(Response::json(200, &answer).with("Cache-Control", "no-store"))
}
