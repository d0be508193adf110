//! The rotation: the endpoints of all settings that name one.

use serde_json::Value;
use url::Url;

use super::api::{Api, is_bigmodel, is_siliconflow};
use super::endpoint::{Endpoint, EndpointModels, parse_names};
use super::provider::{ACCOUNT, NAMES, Provider};
use super::reader::{Reader, is_header_safe, parse_url};
use super::secret::Secret;
use super::workers_ai::{MODEL_PREFIX, with_own_names};

/// The beginning of the names of BigModel's models.
const COGVIEW: &str = "cogview-";
/// The models that `IMAGE_API_KEYS` are not asked for.
const NOT_OF_KEYS: &[&str] = &[COGVIEW, MODEL_PREFIX];
/// The path of BigModel's images API.
const BIGMODEL_PATH: &str = "/api/paas/v4/images/generations";

/// Reads `IMAGE_API_KEYS`, each at `IMAGE_API_URL`.
pub(super) fn read_keys(reader: &mut Reader<'_>) -> Vec<Endpoint> {
    let keys = reader.secrets("IMAGE_API_KEYS");
    let Some(url) = reader.url("IMAGE_API_URL").map(completed) else { return Vec::new() };
    let api = Api::of(&url).filter(|_| !is_siliconflow(&url) || url.path().ends_with("/generations"));
    let Some(api) = api else {
        reader.problem(
            "IMAGE_API_URL",
            "is the address of no images API that is known: use IMAGE_ENDPOINTS and say its api",
        );
        return Vec::new();
    };
    let models = match api {
        Api::BigModel | Api::WorkersAi => EndpointModels::All,
        _ => EndpointModels::AllBut(NOT_OF_KEYS),
    };
    keys.into_iter().map(|key| Endpoint::at(url.clone(), Some(key), api, models.clone())).collect()
}

/// Reads `IMAGE_ENDPOINTS`. `models` is `IMAGE_MODELS`.
pub(super) fn read_endpoints(reader: &mut Reader<'_>, models: &[String]) -> Vec<Endpoint> {
    let Some(text) = reader.value("IMAGE_ENDPOINTS") else { return Vec::new() };
    parse_endpoints(&text, models).unwrap_or_else(|problems| {
        for problem in &problems {
            reader.problem("IMAGE_ENDPOINTS", problem);
        }
        Vec::new()
    })
}

/// BigModel's images API on the host of `url`, with those of `models` that are its own; `None` if there are none.
pub(super) fn bigmodel(url: &Url, key: &Secret, models: &[String]) -> Option<Endpoint> {
    let own: Vec<_> =
        models.iter().filter(|model| model.starts_with(COGVIEW)).map(|m| (m.clone(), m.clone())).collect();
    let url = url.join(BIGMODEL_PATH).ok().filter(|_| !own.is_empty())?;
    Some(Endpoint::at(url, Some(key.clone()), Api::BigModel, EndpointModels::Named(own)))
}

/// Keeps the first of several slots with the same address and key.
pub(super) fn deduplicate(endpoints: &mut Vec<Endpoint>) {
    let mut seen = Vec::new();
    endpoints.retain(|endpoint| {
        let slot = endpoint.slot_id();
        let is_new = !seen.contains(&slot);
        seen.extend(is_new.then_some(slot));
        is_new
    });
}

/// A base URL with the path of an images API; any other URL as it is.
fn completed(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/').to_owned();
    if is_siliconflow(&url) && matches!(path.as_str(), "" | "/v1") {
        url.set_path("/v1/image/generations");
    } else if is_bigmodel(&url) && matches!(path.as_str(), "" | "/api/paas/v4") {
        url.set_path(BIGMODEL_PATH);
    } else if path.ends_with("/v1") {
        url.set_path(&format!("{path}/images/generations"));
    } else if path.ends_with("/generations") {
        url.set_path(&path);
    }
    url
}

