//! The settings: every one with its name, its default and its check.
//!
//! [`Config::from_lookup`] is pure; the platform only tells it what each name is set to. A setting
//! that is malformed is never silently its default: it is noted as a problem, and what needs the
//! setting is refused with all problems named at once.

mod endpoint;
mod reader;
mod secret;

pub use endpoint::{Api, Endpoint, EndpointModels};
pub use secret::{Redactor, Secret};

use url::Url;

use self::reader::Reader;
use crate::domain::Size;
use crate::error::Error;

/// A setting's name, whether it is a secret, and its default as documents show it.
pub struct Setting {
    /// The variable's name.
    pub name: &'static str,
    /// Whether it is set as a secret.
    pub secret: bool,
    /// The default; empty where there is none.
    pub default: &'static str,
}

const fn setting(name: &'static str, secret: bool, default: &'static str) -> Setting {
    Setting { name, secret, default }
}

/// Every setting there is: the table that documents are checked against.
pub const SETTINGS: &[Setting] = &[
    setting("IMAGE_API_KEYS", true, ""),
    setting("PROCESS_API_KEY", true, ""),
    setting("ACCESS_TOKENS", true, ""),
    setting("URL_SIGNING_KEY", true, ""),
    setting("IMAGE_ENDPOINTS", true, ""),
    setting("IMAGE_API_URL", false, "https://api.siliconflow.cn/v1/image/generations"),
    setting("IMAGE_MODELS", false, "black-forest-labs/FLUX.1-schnell,Kwai-Kolors/Kolors"),
    setting("KEY_IMAGES_PER_MINUTE", false, ""),
    setting("PROCESS_API_URL", false, "https://open.bigmodel.cn/api/paas/v4/chat/completions"),
    setting("PROCESS_MODEL", false, "glm-4-flash"),
    setting("DEFAULT_SIZE", false, "512x512"),
    setting("CACHE_TTL", false, "2592000"),
    setting("GENERATION_TIMEOUT", false, "60"),
    setting("ERROR_IMAGE_URL", false, ""),
    setting("DEMO_IMAGES", false, ""),
    setting("ALLOWED_REFERERS", false, ""),
];

/// The settings that say who may have images made.
const ACCESS_SETTINGS: [&str; 3] = ["ACCESS_TOKENS", "URL_SIGNING_KEY", "ALLOWED_REFERERS"];
/// The shortest expiry that KV takes, in seconds.
const MIN_TTL: u64 = 60;
/// The longest `GENERATION_TIMEOUT`: callers and gateways give up earlier.
const MAX_TIMEOUT_SECONDS: u64 = 300;

/// The chat API that rewrites prompts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatApi {
    /// Its address (`PROCESS_API_URL`).
    pub url: Url,
    /// Its model (`PROCESS_MODEL`).
    pub model: String,
    /// Its key (`PROCESS_API_KEY`).
    pub key: Secret,
}

/// Everything that the owner can set.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `DEFAULT_SIZE`; `None` where it is malformed.
    default_size: Option<Size>,
    /// `IMAGE_MODELS`, never empty.
    pub models: Vec<String>,
    /// `IMAGE_API_KEYS` at `IMAGE_API_URL`, then `IMAGE_ENDPOINTS`: the rotation, each slot once.
    pub endpoints: Vec<Endpoint>,
    /// `PROCESS_API_KEY`, `PROCESS_API_URL`, `PROCESS_MODEL`; `None` without a key: nothing is rewritten.
    pub chat: Option<ChatApi>,
    /// `KEY_IMAGES_PER_MINUTE`; `None`: one call at a time on each key.
    pub key_images_per_minute: Option<u32>,
    /// `CACHE_TTL` in seconds; 0 is for ever.
    pub cache_ttl: u64,
    /// `GENERATION_TIMEOUT` in milliseconds, for the whole of one image.
    pub generation_timeout_ms: u64,
    /// `ERROR_IMAGE_URL`; `None`: the built-in card.
    pub error_image_url: Option<Url>,
    /// Whether demo pictures are drawn: `DEMO_IMAGES` is on and there is no key and no endpoint.
    pub demo: bool,
    /// `ACCESS_TOKENS`.
    pub access_tokens: Vec<Secret>,
    /// `URL_SIGNING_KEY`.
    pub url_signing_key: Option<Secret>,
    /// `ALLOWED_REFERERS`, in lower case.
    pub allowed_referers: Vec<String>,
    /// What is wrong, a sentence for each setting.
    problems: Vec<String>,
}

