//! The settings, each with its name, default and check.
//!
//! [`Config::from_lookup`] is pure; the platform only supplies the value of each name. A malformed setting never
//! silently falls back to its default: it is recorded as a problem, and a request that needs the setting is refused
//! with all problems named at once.

mod access_policy;
mod api;
mod chat_api;
mod endpoint;
mod provider;
mod reader;
mod rotation;
mod secret;
mod settings;
mod sizes;
#[cfg(test)]
mod tests;
mod token;
mod workers_ai;

pub use access_policy::AccessPolicy;
pub use api::Api;
pub use chat_api::{ChatApi, ChatKind};
pub use endpoint::{Address, Endpoint, EndpointModels, Priority};
pub use provider::{NVIDIA_MAX_STEPS, NVIDIA_SIZES, Provider};
pub use secret::{Redactor, Secret};
pub use settings::{SETTINGS, Setting};
pub use sizes::Sizes;
pub use token::Token;

use url::Url;

use self::chat_api::Process;
use self::reader::Reader;
use crate::domain::Size;
use crate::error::Error;

/// The shortest expiry that KV accepts, in seconds.
const MIN_TTL: u64 = 60;
/// The longest expiry that is accepted: ten years in seconds, which no sum of times overflows.
const MAX_TTL: u64 = 315_360_000;
/// The longest `GENERATION_TIMEOUT`: callers and gateways give up earlier.
const MAX_TIMEOUT_SECONDS: u64 = 300;
/// BigModel's free model.
const COGVIEW_FLASH: &str = "cogview-3-flash";
/// The highest `KEY_IMAGES_PER_MINUTE`.
const MAX_PER_MINUTE: u32 = 1_000;

/// Everything that the owner can set.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `ACCESS_TOKENS`, `ANONYMOUS_PER_DAY`, `URL_SIGNING_KEY`, `ALLOWED_REFERERS`.
    pub access: AccessPolicy,
    /// `IMAGE_MODELS`; never empty in a valid configuration.
    pub models: Vec<String>,
    /// The rotation, without duplicate slots: `IMAGE_API_KEYS` at `IMAGE_API_URL`, then `IMAGE_ENDPOINTS`, BigModel's
    /// pictures with `PROCESS_API_KEY`, and the binding `AI` (before them all where `WORKERS_AI` says so).
    pub endpoints: Vec<Endpoint>,
    /// The chat APIs in the order in which they are asked, a model and a key each; none: prompts are not rewritten.
    pub chats: Vec<ChatApi>,
    /// `KEY_IMAGES_PER_MINUTE`; `None`: one call at a time on each key.
    pub key_images_per_minute: Option<u32>,
    /// `PUBLIC_URL`, of which the origin counts; `None`: the host of the request.
    pub public_url: Option<Url>,
    /// `DEFAULT_SIZE`; `None` if it is malformed.
    default_size: Option<Size>,
    /// `CACHE_TTL` in seconds; 0 means forever.
    pub cache_ttl: u64,
    /// `GENERATION_TIMEOUT` in milliseconds: the time limit for one image, all steps included.
    pub generation_timeout_ms: u64,
    /// `ERROR_IMAGE_URL`; `None`: the built-in card.
    pub error_image_url: Option<Url>,
    /// True if demo pictures are drawn: `DEMO_IMAGES` is on and there is no key, no endpoint and no `AI`.
    pub demo: bool,
    /// All problems, in one message.
    problem: Option<Error>,
}

impl Config {
    /// Builds the configuration from the value of each name. A blank value counts as missing.
    /// `ai_is_bound` says if there is Workers AI.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>, ai_is_bound: bool) -> Self {
        let mut reader = Reader::new(lookup);
        let mut access = AccessPolicy::read(&mut reader);
        let access_is_malformed = !reader.problems().is_empty();
        let process = Process::read(&mut reader);
        let mut models = models(&mut reader, process.bigmodel().is_some());
        let keys = rotation::read_keys(&mut reader);
        let ai = workers_ai::read(&mut reader, ai_is_bound, &models);
        let chats = chat_api::all(&mut reader, &process, &keys, ai.is_some());
        let endpoints = endpoints(&mut reader, keys, &process, ai, &models);
        if !reader.is_set("IMAGE_MODELS") {
            add_models_of(&endpoints, &mut models);
        }
        let demo = reader.flag("DEMO_IMAGES") && endpoints.is_empty() && !reader.is_set("IMAGE_ENDPOINTS");
        let config = Self {
            models,
            chats,
            endpoints,
            demo,
            key_images_per_minute: key_images_per_minute(&mut reader),
            public_url: reader.url("PUBLIC_URL"),
            default_size: default_size(&mut reader),
            cache_ttl: cache_ttl(&mut reader),
            generation_timeout_ms: generation_timeout_ms(&mut reader),
            error_image_url: reader.url("ERROR_IMAGE_URL"),
            ..Self::default()
        };
        let problems = reader.problems();
        let problem = (!problems.is_empty()).then(|| Error::misconfigured(problems.join(" ")));
        access.problem = problem.clone().filter(|_| access_is_malformed);
        Self { access, problem, ..config }
    }

    /// Checks that every setting is valid. The error lists all problems.
    ///
    /// # Errors
    /// 500 `misconfigured`.
    pub fn check(&self) -> Result<(), Error> {
        self.problem.clone().map_or(Ok(()), Err)
    }

    /// Checks that images can be made at all. The error says which settings are missing or malformed.
    ///
    /// # Errors
    /// 500 `misconfigured`.
    pub fn check_can_make(&self) -> Result<(), Error> {
        self.check()?;
        if self.endpoints.is_empty() && !self.demo {
            return Err(Error::misconfigured(
                "There is nothing to draw with. Bind Workers AI as AI, or set IMAGE_API_KEYS (keys from \
                 cloud.siliconflow.cn), PROCESS_API_KEY (a key from open.bigmodel.cn) or IMAGE_ENDPOINTS; or \
                 DEMO_IMAGES=1 to try the service without an account.",
            ));
        }
        Ok(())
    }

    /// The size of an image that was requested without one.
    ///
    /// # Errors
    /// 500 if `DEFAULT_SIZE` is malformed.
    pub fn default_size(&self) -> Result<Size, Error> {
        self.default_size.ok_or_else(|| self.problem_or("DEFAULT_SIZE"))
    }

    /// The model of an image that was requested without one.
    ///
    /// # Errors
    /// 500 if `IMAGE_MODELS` is malformed.
    pub fn default_model(&self) -> Result<&str, Error> {
        self.models.first().map(String::as_str).ok_or_else(|| self.problem_or("IMAGE_MODELS"))
    }

    /// The models that an endpoint has; where nothing can draw, all of them.
    pub fn models_on_offer(&self) -> Vec<&str> {
        let is_there = |model: &&str| self.endpoints.iter().any(|endpoint| endpoint.name_of(model).is_some());
        let there: Vec<_> = self.models.iter().map(String::as_str).filter(is_there).collect();
        if there.is_empty() { self.models.iter().map(String::as_str).collect() } else { there }
    }

    /// The models for a request of `requested`: that one, then those that stand in for it: the next of the settings, from
    /// the top after the last.
    pub fn models_from<'a>(&'a self, requested: &'a str) -> Vec<&'a str> {
        let at = self.models.iter().position(|model| model == requested).map_or(0, |at| at + 1);
        let (before, after) = self.models.split_at(at);
        let stand_ins = after.iter().chain(before).map(String::as_str).filter(|model| *model != requested);
        std::iter::once(requested).chain(stand_ins).collect()
    }

    /// The model of this name, compared without regard to case.
    pub fn model_named(&self, name: &str) -> Option<&str> {
        self.models.iter().find(|model| model.eq_ignore_ascii_case(name)).map(String::as_str)
    }

    fn problem_or(&self, name: &str) -> Error {
        self.problem.clone().unwrap_or_else(|| Error::misconfigured(format!("{name} cannot be used.")))
    }
}

