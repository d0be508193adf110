//! Who may have images made: tokens, signed URLs, pages on the owner's list.
//!
//! With none of the three set, anyone may. With any of them, a request needs one that fits.

pub mod signature;

use sha2::{Digest as _, Sha256};
use url::{Host, Url};

use crate::config::{Config, Secret};
use crate::error::Error;
use crate::http::{Method, Request};
use crate::upstream::image_call::HOP_HEADER;
use signature::Signature;

/// Who asks, as far as that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Why it may not have images made; `None` where it may.
    pub refusal: Option<Error>,
    /// Whether it showed a valid token.
    pub has_token: bool,
    /// Who is counted by the rate limit: nobody where a token was shown.
    pub visitor: Option<String>,
    /// How many deployments of this service the request came through.
    pub hops: u8,
}

impl Caller {
    /// Reads who asks from a request, at `now_ms` unix milliseconds.
    pub fn of(config: &Config, request: &Request, now_ms: u64) -> Self {
        let has_token = has_token(config, request);
        Self {
            refusal: if has_token { None } else { refusal(config, request, now_ms) },
            has_token,
            visitor: (!has_token).then(|| visitor(request)),
            hops: request.header(HOP_HEADER).map_or(0, |hops| hops.trim().parse().unwrap_or(u8::MAX)),
        }
    }

    /// Whether a valid token was shown, which some requests need whatever the settings.
    pub fn require_token(&self) -> Result<(), Error> {
        if self.has_token { Ok(()) } else { Err(no_token()) }
    }
}

/// Whether the request carries one of the owner's tokens.
pub fn has_token(config: &Config, request: &Request) -> bool {
    let Some(header) = request.header("Authorization") else { return false };
    let Some((scheme, token)) = header.trim().split_once(' ') else { return false };
    // Every token is compared, and by digests, so that the time tells nothing.
    let known = config.access_tokens.iter().fold(false, |known, own| known | same(own, token.trim()));
    scheme.eq_ignore_ascii_case("bearer") && known
}

fn same(secret: &Secret, text: &str) -> bool {
    let (one, other) = (Sha256::digest(secret.expose()), Sha256::digest(text));
    one.iter().zip(other).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

/// Why a request without a token may not have an image made.
fn refusal(config: &Config, request: &Request, now_ms: u64) -> Option<Error> {
    let Config { access_tokens, url_signing_key, allowed_referers, .. } = config;
    let open = access_tokens.is_empty() && url_signing_key.is_none() && allowed_referers.is_empty();
    let signature = url_signing_key
        .as_ref()
        .filter(|_| request.method == Method::Get)
        .and_then(|key| signature::check(key, &request.url, now_ms));
    let page = page_host(request);
    let listed = page.as_deref().is_some_and(|page| allowed_referers.iter().any(|host| is_under(page, host)));
    if open || signature == Some(Signature::Valid) || listed {
        return None;
    }
    if let Err(error) = config.check_access() {
        return Some(error);
    }
    Some(match signature {
        Some(Signature::Wrong) => Error::InvalidSignature("The signature does not fit this URL.".into()),
        Some(Signature::Expired) => Error::SignatureExpired,
        _ if !allowed_referers.is_empty() && page.is_some() => {
            Error::RefererNotAllowed("New images are not made for this page.".into())
        }
        _ if access_tokens.is_empty() && url_signing_key.is_none() => {
            Error::RefererNotAllowed("New images are made only for the pages of this service's owner.".into())
        }
        _ if access_tokens.is_empty() && allowed_referers.is_empty() => {
            Error::InvalidSignature("New images need a signed URL.".into())
        }
        _ => no_token(),
    })
}

fn no_token() -> Error {
    Error::Unauthorized("This needs an access token of this service: `Authorization: Bearer …`.".into())
}

/// The host of the page that shows the image.
fn page_host(request: &Request) -> Option<String> {
    let page = request.header("Referer").or_else(|| request.header("Origin")).filter(|page| !page.is_empty())?;
    // `Origin: null` and the like come from no page that could be on a list.
    Some(Url::parse(&page).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default())
}

fn is_under(host: &str, domain: &str) -> bool {
    let host = host.trim_end_matches('.');
    host == domain || host.strip_suffix(domain).is_some_and(|sub| sub.ends_with('.'))
}

/// Who is counted by the rate limit: an IPv4 address, or the /64 that one household has of IPv6.
fn visitor(request: &Request) -> String {
    let address = request.header("CF-Connecting-IP").unwrap_or_default();
    let address = address.trim();
    // Read as a URL's host is: that reader is there in any case.
    match Host::parse(&if address.contains(':') { format!("[{address}]") } else { address.to_owned() }) {
        Ok(Host::Ipv4(v4)) => v4.to_string(),
        Ok(Host::Ipv6(v6)) => v6.to_ipv4_mapped().map_or_else(
            || {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            },
            |v4| v4.to_string(),
        ),
        // The platform always says it; whoever comes without shares one count.
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests;
