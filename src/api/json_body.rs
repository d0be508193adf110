//! A request body as JSON, as people's programs send it.

use serde_json::{Map, Value};

use super::bounded_json::parse;
use super::json_node::Node;
use crate::error::{Error, ErrorKind};
use crate::http::{BodyError, Request};

/// The longest body of most requests, in bytes: the longest prompt is 24 KB of escapes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The longest body that holds a whole conversation, with the pictures in it.
pub const MAX_TALK_BYTES: usize = 4 * 1024 * 1024;

/// Reads the fields of a request's body, whatever its `Content-Type`.
///
/// # Errors
/// 413 over [`MAX_BODY_BYTES`], 415 for `multipart/form-data`, 400 `invalid_json`.
pub async fn read(request: &Request) -> Result<Map<String, Value>, Error> {
    let mut text = text(request, MAX_BODY_BYTES).await?;
    parse(&text, None).or_else(|error| if mend_surrogates(&mut text) { parse(&text, None) } else { Err(error) })
}

/// Reads a request's body that may be JSON of any kind.
///
/// # Errors
/// As [`read`].
pub async fn read_any(request: &Request) -> Result<Value, Error> {
    let mut text = text(request, MAX_BODY_BYTES).await?;
    let parse = |text: &str| serde_json::from_str(text).map_err(|_| Error::invalid_json("The body is not JSON."));
    parse(&text).or_else(|error| if mend_surrogates(&mut text) { parse(&text) } else { Err(error) })
}

/// Reads the fields of a body that holds a conversation. The items of the list `name` go to `taken`, which is `empty` at
/// first, one by one, and are not among the fields: the list is empty there.
///
/// # Errors
/// As [`read`], with [`MAX_TALK_BYTES`].
pub async fn read_talk<T>(
    request: &Request,
    name: &str,
    empty: impl Fn() -> T,
    take: impl Fn(&mut T, &Node<'_>),
) -> Result<(Map<String, Value>, T), Error> {
    let mut text = text(request, MAX_TALK_BYTES).await?;
    loop {
        let mut taken = empty();
        match parse(&text, Some((name, &mut |item| take(&mut taken, item)))) {
            Ok(fields) => return Ok((fields, taken)),
            Err(error) if !mend_surrogates(&mut text) => return Err(error),
            Err(_) => {}
        }
    }
}

/// The text of a body, without a byte order mark.
async fn text(request: &Request, limit: usize) -> Result<String, Error> {
    let content_type = request.header("Content-Type").unwrap_or_default().to_ascii_lowercase();
    if content_type.trim_start().starts_with("multipart/form-data") {
        let message = "Send the parameters as JSON, not as multipart/form-data.";
        return Err(Error::new(ErrorKind::UnsupportedMediaType, message));
    }
    let mut body = request.body.read(limit).await.map_err(|error| match error {
        BodyError::TooLarge => Error::body_too_large(limit),
        BodyError::Broken => Error::invalid_json("The body broke off."),
    })?;
    if body.starts_with(b"\xef\xbb\xbf") {
        body.drain(..3);
    }
    String::from_utf8(body).map_err(|_| Error::invalid_json("The body is not UTF-8."))
}

/// Replaces each escape of half a surrogate pair by `\ufffd`, which is as long; false if there is none. It is called for
/// what could not be parsed: to look for them first would cost more than the parsing.
fn mend_surrogates(json: &mut String) -> bool {
    let mut bytes = std::mem::take(json).into_bytes();
    let mut is_mended = false;
    let mut at = 0;
    while let Some(escape) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += escape;
        let (first, second) = (unit(&bytes, at), unit(&bytes, at + 6));
        at += match (first, second) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                if let Some(digits) = bytes.get_mut(at + 2..at + 6) {
                    digits.copy_from_slice(b"fffd");
                    is_mended = true;
                }
                6
            }
            _ => 2,
        };
    }
    // ASCII was replaced by ASCII.
    *json = String::from_utf8(bytes).unwrap_or_default();
    is_mended
}

/// The code unit of the escape `\uXXXX` at `at`.
fn unit(json: &[u8], at: usize) -> Option<u32> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> String {
        let mut text = text.to_owned();
        mend_surrogates(&mut text);
        text
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced_and_a_whole_one_stays() {
        for (text, expected) in [
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\uD83d\u0041\ude00""#, r#""\ufffd\u0041\ufffd""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\ud8""#, r#""\ud8""#),
            ("\"\\", "\"\\"),
        ] {
            assert_eq!(mended(text), expected, "{text}");
        }
    }
}
