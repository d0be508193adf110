//! The settings of Workers AI by the binding `AI`.

use super::api::Api;
use super::endpoint::{Address, Endpoint, EndpointModels, Priority, parse_names};
use super::reader::Reader;

/// The beginning of the names of Workers AI's models.
pub(super) const MODEL_PREFIX: &str = "@cf/";

/// Reads `WORKERS_AI`, `WORKERS_AI_PER_DAY` and `WORKERS_AI_MODELS`: the endpoint with those of `models` that it has.
/// `None` if it is off or not bound.
pub(super) fn read(reader: &mut Reader<'_>, is_bound: bool, models: &[String]) -> Option<Endpoint> {
    let priority = reader.parsed("WORKERS_AI", "is last, first or off", parse_priority);
    let per_day = reader.parsed("WORKERS_AI_PER_DAY", "takes a whole number: 0 for no limit", |text| text.parse().ok());
    let map = reader.parsed("WORKERS_AI_MODELS", "takes a JSON object, from our names to its", |text| {
        parse_names(&serde_json::from_str(text).ok().filter(serde_json::Value::is_object)?)
    });
    let priority = priority.flatten().filter(|_| is_bound)?;
    Some(Endpoint {
        address: Address::Binding,
        key: None,
        api: Api::WorkersAiBinding,
        models: EndpointModels::Named(with_own_names(map.unwrap_or_default(), models)),
        provider: None,
        priority,
        per_day: per_day.filter(|images: &u32| *images > 0),
    })
}

/// The place in the rotation; `None` inside if it is switched off.
#[expect(clippy::option_option, reason = "off is a valid value")]
fn parse_priority(text: &str) -> Option<Option<Priority>> {
    match text.to_ascii_lowercase().as_str() {
        "last" => Some(Some(Priority::Last)),
        "first" => Some(Some(Priority::First)),
        "off" => Some(None),
        _ => None,
    }
}

/// The pairs of `map`, and those of `models` that Workers AI knows by the same name.
pub(super) fn with_own_names(mut map: Vec<(String, String)>, models: &[String]) -> Vec<(String, String)> {
    for model in models.iter().filter(|model| model.starts_with(MODEL_PREFIX)) {
        if !map.iter().any(|(ours, _)| ours.eq_ignore_ascii_case(model)) {
            map.push((model.clone(), model.clone()));
        }
    }
    map
}
