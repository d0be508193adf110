//! `GET /v1/stats`: keys, days and warnings as JSON, for the owner.

use serde_json::{Value, json};

use super::overview::overview;
use super::warnings::warnings;
use crate::app::App;
use crate::domain::account::Account;
use crate::error::Error;
use crate::http::{Request, Response};

/// Answers an owner.
///
/// # Errors
/// As [`overview`].
pub async fn stats(app: &App, request: &Request) -> Result<Response, Error> {
    let overview = overview(app, request).await?;
    let warnings = warnings(app, &overview);
    let (tokens, keys, days) = (accounts(app), &overview.keys, &overview.days);
    let answer = json!({ "tokens": tokens, "keys": keys, "days": days, "warnings": warnings });
    Ok(Response::json(200, &answer).with("Cache-Control", "no-store"))
}

/// The accounts of the settings, and that of callers without a token where it has a quota.
fn accounts(app: &App) -> Value {
    let access = &app.config.access;
    let anonymous = access.anonymous_per_day.map(|images| Account::anonymous(Some(images)));
    access.tokens.iter().map(|token| &token.account).chain(&anonymous).map(account_json).collect()
}

fn account_json(account: &Account) -> Value {
    let name = ("name".to_owned(), account.name.as_str().into());
    let per_day = account.per_day.map(|images| ("per_day".to_owned(), images.into()));
    Value::Object(std::iter::once(name).chain(per_day).collect())
}
