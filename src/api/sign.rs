//! `POST /v1/sign`: signs an image URL, for a link that may have its image made.

use serde_json::Value;
use url::Url;

use super::json_fields::{Fields, natural, text, wrong_type};
use super::params::{self, Params};
use crate::access::{Caller, signature};
use crate::app::App;
use crate::domain::Seed;
use crate::domain::numbers::SeedChoice;
use crate::error::Error;
use crate::http::{Request, Response};
use crate::json::object;

/// The longest that a signature may last: ten years, in seconds.
const MAX_SECONDS: u64 = 315_360_000;

/// Signs the URL of a body, on this host. A random seed is drawn here: a signature covers one image.
pub async fn sign(app: &App, request: &Request) -> Result<Response, Error> {
    let now_ms = app.outside.clock.now_ms();
    Caller::of(&app.config, request, now_ms).require_token()?;
    let key = app.config.url_signing_key.as_ref();
    let key = key.ok_or_else(|| Error::Misconfigured("URL_SIGNING_KEY is not set: no URL can be signed.".into()))?;
    let fields = Fields::read(request).await?;
    let url = fields.one("url", |name, value| text(name, value).map(str::to_owned))?;
    let url = url.ok_or_else(|| Error::invalid("url", "`url` is missing: give an image URL of this service."))?;
    let expires_in = fields.one("expires_in", seconds)?;

    let mut url = own_url(&request.url, &url)?;
    let seed = Params::of(&url).get("seed")?.filter(|seed| !seed.trim().is_empty());
    let draws = seed.map(|seed| SeedChoice::parse("seed", &seed)).transpose()? == Some(SeedChoice::Random);
    let replaced = |name: &str| {
        name == "sig" || name == "id" || (name == "exp" && expires_in.is_some()) || (name == "seed" && draws)
    };
    let query = url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<String> = query.filter(|pair| !replaced(&params::split(pair).0)).map(str::to_owned).collect();
    if draws {
        pairs.push(format!("seed={}", Seed::draw(&*app.outside.random)));
    }
    if let Some(seconds) = expires_in {
        pairs.push(format!("exp={}", (now_ms / 1_000).saturating_add(seconds)));
    }
    url.set_query((!pairs.is_empty()).then(|| pairs.join("&")).as_deref());
    let sig = signature::sign(key, &url);
    pairs.push(format!("sig={sig}"));
    url.set_query(Some(&pairs.join("&")));
    Ok(Response::json(200, &object! { "url": url.as_str() }).with("Cache-Control", "no-store"))
}

fn seconds(name: &'static str, value: &Value) -> Result<u64, Error> {
    let seconds = natural(value).filter(|seconds| (1..=MAX_SECONDS).contains(seconds));
    seconds.ok_or_else(|| wrong_type(name, value, "seconds, from 1 to ten years of them"))
}

/// An image URL on this host, absolute or not.
fn own_url(here: &Url, text: &str) -> Result<Url, Error> {
    let mut url = here.join(text).map_err(|_| Error::invalid("url", "`url` is not a URL."))?;
    if url.origin() != here.origin() {
        return Err(Error::invalid("url", "`url` is on another host: only URLs of this service are signed."));
    }
    if url.path() != "/" && !url.path().starts_with("/prompt/") {
        return Err(Error::invalid("url", "`url` has another path than / or /prompt/…: nothing else can be signed."));
    }
    url.set_fragment(None);
    Ok(url)
}
