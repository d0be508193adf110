//! An endpoint that makes images: a URL, a key, a wire format and the models it has.

use serde_json::Value;
use url::Url;

use super::reader::{Reader, is_header_safe, parse_url};
use super::secret::{Redactor, Secret};
use crate::domain::host::is_under;
use crate::domain::image_id::short_hash;

/// The wire formats that an endpoint may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// SiliconFlow's, also spoken by other deployments of this service.
    SiliconFlow,
    /// OpenAI's.
    OpenAi,
    /// Cloudflare Workers AI's REST API.
    WorkersAi,
}

impl Api {
    /// Parses a format's name in `IMAGE_ENDPOINTS`.
    fn named(name: &str) -> Option<Self> {
        match name {
            "siliconflow" => Some(Self::SiliconFlow),
            "openai" => Some(Self::OpenAi),
            "workers-ai" => Some(Self::WorkersAi),
            _ => None,
        }
    }

    /// Guesses the format from a URL; `None` if the URL does not tell.
    pub fn of(url: &Url) -> Option<Self> {
        let host = url.host_str().unwrap_or_default();
        let siliconflow = ["siliconflow.cn", "siliconflow.com"].into_iter().any(|domain| is_under(host, domain));
        let path = url.path().trim_end_matches('/');
        if siliconflow || path.ends_with("/image/generations") {
            Some(Self::SiliconFlow)
        } else if path.contains("/ai/run/") {
            Some(Self::WorkersAi)
        } else if path.ends_with("/images/generations") {
            Some(Self::OpenAi)
        } else {
            None
        }
    }
}

/// The models of this service that an endpoint accepts, and its names for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointModels {
    /// Every model, under the same name.
    All,
    /// These models: pairs of our name and the endpoint's.
    Named(Vec<(String, String)>),
    /// One model of its own, used in place of any.
    StandIn(String),
}

/// One endpoint with one key: a slot in the rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The URL that image requests are sent to.
    pub url: Url,
    /// The key, if it needs one.
    pub key: Option<Secret>,
    /// The wire format.
    pub api: Api,
    /// The models it has.
    pub models: EndpointModels,
}

impl Endpoint {
    /// The endpoint's name for `model`; `None` if it does not accept it.
    pub fn name_of<'a>(&'a self, model: &'a str) -> Option<&'a str> {
        match &self.models {
            EndpointModels::All => Some(model),
            EndpointModels::Named(names) => {
                names.iter().find(|(ours, _)| ours == model).map(|(_, theirs)| theirs.as_str())
            }
            EndpointModels::StandIn(name) => Some(name),
        }
    }

    /// The id of this URL and key in the rotation: a hash, never the key.
    pub fn slot_id(&self) -> String {
        let key = self.key.as_ref().map_or("", Secret::expose);
        short_hash(&format!("{}\n{key}", self.url))
    }

    /// Strikes what this endpoint was told out of what it says.
    pub fn redactor(&self) -> Redactor {
        Redactor::of_call(&self.url, self.key.as_ref())
    }

    /// The id of this URL in the rotation.
    pub fn endpoint_id(&self) -> String {
        short_hash(self.url.as_str())
    }
}

/// Reads the rotation: `IMAGE_API_KEYS` at `IMAGE_API_URL`, then `IMAGE_ENDPOINTS`, without duplicate slots.
pub(super) fn read_all(reader: &mut Reader<'_>) -> Vec<Endpoint> {
    let mut endpoints = read_keys(reader);
    if let Some(text) = reader.value("IMAGE_ENDPOINTS") {
        match parse_endpoints(&text) {
            Ok(more) => endpoints.extend(more),
            Err(problems) => problems.iter().for_each(|problem| reader.problem("IMAGE_ENDPOINTS", problem)),
        }
    }
    let mut seen = Vec::new();
    endpoints.retain(|endpoint| {
        let slot = endpoint.slot_id();
        let is_new = !seen.contains(&slot);
        seen.extend(is_new.then_some(slot));
        is_new
    });
    endpoints
}

/// Reads `IMAGE_API_KEYS`, each at `IMAGE_API_URL`.
fn read_keys(reader: &mut Reader<'_>) -> Vec<Endpoint> {
    let keys = reader.secrets("IMAGE_API_KEYS");
    let Some(url) = reader.url("IMAGE_API_URL") else { return Vec::new() };
    let Some(api) = Api::of(&url) else {
        reader.problem("IMAGE_API_URL", "does not show which API it is: use IMAGE_ENDPOINTS and say its api");
        return Vec::new();
    };
    let endpoint = |key| Endpoint { url: url.clone(), key: Some(key), api, models: EndpointModels::All };
    keys.into_iter().map(endpoint).collect()
}

/// Parses `IMAGE_ENDPOINTS`. The errors name the position and never the value.
fn parse_endpoints(text: &str) -> Result<Vec<Endpoint>, Vec<String>> {
    let Ok(Value::Array(entries)) = serde_json::from_str(text) else {
        return Err(vec!["is not a JSON array of {\"url\",\"key\",\"models\"?,\"api\"?}".to_owned()]);
    };
    let mut endpoints = Vec::new();
    let mut problems = Vec::new();
    for (number, entry) in (1..).zip(entries) {
        match read_entry(&entry) {
            Ok(endpoint) => endpoints.push(endpoint),
            Err(problem) => problems.push(format!("entry {number}: {problem}")),
        }
    }
    if problems.is_empty() { Ok(endpoints) } else { Err(problems) }
}

