//! What the owner sees of keys and days, before it is written in one form or another.

use serde_json::{Map, Value};

use crate::access::Caller;
use crate::app::App;
use crate::config::{Address, Config, Endpoint, Secret};
use crate::error::{Error, ErrorKind};
use crate::http::Request;
use crate::ports::lease::Slot;

/// The `Retry-After` where the key ring cannot be asked, in seconds.
const RETRY_SECONDS: u64 = 5;

/// Keys and days, each as `/v1/stats` has it.
pub struct Overview {
    /// Every key that can draw, in the order of the settings.
    pub keys: Vec<Value>,
    /// The last seven days, the newest first.
    pub days: Vec<Value>,
    /// The number of writes that KV refused today.
    pub unstored: u64,
}

/// Asks the key ring, for an owner.
///
/// # Errors
/// 401 for anyone else; 503 if the ring cannot be asked.
pub async fn overview(app: &App, request: &Request) -> Result<Overview, Error> {
    Caller::of(&app.config.access, request, app.ports.clock.now_ms()).require_owner()?;
    let slots = app.config.endpoints.iter().map(Slot::from).collect();
    let mut stats = app.ports.key_ring.stats(slots).await.map_err(|error| {
        app.ports.log.warn(&format!("the key ring cannot be asked: {error}"));
        Error::new(ErrorKind::StoreUnavailable, "The key ring cannot be asked right now. Try again in 5 s.")
            .retry_in(RETRY_SECONDS)
    })?;
    let unstored = number(&stats, "unstored");
    let mut list = |name: &str| match stats.get_mut(name).map(Value::take) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    let (mut keys, days) = (list("keys"), list("days"));
    let mut place = 0;
    for (endpoint, key) in app.config.endpoints.iter().zip(&mut keys) {
        place += u32::from(endpoint.address != Address::Binding);
        if let Value::Object(fields) = key {
            describe(fields, endpoint, place, &app.config);
        }
    }
    Ok(Overview { keys, days, unstored })
}

/// The number in a field.
pub fn number(value: &Value, field: &str) -> u64 {
    value.get(field).and_then(Value::as_u64).unwrap_or_default()
}

/// The text in a field.
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The fields of an object in a field.
pub fn fields<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.get(field).and_then(Value::as_object).into_iter().flatten()
}

/// Adds to what the ring says of a key what only the settings know: its name, its host, and our names of the models.
fn describe(key: &mut Map<String, Value>, endpoint: &Endpoint, place: u32, config: &Config) {
    let other = key.remove("other").unwrap_or_default();
    let known = key.remove("models").unwrap_or_default();
    let mut models = Map::new();
    for model in &config.models {
        if let Some(name) = endpoint.name_of(model) {
            models.insert(model.clone(), known.get(name).unwrap_or(&other).clone());
        }
    }
    key.insert("models".to_owned(), Value::Object(models));
    key.insert("name".to_owned(), name(endpoint, place).into());
    key.insert("endpoint".to_owned(), endpoint.host().into());
}

/// The name of a key: its place, and no more of it than its end.
fn name(endpoint: &Endpoint, place: u32) -> String {
    let hint = endpoint.key.as_ref().map_or("", Secret::hint);
    match endpoint.address {
        Address::Binding => endpoint.host().to_owned(),
        Address::Url(_) if hint.is_empty() => format!("key {place}"),
        Address::Url(_) => format!("key {place} …{hint}"),
    }
}
