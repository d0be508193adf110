//! `POST /v1/sign`: signs an image URL, so that its holder may have the image made.

use serde_json::{Value, json};
use url::Url;

use super::image_query::{ImageQuery, PromptPlace};
use super::json_fields::{Fields, natural, text, wrong_type};
use super::url_query::{Params, edited};
use crate::access::{Caller, signature};
use crate::app::App;
use crate::config::Secret;
use crate::domain::Seed;
use crate::domain::numbers::SeedChoice;
use crate::error::Error;
use crate::http::{Request, Response};

/// The longest validity of a signature: ten years, in seconds.
const MAX_SECONDS: u64 = 315_360_000;

/// Signs the URL in the body, which must be on this host.
pub async fn sign(app: &App, request: &Request) -> Result<Response, Error> {
    let now_ms = app.ports.clock.now_ms();
    Caller::of(&app.config.access, request, now_ms).require_owner()?;
    let key = signing_key(app)?;
    let fields = Fields::read(request).await?;
    let url = fields.one("url", |name, value| text(name, value).map(str::to_owned))?;
    let url = url.ok_or_else(|| Error::invalid("url", "`url` is missing: give an image URL of this service."))?;
    let expires_in = fields.one("expires_in", seconds)?;
    let expires_at = expires_in.map(|seconds| (now_ms / 1_000).saturating_add(seconds));
    let url = signable(app, &own_url(app, &request.url, &url)?, expires_at)?;
    check(app, &url)?;
    let sig = signature::sign(key, &url).ok_or_else(other_path)?;
    let url = edited(&url, |_| false, [format!("sig={sig}")]);
    Ok(Response::json(200, &json!({ "url": url.as_str() })).with("Cache-Control", "no-store"))
}

fn signing_key(app: &App) -> Result<&Secret, Error> {
    let key = app.config.access.signing_key.as_ref();
    key.ok_or_else(|| Error::misconfigured("URL_SIGNING_KEY is not set: no URL can be signed."))
}

/// The URL to be signed: without an earlier signature, with its expiry, and with a drawn seed instead of a random one,
/// because a signature covers one image.
fn signable(app: &App, url: &Url, expires_at: Option<u64>) -> Result<Url, Error> {
    let seed = Params::of(url).get("seed")?.filter(|seed| !seed.trim().is_empty());
    let is_random = seed.map(|seed| SeedChoice::parse("seed", &seed)).transpose()? == Some(SeedChoice::Random);
    let replaced = |name: &str| match name {
        "sig" | "id" => true,
        "exp" => expires_at.is_some(),
        "seed" => is_random,
        _ => false,
    };
    let seed = is_random.then(|| format!("seed={}", Seed::from_random_bits(app.ports.random.next_u64())));
    let exp = expires_at.map(|seconds| format!("exp={seconds}"));
    Ok(edited(url, replaced, seed.into_iter().chain(exp)))
}

fn seconds(name: &'static str, value: &Value) -> Result<u64, Error> {
    let seconds = natural(value).filter(|seconds| (1..=MAX_SECONDS).contains(seconds));
    seconds.ok_or_else(|| wrong_type(name, value, "seconds, from 1 to ten years of them"))
}

/// Parses an image URL on this host, absolute or relative. The host of `PUBLIC_URL` is this host too, and the one that
/// callers see.
fn own_url(app: &App, here: &Url, text: &str) -> Result<Url, Error> {
    let public = app.config.public_url.as_ref().unwrap_or(here);
    let url = public.join(text).map_err(|_| Error::invalid("url", "`url` is not a URL."))?;
    if url.origin() != here.origin() && url.origin() != public.origin() {
        return Err(Error::invalid("url", "`url` is on another host: only URLs of this service are signed."));
    }
    let mut own = public.clone();
    own.set_path(url.path());
    own.set_query(url.query());
    Ok(own)
}

/// Checks that a URL is valid: a link that answers 400 is of no use to anybody.
fn check(app: &App, url: &Url) -> Result<(), Error> {
    let params = Params::of(url);
    let place = match signature::prompt_in(url.path()) {
        Some(prompt) => PromptPlace::Path(prompt),
        None if url.path().trim_start_matches('/').is_empty() => PromptPlace::Query,
        None => return Err(other_path()),
    };
    if params.get("exp")?.is_some_and(|exp| signature::expiry(&exp).is_none()) {
        return Err(Error::invalid("exp", "`exp` takes unix seconds, in digits alone."));
    }
    let query = ImageQuery::parse(&params, place, &app.config, &*app.normalizer)?;
    query.prompt.map(|_| ()).ok_or_else(|| Error::missing_prompt("prompt", "`url` has no `prompt`."))
}

fn other_path() -> Error {
    Error::invalid("url", "`url` has another path than / or /prompt/…: nothing else can be signed.")
}