fn read_entry(entry: &Value) -> Result<Endpoint, &'static str> {
    let text = |name: &str| match entry.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(_) => Err("url, key and api are texts"),
    };
    let url = text("url")?.and_then(parse_url).ok_or("url is not an http or https address")?;
    let api = match text("api")? {
        Some(name) => Api::named(name).ok_or("api is siliconflow, openai or workers-ai")?,
        None => Api::of(&url).ok_or("the API cannot be told from the url: say api")?,
    };
    let models = match entry.get("models") {
        None | Some(Value::Null) if api == Api::WorkersAi => EndpointModels::StandIn(model_in_path(&url)),
        None | Some(Value::Null) => EndpointModels::All,
        Some(models) => EndpointModels::Named(names(models).ok_or("models is a list of names or an object of names")?),
    };
    let key = text("key")?;
    if key.is_some_and(|key| !is_header_safe(key)) {
        return Err("key has characters that no key has");
    }
    Ok(Endpoint { url, key: key.map(Secret::new), api, models })
}

/// The models of an entry: pairs of our name and the endpoint's.
fn names(models: &Value) -> Option<Vec<(String, String)>> {
    let name = |value: &Value| value.as_str().map(str::to_owned);
    match models {
        Value::Array(list) => list.iter().map(|item| Some((name(item)?, name(item)?))).collect(),
        Value::Object(map) => map.iter().map(|(ours, theirs)| Some((ours.clone(), name(theirs)?))).collect(),
        _ => None,
    }
}

/// The model in a Workers AI URL: the part after `/ai/run/`.
fn model_in_path(url: &Url) -> String {
    url.path().split_once("/ai/run/").map_or_else(|| url.path().to_owned(), |(_, model)| model.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Endpoint {
        parse_endpoints(text).unwrap_or_default().pop().unwrap_or_else(|| unreachable!("{text}"))
    }

    #[test]
    fn the_format_is_guessed_from_the_url_or_set() {
        for (url, api) in [
            ("https://api.siliconflow.cn/v1/images/generations", Api::SiliconFlow),
            ("https://api.siliconflow.com/v1/anything", Api::SiliconFlow),
            ("https://flux.example.workers.dev/v1/image/generations", Api::SiliconFlow),
            ("https://api.together.xyz/v1/images/generations", Api::OpenAi),
            (
                "https://api.cloudflare.com/client/v4/accounts/a/ai/run/@cf/black-forest-labs/flux-1-schnell",
                Api::WorkersAi,
            ),
        ] {
            assert_eq!(only(&format!(r#"[{{"url":"{url}"}}]"#)).api, api, "{url}");
        }
        assert_eq!(only(r#"[{"url":"https://a.test/x","api":"openai"}]"#).api, Api::OpenAi);
        assert_eq!(
            parse_endpoints(r#"[{"url":"https://notsiliconflow.cn/x"}]"#),
            Err(vec!["entry 1: the API cannot be told from the url: say api".to_owned()])
        );
    }

    #[test]
    fn models_are_all_a_list_a_map_or_the_one_in_the_address() {
        let all = only(r#"[{"url":"https://a.test/images/generations"}]"#);
        assert_eq!(all.name_of("any"), Some("any"));
        let list = only(r#"[{"url":"https://a.test/images/generations","models":["one"]}]"#);
        assert_eq!((list.name_of("one"), list.name_of("two")), (Some("one"), None));
        let map = only(r#"[{"url":"https://a.test/images/generations","models":{"ours":"theirs"}}]"#);
        assert_eq!((map.name_of("ours"), map.name_of("theirs")), (Some("theirs"), None));
        let own = only(r#"[{"url":"https://a.test/ai/run/@cf/flux"}]"#);
        assert_eq!(own.name_of("whatever"), Some("@cf/flux"));
    }

    #[test]
    fn every_malformed_entry_is_named_and_no_value_is_shown() {
        let text =
            r#"[{"url":"ftp://canary"},{"url":"https://a.test/images/generations","models":7,"key":"canary"},{}]"#;
        let problems = parse_endpoints(text).err().unwrap_or_default();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems.iter().all(|problem| !problem.contains("canary")), "{problems:?}");
        assert!(parse_endpoints("canary").err().is_some_and(|p| !p.concat().contains("canary")));
    }

    #[test]
    fn a_slot_is_known_by_a_hash_of_its_address_and_key() {
        let one = only(r#"[{"url":"https://a.test/images/generations","key":"k1"}]"#);
        let two = only(r#"[{"url":"https://a.test/images/generations","key":"k2"}]"#);
        assert_ne!(one.slot_id(), two.slot_id());
        assert_eq!(one.endpoint_id(), two.endpoint_id());
        assert!(!one.slot_id().contains("k1"));
    }
}