impl Config {
    /// Builds the configuration from what each name is set to. A blank value is a missing one.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut reader = Reader::new(lookup);
        let models = reader.list("IMAGE_MODELS");
        if models.is_empty() {
            reader.problem("IMAGE_MODELS", "takes the names of models, comma-separated");
        }
        let endpoints = reader.endpoints();
        let demo_wanted = reader.flag("DEMO_IMAGES");
        let demo = demo_wanted && endpoints.is_empty() && !reader.is_set("IMAGE_ENDPOINTS");
        Self {
            default_size: reader.parsed("DEFAULT_SIZE", "takes WIDTHxHEIGHT, each side 64 to 2048", |text| {
                Size::parse("DEFAULT_SIZE", text).ok()
            }),
            models,
            endpoints,
            chat: reader.chat(),
            key_images_per_minute: reader.parsed(
                "KEY_IMAGES_PER_MINUTE",
                "takes a whole number from 1 to 1000",
                |text| text.parse().ok().filter(|rate| (1..=1_000).contains(rate)),
            ),
            cache_ttl: reader
                .parsed("CACHE_TTL", "takes seconds: 0 for ever, else at least 60", |text| {
                    text.parse().ok().filter(|ttl| *ttl == 0 || (MIN_TTL..=MAX_TTL).contains(ttl))
                })
                .unwrap_or_default(),
            generation_timeout_ms: reader
                .parsed("GENERATION_TIMEOUT", "takes seconds from 1 to 300", |text| {
                    text.parse::<u64>().ok().filter(|seconds| (1..=MAX_TIMEOUT_SECONDS).contains(seconds))
                })
                .unwrap_or_default()
                .saturating_mul(1_000),
            error_image_url: reader.url("ERROR_IMAGE_URL"),
            demo,
            access_tokens: reader.secrets("ACCESS_TOKENS"),
            url_signing_key: reader.value("URL_SIGNING_KEY").map(Secret::new),
            allowed_referers: reader.hosts("ALLOWED_REFERERS"),
            problems: reader.problems(),
        }
    }

    /// Whether every setting can be used; else all that is wrong, in one message.
    pub fn check(&self) -> Result<(), Error> {
        if self.problems.is_empty() { Ok(()) } else { Err(Error::Misconfigured(self.problems.join(" "))) }
    }

    /// Whether it can be told who may have images made; else all that is wrong.
    pub fn check_access(&self) -> Result<(), Error> {
        let of_access = |problem: &String| ACCESS_SETTINGS.iter().any(|name| problem.starts_with(name));
        if self.problems.iter().any(of_access) { self.check() } else { Ok(()) }
    }

    /// Whether an image can be made at all; else what to set.
    pub fn check_can_make(&self) -> Result<(), Error> {
        self.check()?;
        if self.endpoints.is_empty() && !self.demo {
            return Err(Error::Misconfigured(
                "No image API key is set. Set IMAGE_API_KEYS (keys from cloud.siliconflow.cn, comma-separated) or \
                 IMAGE_ENDPOINTS; or DEMO_IMAGES=1 to try the service without an account."
                    .to_owned(),
            ));
        }
        Ok(())
    }

    /// The size of an image that was asked for without one.
    pub fn default_size(&self) -> Result<Size, Error> {
        self.default_size.ok_or_else(|| Error::Misconfigured(self.problems.join(" ")))
    }

    /// The model of an image that was asked for without one.
    pub fn default_model(&self) -> Result<&str, Error> {
        let first = self.models.first().map(String::as_str);
        first.ok_or_else(|| Error::Misconfigured(self.problems.join(" ")))
    }

    /// What strikes the owner's secrets out of upstreams' words.
    pub fn redactor(&self) -> Redactor {
        let keys = self.endpoints.iter().filter_map(|endpoint| endpoint.key.clone());
        let chat = self.chat.iter().map(|chat| chat.key.clone());
        let own = self.access_tokens.iter().chain(&self.url_signing_key).cloned();
        // IMAGE_ENDPOINTS is a secret as a whole, and some APIs take their key in the address.
        let queries = self.endpoints.iter().flat_map(|endpoint| endpoint.url.query_pairs());
        let values = queries.map(|(_, value)| value.into_owned()).filter(|value| value.len() >= secret::PIECE);
        Redactor::new(keys.chain(chat).chain(own).chain(values.map(Secret::new)).collect())
    }
}

/// The longest expiry that is taken: ten years in seconds, which no sum of times overflows.
const MAX_TTL: u64 = 315_360_000;

/// Reads `1/true/yes/on` and `0/false/no/off`, in any case.
pub fn parse_flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
