//! The access decision. Without any of the three settings, everyone may have images made; with any of them, a request
//! needs a matching credential.

use url::Url;

use super::signature::{self, Signature};
use crate::config::AccessPolicy;
use crate::domain::host::is_under;
use crate::error::{Error, ErrorKind};
use crate::http::{Method, Request};

/// Checks if a request without a token may have an image made, at `now_ms` unix milliseconds.
///
/// # Errors
/// 401 or 403, depending on the credentials that would be accepted; 500 if a setting is malformed.
pub(super) fn check(policy: &AccessPolicy, request: &Request, now_ms: u64) -> Result<(), Error> {
    let credentials = Credentials::of(policy, request, now_ms);
    if policy.is_open() || credentials.are_sufficient() {
        return Ok(());
    }
    policy.check()?;
    Err(credentials.refusal(policy))
}

/// The error of a request without a required token.
fn no_token() -> Error {
    let message = "This needs an access token of this service: `Authorization: Bearer …`.";
    Error::new(ErrorKind::Unauthorized, message)
}

/// The error of a request that only an owner may send.
pub(super) fn not_an_owner() -> Error {
    let message = "This needs an owner's access token of this service: `Authorization: Bearer …`.";
    Error::new(ErrorKind::Unauthorized, message)
}

/// The credentials of a request.
struct Credentials {
    signature: Option<Signature>,
    /// True if the page that embeds the image is on the owner's list; `None` if the request names no page.
    listed: Option<bool>,
}

impl Credentials {
    fn of(policy: &AccessPolicy, request: &Request, now_ms: u64) -> Self {
        let key = policy.signing_key.as_ref().filter(|_| request.method == Method::Get);
        let is_listed = |page: String| policy.referers.iter().any(|host| is_under(&page, host));
        Self {
            signature: key.and_then(|key| signature::check(key, &request.url, now_ms)),
            listed: page_host(request).map(is_listed),
        }
    }

    fn are_sufficient(&self) -> bool {
        self.signature == Some(Signature::Valid) || self.listed == Some(true)
    }

    /// The error: about an invalid credential if there is one, otherwise about the missing one.
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

/// The host of the page that embeds the image.
fn page_host(request: &Request) -> Option<String> {
    let page = request.header("Referer").or_else(|| request.header("Origin")).filter(|page| !page.is_empty())?;
    // An unparsable value such as `Origin: null` gives an empty host, which is on no list.
    Some(Url::parse(&page).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default())
}
