//! Classification of image APIs' errors: [`classify`] maps every vendor's status, code and message to one reaction.

use crate::error::{Cooling, UpstreamError};
use crate::http::IncomingResponse;

use super::codes::{Meaning, meaning};
use super::error_body::ErrorBody;
use super::retry_after::{named_time_ms, retry_after_ms};

/// The cool-down of a key whose quota of some hours or days is spent, if the message names no time, in milliseconds.
const UNNAMED_MS: u64 = 3_600_000;

/// Classifies an error response: by its code if that is known, otherwise by the status, the message and `Retry-After`.
/// Any other error is transient: another try may succeed.
///
/// The error's text is cleaned and truncated, but may still contain a key that the upstream quotes: the caller redacts
/// secrets.
pub fn classify(response: &IncomingResponse) -> UpstreamError {
    let body = ErrorBody::read(&response.body);
    by_code(response, &body).unwrap_or_else(|| by_status(response, &body))
}

/// Classifies a response without an image whose status is success: some gateways put an error into one.
pub(super) fn classify_success(response: &IncomingResponse, what: &str) -> UpstreamError {
    let body = ErrorBody::read(&response.body);
    by_code(response, &body).unwrap_or_else(|| UpstreamError::Transient(what.to_owned()))
}

/// The failure that the response's code means; `None` if it has none that is known.
fn by_code(response: &IncomingResponse, body: &ErrorBody) -> Option<UpstreamError> {
    Some(match meaning(&body.codes)? {
        Meaning::Parameters | Meaning::Content => UpstreamError::Rejected(body.text()),
        Meaning::Model => UpstreamError::ModelGone(body.text()),
        Meaning::Key => UpstreamError::KeyInvalid,
        Meaning::KeyForModel => UpstreamError::ModelRefused(body.text()),
        Meaning::Busy => busy(response, body.limit()),
        Meaning::Day => busy(response, Some(Cooling::DayLimit)),
        Meaning::UtcDay => busy(response, Some(Cooling::UtcDayLimit)),
        Meaning::Named => {
            let named = body.message.as_deref().and_then(named_time_ms).map(Cooling::Until);
            let cooling =
                named.unwrap_or_else(|| Cooling::For(retry_after_ms(&response.headers).unwrap_or(UNNAMED_MS)));
            UpstreamError::KeyBusy { cooling }
        }
        Meaning::Settings => UpstreamError::Misconfigured(body.text()),
        Meaning::Transient => UpstreamError::Transient(body.transient(response.status)),
    })
}

/// The failure that the response's status means, with its message and `Retry-After`.
fn by_status(response: &IncomingResponse, body: &ErrorBody) -> UpstreamError {
    let transient = || UpstreamError::Transient(body.transient(response.status));
    match response.status {
        401 => UpstreamError::KeyInvalid,
        402 => UpstreamError::ModelRefused(body.text()),
        // An HTML page comes from a firewall, not from the API: it says nothing about the key.
        403 if body.is_page => transient(),
        403 if body.says_invalid_key() => UpstreamError::KeyInvalid,
        403 if body.is_about_standing() => UpstreamError::ModelRefused(body.text()),
        403 => UpstreamError::Forbidden(body.text()),
        404 | 410 if body.is_about_model() => UpstreamError::ModelGone(body.text()),
        404 | 405 => UpstreamError::UnknownAddress,
        429 => busy(response, body.limit()),
        503 if retry_after_ms(&response.headers).is_some() => busy(response, None),
        400 | 413 | 422 => body.message.clone().map_or_else(transient, UpstreamError::Rejected),
        _ => transient(),
    }
}

/// The key is over a limit. The cool-down comes from the headers, otherwise from the limit that the code or the message
/// names: an explicit time is more accurate.
fn busy(response: &IncomingResponse, limit: Option<Cooling>) -> UpstreamError {
    let given = retry_after_ms(&response.headers).map(Cooling::For);
    UpstreamError::KeyBusy { cooling: given.or(limit).unwrap_or(Cooling::Unspecified) }
}

#[cfg(test)]
mod tests;