/// Parses `IMAGE_ENDPOINTS`. The errors name the position and never the value.
fn parse_endpoints(text: &str, models: &[String]) -> Result<Vec<Endpoint>, Vec<String>> {
    let Ok(Value::Array(entries)) = serde_json::from_str(text) else {
        return Err(vec![
            "is not a JSON array of {\"url\",\"key\",\"models\"?,\"api\"?} or {\"provider\",\"key\"}".to_owned(),
        ]);
    };
    let mut endpoints = Vec::new();
    let mut problems = Vec::new();
    for (number, entry) in (1..).zip(entries) {
        match read_entry(&entry, models) {
            Ok(endpoint) => endpoints.push(endpoint),
            Err(problem) => problems.push(format!("entry {number}: {problem}")),
        }
    }
    if problems.is_empty() { Ok(endpoints) } else { Err(problems) }
}

/// The text of a field; `None` if it is missing or blank.
fn text<'a>(entry: &'a Value, name: &str) -> Result<Option<&'a str>, String> {
    match entry.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(_) => Err("url, key, api, provider and account are texts".to_owned()),
    }
}

fn read_entry(entry: &Value, models: &[String]) -> Result<Endpoint, String> {
    let key = text(entry, "key")?;
    if key.is_some_and(|key| !is_header_safe(key)) {
        return Err("key has characters that no key has".to_owned());
    }
    let key = key.map(Secret::new);
    let named = match entry.get("models") {
        None | Some(Value::Null) => None,
        Some(models) => {
            let named = parse_names(models).filter(|named| !named.is_empty());
            Some(named.ok_or("models is a list of names or an object of names")?)
        }
    };
    match text(entry, "provider")? {
        Some(_) if text(entry, "url")?.is_some() => Err("it has a url and a provider".to_owned()),
        Some(name) => at_provider(entry, name, key, named, models),
        None => at_url(entry, key, named),
    }
}

/// An entry with a `url`.
fn at_url(entry: &Value, key: Option<Secret>, named: Option<Vec<(String, String)>>) -> Result<Endpoint, String> {
    let url = text(entry, "url")?.and_then(parse_url).map(completed).ok_or("url is not an http or https address")?;
    let api = match text(entry, "api")? {
        Some(name) => Api::named(name).ok_or("api is siliconflow, openai, workers-ai, bigmodel or nvidia")?,
        None => Api::of(&url).ok_or("the API cannot be told from the url: say api")?,
    };
    let own = || model_in_path(&url);
    let models = match (named, api) {
        (Some(named), _) => EndpointModels::Named(named),
        (None, Api::WorkersAi) => EndpointModels::StandIn(own()),
        (None, Api::Nvidia) => EndpointModels::Named(vec![(own(), own())]),
        (None, _) => EndpointModels::All,
    };
    Ok(Endpoint::at(url, key, api, models))
}

/// An entry with a `provider`.
fn at_provider(
    entry: &Value,
    name: &str,
    key: Option<Secret>,
    named: Option<Vec<(String, String)>>,
    models: &[String],
) -> Result<Endpoint, String> {
    let provider = Provider::named(name).ok_or_else(|| format!("provider is {NAMES}"))?;
    let key = key.ok_or("key is missing")?;
    let mut address = provider.url.to_owned();
    if address.contains(ACCOUNT) {
        let is_id = |id: &&str| id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        address = address.replace(ACCOUNT, text(entry, "account")?.filter(is_id).ok_or("account is no account's id")?);
    }
    let url = parse_url(&address).ok_or("account is no account's id")?;
    let mut pairs: Vec<_> =
        provider.models.iter().map(|(ours, theirs)| ((*ours).to_owned(), (*theirs).to_owned())).collect();
    if let Some(named) = named {
        let known = |(ours, theirs): (String, String)| {
            let found = pairs.iter().find(|(name, _)| *name == ours && ours == theirs);
            let theirs = found.map_or(theirs, |(_, theirs)| theirs.clone());
            provider.has(&theirs).then_some((ours, theirs))
        };
        let named: Option<Vec<_>> = named.into_iter().map(known).collect();
        pairs = named.ok_or("models has one that this provider does not have")?;
    } else if provider.api == Api::WorkersAi {
        pairs = with_own_names(pairs, models);
    }
    let endpoint = Endpoint::at(url, Some(key), provider.api, EndpointModels::Named(pairs));
    Ok(Endpoint { provider: Some(provider), ..endpoint })
}

/// The model in a URL of Workers AI or NVIDIA.
fn model_in_path(url: &Url) -> String {
    let path = url.path();
    let after = ["/ai/run/", "/genai/"].into_iter().find_map(|part| Some(path.split_once(part)?.1));
    after.unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests;