/// `IMAGE_MODELS`, each once; by default with BigModel's free one where there is a key for it.
fn models(reader: &mut Reader<'_>, has_bigmodel: bool) -> Vec<String> {
    let mut models: Vec<String> = Vec::new();
    for model in reader.names("IMAGE_MODELS") {
        if !models.iter().any(|known| known.eq_ignore_ascii_case(&model)) {
            models.push(model);
        }
    }
    if has_bigmodel && !reader.is_set("IMAGE_MODELS") {
        models.push(COGVIEW_FLASH.to_owned());
    }
    models
}

/// The endpoints of all settings, in the order in which they are asked.
fn endpoints(
    reader: &mut Reader<'_>,
    mut endpoints: Vec<Endpoint>,
    process: &Process,
    ai: Option<Endpoint>,
    models: &[String],
) -> Vec<Endpoint> {
    endpoints.extend(rotation::read_endpoints(reader, models));
    endpoints.extend(process.bigmodel().and_then(|(url, key)| rotation::bigmodel(url, key, models)));
    endpoints.extend(ai);
    // Not by the library's sort: it is 10 KB of WebAssembly, and there are three values.
    let (first, others): (Vec<_>, Vec<_>) = endpoints.into_iter().partition(|one| one.priority == Priority::First);
    let (last, in_turn): (Vec<_>, Vec<_>) = others.into_iter().partition(|one| one.priority == Priority::Last);
    let mut endpoints = [first, in_turn, last].concat();
    rotation::deduplicate(&mut endpoints);
    endpoints
}

/// Adds the models that the endpoints name, if none of them has one of `models`: a deployment that has only a provider
/// with models of its own draws with those.
fn add_models_of(endpoints: &[Endpoint], models: &mut Vec<String>) {
    if endpoints.iter().any(|endpoint| models.iter().any(|model| endpoint.name_of(model).is_some())) {
        return;
    }
    for endpoint in endpoints {
        if let EndpointModels::Named(named) = &endpoint.models {
            models.extend(named.iter().map(|(ours, _)| ours.clone()));
        }
    }
    models.dedup();
}

fn key_images_per_minute(reader: &mut Reader<'_>) -> Option<u32> {
    reader.parsed("KEY_IMAGES_PER_MINUTE", "takes a whole number from 1 to 1000", |text| {
        text.parse().ok().filter(|rate| (1..=MAX_PER_MINUTE).contains(rate))
    })
}

fn default_size(reader: &mut Reader<'_>) -> Option<Size> {
    reader.parsed("DEFAULT_SIZE", "takes WIDTHxHEIGHT, each side 64 to 2048", |text| {
        Size::parse("DEFAULT_SIZE", text).ok()
    })
}

fn cache_ttl(reader: &mut Reader<'_>) -> u64 {
    let seconds = reader.parsed("CACHE_TTL", "takes seconds: 0 for ever, else at least 60", |text| {
        text.parse().ok().filter(|ttl| *ttl == 0 || (MIN_TTL..=MAX_TTL).contains(ttl))
    });
    seconds.unwrap_or_default()
}

fn generation_timeout_ms(reader: &mut Reader<'_>) -> u64 {
    let seconds = reader.parsed("GENERATION_TIMEOUT", "takes seconds from 1 to 300", |text| {
        text.parse::<u64>().ok().filter(|seconds| (1..=MAX_TIMEOUT_SECONDS).contains(seconds))
    });
    seconds.unwrap_or_default().saturating_mul(1_000)
}
