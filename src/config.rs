//! The settings, each with its name, default and check.
//!
//! [`Config::from_lookup`] is pure; the platform only supplies the value of each name. A malformed setting never
//! silently falls back to its default: it is recorded as a problem, and a request that needs the setting is refused
//! with all problems named at once.

mod access_policy;
mod chat_api;
mod endpoint;
mod reader;
mod secret;
mod settings;
#[cfg(test)]
mod tests;

pub use access_policy::AccessPolicy;
pub use chat_api::ChatApi;
pub use endpoint::{Api, Endpoint, EndpointModels};
pub use secret::{Redactor, Secret};
pub use settings::{SETTINGS, Setting};

use url::Url;

use self::reader::Reader;
use crate::domain::Size;
use crate::error::Error;

/// The shortest expiry that KV accepts, in seconds.
const MIN_TTL: u64 = 60;
/// The longest expiry that is accepted: ten years in seconds, which no sum of times overflows.
const MAX_TTL: u64 = 315_360_000;
/// The longest `GENERATION_TIMEOUT`: callers and gateways give up earlier.
const MAX_TIMEOUT_SECONDS: u64 = 300;
/// The highest `KEY_IMAGES_PER_MINUTE`.
const MAX_PER_MINUTE: u32 = 1_000;

/// Everything that the owner can set.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `ACCESS_TOKENS`, `URL_SIGNING_KEY`, `ALLOWED_REFERERS`.
    pub access: AccessPolicy,
    /// `IMAGE_MODELS`; never empty in a valid configuration.
    pub models: Vec<String>,
    /// `IMAGE_API_KEYS` at `IMAGE_API_URL`, then `IMAGE_ENDPOINTS`: the rotation, without duplicate slots.
    pub endpoints: Vec<Endpoint>,
    /// `PROCESS_API_KEY`, `PROCESS_API_URL`, `PROCESS_MODEL`; `None` without a key: prompts are not rewritten.
    pub chat: Option<ChatApi>,
    /// `KEY_IMAGES_PER_MINUTE`; `None`: one call at a time on each key.
    pub key_images_per_minute: Option<u32>,
    /// `DEFAULT_SIZE`; `None` if it is malformed.
    default_size: Option<Size>,
    /// `CACHE_TTL` in seconds; 0 means forever.
    pub cache_ttl: u64,
    /// `GENERATION_TIMEOUT` in milliseconds: the time limit for one image, all steps included.
    pub generation_timeout_ms: u64,
    /// `PUBLIC_URL`: the origin under which callers know this service; `None`: the host of each request.
    pub public_url: Option<Url>,
    /// `ERROR_IMAGE_URL`; `None`: the built-in card.
    pub error_image_url: Option<Url>,
    /// True if demo pictures are drawn: `DEMO_IMAGES` is on and there is no key and no endpoint.
    pub demo: bool,
    /// All problems, in one message.
    problem: Option<Error>,
}

impl Config {
    /// Builds the configuration from the value of each name. A blank value counts as missing.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut reader = Reader::new(lookup);
        let mut access = AccessPolicy::read(&mut reader);
        let access_is_malformed = !reader.problems().is_empty();
        let models = models(&mut reader);
        let endpoints = endpoint::read_all(&mut reader);
        let demo = reader.flag("DEMO_IMAGES") && endpoints.is_empty() && !reader.is_set("IMAGE_ENDPOINTS");
        let config = Self {
            models,
            endpoints,
            demo,
            chat: ChatApi::read(&mut reader),
            key_images_per_minute: key_images_per_minute(&mut reader),
            default_size: default_size(&mut reader),
            cache_ttl: cache_ttl(&mut reader),
            generation_timeout_ms: generation_timeout_ms(&mut reader),
            public_url: reader.url("PUBLIC_URL"),
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
                "No image API key is set. Set IMAGE_API_KEYS (keys from cloud.siliconflow.cn, comma-separated) or \
                 IMAGE_ENDPOINTS; or DEMO_IMAGES=1 to try the service without an account.",
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

    fn problem_or(&self, name: &str) -> Error {
        self.problem.clone().unwrap_or_else(|| Error::misconfigured(format!("{name} cannot be used.")))
    }
}

fn models(reader: &mut Reader<'_>) -> Vec<String> {
    let models = reader.list("IMAGE_MODELS");
    if models.is_empty() {
        reader.problem("IMAGE_MODELS", "takes the names of models, comma-separated");
    }
    models
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
