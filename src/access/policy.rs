//! The decision: with none of the three settings, anyone may; with any of them, a request needs one that fits.

use url::Url;

use super::signature::{self, Signature};
use crate::config::AccessPolicy;
use crate::domain::host::is_under;
use crate::error::{Error, ErrorKind};
use crate::http::{Method, Request};

/// Whether a request without a token may have an image made, at `now_ms` unix milliseconds.
///
/// # Errors
/// 403 or 401, by what would open; 500 where that cannot be told, since a setting is malformed.
pub(super) fn check(policy: &AccessPolicy, request: &Request, now_ms: u64) -> Result<(), Error> {
    let shown = Shown::by(policy, request, now_ms);
    if policy.is_open() || shown.opens() {
        return Ok(());
    }
    policy.check()?;
    Err(shown.refusal(policy))
}

/// The error of a request that needs a token.
pub(super) fn no_token() -> Error {
    let message = "This needs an access token of this service: `Authorization: Bearer …`.";
    Error::new(ErrorKind::Unauthorized, message)
}

/// What a request shows to be let in with.
struct Shown {
    signature: Option<Signature>,
    /// Whether the page that shows the image is on the owner's list; `None` where no page is named.
    listed: Option<bool>,
}

impl Shown {
    fn by(policy: &AccessPolicy, request: &Request, now_ms: u64) -> Self {
        let key = policy.signing_key.as_ref().filter(|_| request.method == Method::Get);
        let is_listed = |page: String| policy.referers.iter().any(|host| is_under(&page, host));
        Self {
            signature: key.and_then(|key| signature::check(key, &request.url, now_ms)),
            listed: page_host(request).map(is_listed),
        }
    }

    fn opens(&self) -> bool {
        self.signature == Some(Signature::Valid) || self.listed == Some(true)
    }

    /// Why it does not open: what was shown and does not fit, else what is missing.
    fn refusal(&self, policy: &AccessPolicy) -> Error {
        let (no_tokens, no_key, no_list) =
            (policy.tokens.is_empty(), policy.signing_key.is_none(), policy.referers.is_empty());
        match self.signature {
            Some(Signature::Wrong) => invalid_signature("The signature does not fit this URL."),
            Some(Signature::Expired) => Error::new(ErrorKind::SignatureExpired, "This signed URL has expired."),
            _ if !no_list && self.listed.is_some() => not_allowed("New images are not made for this page."),
            _ if no_tokens && no_key => not_allowed("New images are made only for the pages of this service's owner."),
            _ if no_tokens && no_list => invalid_signature("New images need a signed URL."),
            _ => no_token(),
        }
    }
}

fn invalid_signature(message: &str) -> Error {
    Error::new(ErrorKind::InvalidSignature, message)
}

fn not_allowed(message: &str) -> Error {
    Error::new(ErrorKind::RefererNotAllowed, message)
}

/// The host of the page that shows the image.
fn page_host(request: &Request) -> Option<String> {
    let page = request.header("Referer").or_else(|| request.header("Origin")).filter(|page| !page.is_empty())?;
    // `Origin: null` and the like come from no page that could be on a list.
    Some(Url::parse(&page).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default())
}
