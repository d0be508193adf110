//! `GET /v1/stats`: keys, days and warnings as JSON, for the owner.

use serde_json::{Map, Value, json};

use super::overview::overview;
use super::warnings::warnings;
use crate::app::App;
use crate::config::AccessPolicy;
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
    let tokens = accounts(&app.config.access);
    let answer = json!({ "tokens": tokens, "keys": overview.keys, "days": overview.days, "warnings": warnings });
    Ok(Response::json(200, &answer).with("Cache-Control", "no-store"))
}

/// The accounts of the settings with their quotas, and that of callers without a token where it has one.
fn accounts(access: &AccessPolicy) -> Value {
    let anonymous = access.anonymous_per_day.map(|images| Account::anonymous(Some(images)));
    access.tokens.iter().map(|token| &token.account).chain(&anonymous).map(account).collect()
}

fn account(Account { name, per_day }: &Account) -> Value {
    let mut fields = Map::new();
    fields.insert("name".into(), name.as_str().into());
    if let Some(images) = per_day {
        fields.insert("per_day".into(), (*images).into());
    }
    Value::Object(fields)
}
