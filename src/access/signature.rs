//! Signed URLs: links that allow exactly one image to be made.

use std::collections::BinaryHeap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use url::Url;

use crate::config::Secret;

/// The result of checking a URL's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// It matches, and has not expired.
    Valid,
    /// It does not match this URL.
    Wrong,
    /// It matches, but has expired.
    Expired,
}

/// Checks the `sig` of `url`, and then its `exp` (unix seconds). `None` without a `sig`, and for paths that cannot be
/// signed.
pub fn check(key: &Secret, url: &Url, now_ms: u64) -> Option<Signature> {
    let path = url.path();
    if path != "/" && !path.starts_with("/prompt/") {
        return None;
    }
    let value = |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value);
    let signature = value("sig")?;
    let is_valid =
        URL_SAFE_NO_PAD.decode(&*signature).is_ok_and(|signature| mac(key, url).verify_slice(&signature).is_ok());
    Some(match value("exp").map(|exp| exp.parse::<u64>()) {
        _ if !is_valid => Signature::Wrong,
        None => Signature::Valid,
        Some(Ok(exp)) if now_ms / 1_000 < exp => Signature::Valid,
        Some(_) => Signature::Expired,
    })
}

/// The signature of `url`: unpadded base64url of an HMAC-SHA256 over [`canonical`].
pub fn sign(key: &Secret, url: &Url) -> String {
    URL_SAFE_NO_PAD.encode(mac(key, url).finalize().into_bytes())
}

fn mac(key: &Secret, url: &Url) -> Hmac<Sha256> {
    // An HMAC accepts a key of any length: the error of its constructor does not occur.
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).unwrap_or_else(|_| Hmac::new(&<_>::default()));
    mac.update(canonical(url).as_bytes());
    mac
}

/// The text that is signed: the method, the path, and the query without `sig` and `id`, its pairs sorted by name, so
/// that neither their order nor their percent-encoding matters.
fn canonical(url: &Url) -> String {
    let signed = url.query_pairs().filter(|(name, _)| name != "sig" && name != "id");
    // Sorted by a heap, because sorting a slice is four times the code.
    let pairs: BinaryHeap<_> = signed.enumerate().map(|(at, (name, value))| (name, at, value)).collect();
    let pairs = pairs.into_sorted_vec().into_iter().map(|(name, _, value)| (name, value));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    // URL parsers from before 2023 do not escape a `^` in a path.
    format!("GET\n{}\n{query}", url.path().replace('^', "%5E"))
}
