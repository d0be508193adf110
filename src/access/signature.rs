//! Signed URLs: links that allow exactly one image to be made.

use std::borrow::Cow;
use std::collections::BinaryHeap;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::Sha256;
use url::Url;

use crate::config::Secret;
use crate::domain::parameters::{is_signed, unescaped};
use crate::domain::route_path::prompt_in;

/// What is escaped in a signed path: all but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// base64url, without padding when written, with or without when read.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_encode_padding(false).with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

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
    let text = canonical(url)?;
    let pairs = pairs(url);
    let value = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let signature = value("sig")?;
    let is_valid =
        BASE64URL.decode(&**signature).is_ok_and(|signature| mac(key, &text).verify_slice(&signature).is_ok());
    Some(match value("exp").map(|exp| expiry(exp)) {
        _ if !is_valid => Signature::Wrong,
        None => Signature::Valid,
        Some(Some(exp)) if now_ms / 1_000 < exp => Signature::Valid,
        Some(_) => Signature::Expired,
    })
}

/// The signature of `url`: unpadded base64url of an HMAC-SHA256 over its method, its path and its parameters, in one
/// spelling. `None` for a path that cannot be signed.
pub fn sign(key: &Secret, url: &Url) -> Option<String> {
    Some(BASE64URL.encode(mac(key, &canonical(url)?).finalize().into_bytes()))
}

/// Parses an `exp`, in unix seconds: digits alone, without a sign.
pub fn expiry(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn mac(key: &Secret, text: &str) -> Hmac<Sha256> {
    // An HMAC accepts a key of any length: the error of its constructor does not occur.
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).unwrap_or_else(|_| Hmac::new(&<_>::default()));
    mac.update(text.as_bytes());
    mac
}

/// The text that is signed: the method, the path, and the known pairs of the query sorted by name. Neither the pairs'
/// order, nor anybody's percent-encoding, nor what others add to a link (`utm_source`) matters.
fn canonical(url: &Url) -> Option<String> {
    let path = match prompt_in(url.path()) {
        Some(prompt) => {
            let bytes: Cow<'_, [u8]> = percent_decode_str(prompt).into();
            format!("/prompt/{}", percent_encode(&bytes, RESERVED))
        }
        None => Some("/".to_owned()).filter(|_| url.path().trim_start_matches('/').is_empty())?,
    };
    let signed = pairs(url).into_iter().filter(|(name, _)| is_signed(name));
    // Sorted by a heap, because sorting a slice is four times the code.
    let pairs: BinaryHeap<_> = signed.enumerate().map(|(at, (name, value))| (name, at, value)).collect();
    let pairs = pairs.into_sorted_vec().into_iter().map(|(name, _, value)| (name, value));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Some(format!("GET\n{path}\n{query}"))
}

/// The pairs of a query, decoded. A name with `amp;` before it comes from a link whose `&amp;` was never unescaped: it
/// is that name, unless the name itself is there too.
fn pairs(url: &Url) -> Vec<(String, Cow<'_, str>)> {
    let is_given = |name: &str| url.query_pairs().any(|(known, _)| known == name);
    let pairs = url.query_pairs().filter_map(|(name, value)| {
        let bare = unescaped(&name);
        (bare == name || !is_given(bare)).then(|| (bare.to_owned(), value))
    });
    pairs.collect()
}
