//! An endpoint that makes images: an address, a key, a wire format and the models it has.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::api::Api;
use super::provider::Provider;
use super::secret::{Redactor, Secret};
use crate::domain::host::is_under;
use crate::domain::image_id::short_hash;

/// The vendors' domains, and their names; that of the binding `AI` is its own.
const VENDORS: &[(&str, &str)] = &[
    ("siliconflow.cn", "SiliconFlow"),
    ("siliconflow.com", "SiliconFlow"),
    ("bigmodel.cn", "BigModel"),
    (BINDING, "Workers AI"),
    ("api.cloudflare.com", "Workers AI"),
    ("nvidia.com", "NVIDIA"),
    ("sensenova.cn", "SenseNova"),
    ("agnes-ai.com", "Agnes AI"),
    ("together.xyz", "Together AI"),
    ("openai.com", "OpenAI"),
];
/// What stands in the place of a host for the binding `AI`.
const BINDING: &str = "Workers AI";

/// The way to an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Over the network.
    Url(Url),
    /// By the binding `AI`.
    Binding,
}

impl Address {
    /// The URL; `None` for the binding.
    pub fn url(&self) -> Option<&Url> {
        match self {
            Self::Url(url) => Some(url),
            Self::Binding => None,
        }
    }

    /// The host, for the log.
    pub fn host(&self) -> &str {
        match self {
            Self::Url(url) => url.host_str().unwrap_or_default(),
            Self::Binding => BINDING,
        }
    }

    /// The id of the address with a key: a hash, never the key.
    pub(super) fn id_with(&self, key: Option<&Secret>) -> String {
        short_hash(&format!("{}\n{}", self.as_str(), key.map_or("", Secret::expose)))
    }

    /// The text that stands for it in hashes.
    fn as_str(&self) -> &str {
        match self {
            Self::Url(url) => url.as_str(),
            Self::Binding => "AI",
        }
    }
}

/// The models of this service that an endpoint accepts, and its names for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointModels {
    /// Every model, under the same name.
    All,
    /// Every model, under the same name, but those whose names begin so.
    AllBut(&'static [&'static str]),
    /// These models: pairs of our name and the endpoint's.
    Named(Vec<(String, String)>),
    /// One model of its own, used in place of any.
    StandIn(String),
}

/// Parses the models of an endpoint: a list of names, or an object from our names to its. Pairs of our name and its.
pub(super) fn parse_names(models: &Value) -> Option<Vec<(String, String)>> {
    let name = |value: &Value| value.as_str().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
    match models {
        Value::Array(list) => list.iter().map(|item| Some((name(item)?, name(item)?))).collect(),
        Value::Object(map) => map.iter().map(|(ours, theirs)| Some((ours.trim().to_owned(), name(theirs)?))).collect(),
        _ => None,
    }
}

/// The part of a model's name that vendors have in common: `flux-1-schnell` of `black-forest-labs/FLUX.1-schnell`.
fn common_name(model: &str) -> String {
    model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase().replace('.', "-")
}

/// The place of an endpoint in the rotation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Priority {
    /// Asked whenever it is available at once (`WORKERS_AI=first`).
    #[serde(rename = "f")]
    First,
    /// Asked in turn: every key.
    #[default]
    #[serde(rename = "n")]
    InTurn,
    /// Asked where no other is available within two seconds of the caller's arrival (`WORKERS_AI=last`).
    #[serde(rename = "l")]
    Last,
}

/// One endpoint with one key: a slot in the rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The address that image requests are sent to.
    pub address: Address,
    /// The key, if it needs one.
    pub key: Option<Secret>,
    /// The wire format.
    pub api: Api,
    /// The models it has.
    pub models: EndpointModels,
    /// The row of a provider known by name.
    pub provider: Option<&'static Provider>,
    /// Its place in the rotation.
    pub priority: Priority,
    /// The most images a day (UTC) that it is asked for (`WORKERS_AI_PER_DAY`).
    pub per_day: Option<u32>,
}

impl Endpoint {
    /// An endpoint at a URL, in turn with the others and without limits.
    pub fn at(url: Url, key: Option<Secret>, api: Api, models: EndpointModels) -> Self {
        Self { address: Address::Url(url), key, api, models, provider: None, priority: Priority::InTurn, per_day: None }
    }

    /// The endpoint's name for `model`; `None` if it does not accept it.
    pub fn name_of<'a>(&'a self, model: &'a str) -> Option<&'a str> {
        match &self.models {
            EndpointModels::All => Some(model),
            EndpointModels::AllBut(prefixes) => {
                (!prefixes.iter().any(|prefix| model.starts_with(prefix))).then_some(model)
            }
            EndpointModels::Named(names) => {
                names.iter().find(|(ours, _)| ours.eq_ignore_ascii_case(model)).map(|(_, theirs)| theirs.as_str())
            }
            EndpointModels::StandIn(name) => Some(name),
        }
    }

    /// The model that draws where `model` is asked for: our name for it, or the endpoint's own where that only stands in.
    pub fn drawing_model<'a>(&'a self, model: &'a str) -> &'a str {
        match &self.models {
            EndpointModels::StandIn(name) if !name.to_ascii_lowercase().ends_with(&common_name(model)) => name,
            _ => model,
        }
    }

    /// The id of this address and key in the rotation: a hash, never the key.
    pub fn slot_id(&self) -> String {
        self.address.id_with(self.key.as_ref())
    }

    /// Strikes what this endpoint was told out of what it says.
    pub fn redactor(&self) -> Redactor {
        Redactor::of_call(self.address.url(), self.key.as_ref())
    }

    /// The id of this address in the rotation.
    pub fn endpoint_id(&self) -> String {
        short_hash(self.address.as_str())
    }

    /// The host, for the log.
    pub fn host(&self) -> &str {
        self.address.host()
    }

    /// The vendor, for callers; `None` if its host is none of a vendor's: the owner's own addresses are not told.
    pub fn vendor(&self) -> Option<&'static str> {
        let host = self.host();
        VENDORS.iter().find(|(domain, _)| is_under(host, domain)).map(|(_, name)| *name)
    }
}
