//! Classification of image APIs' errors: [`classify`] maps every vendor's status, code and message to one reaction.

use crate::error::{Cooling, UpstreamError};
use crate::http::IncomingResponse;

use super::error_body::ErrorBody;
use super::retry_after::retry_after_ms;

/// The cool-down of a Workers AI account whose daily allocation is spent, in milliseconds. The allocation is reset at
/// 00:00 UTC, not at midnight in China: retrying every hour misses neither.
const DAILY_ALLOCATION_MS: u64 = 3_600_000;

/// The meaning of an error code, whatever the status.
#[derive(Clone, Copy)]
enum Meaning {
    /// The key is invalid, blocked or out of credit.
    Key,
    /// The model does not exist, or no longer.
    Model,
    /// The key is over a rate limit.
    Busy,
    /// The key's daily quota is spent.
    Day,
    /// The account's daily allocation is spent; it is reset at another time than [`Self::Day`].
    Allocation,
    /// The service is overloaded, for all keys.
    Transient,
}

/// The vendors' codes and types. Their numbers do not overlap.
const CODES: &[(&str, Meaning)] = &[
    // OpenAI's envelope.
    ("insufficient_quota", Meaning::Key),
    ("billing_hard_limit_reached", Meaning::Key),
    ("invalid_api_key", Meaning::Key),
    ("model_not_found", Meaning::Model),
    ("model_not_available", Meaning::Model),
    // Another deployment of this service.
    ("keys_exhausted", Meaning::Busy),
    ("rate_limited", Meaning::Busy),
    // SiliconFlow: the model does not exist, is disabled; insufficient balance.
    ("20012", Meaning::Model),
    ("30003", Meaning::Model),
    ("30001", Meaning::Key),
    // BigModel: the key, the balance (with status 429), the model, the daily quota.
    ("1000", Meaning::Key),
    ("1001", Meaning::Key),
    ("1002", Meaning::Key),
    ("1003", Meaning::Key),
    ("1004", Meaning::Key),
    ("1113", Meaning::Key),
    ("1211", Meaning::Model),
    ("1304", Meaning::Day),
    // Cloudflare: a malformed token (with status 400), a wrong one; unknown model; the daily allocation; no capacity
    // (with status 429).
    ("6003", Meaning::Key),
    ("9109", Meaning::Key),
    ("10000", Meaning::Key),
    ("5007", Meaning::Model),
    ("3042", Meaning::Model),
    ("3036", Meaning::Allocation),
    ("3040", Meaning::Transient),
];

/// Classifies an error response: by its code if that is known, otherwise by the status, the message and `Retry-After`.
/// Any other error is transient: another try may succeed.
///
/// The error's text is cleaned and truncated, but may still contain a key that the upstream quotes: the caller redacts
/// secrets.
pub fn classify(response: &IncomingResponse) -> UpstreamError {
    let body = ErrorBody::read(&response.body);
    let transient = || UpstreamError::Transient(body.transient(response.status));
    match body.codes.iter().find_map(|code| meaning(code)) {
        Some(Meaning::Key) => return UpstreamError::KeyInvalid,
        Some(Meaning::Model) => return UpstreamError::ModelGone(body.text()),
        Some(Meaning::Busy) => return busy(response, body.limit()),
        Some(Meaning::Day) => return busy(response, Some(Cooling::DayLimit)),
        Some(Meaning::Allocation) => {
            return UpstreamError::KeyBusy { cooling: Cooling::For(DAILY_ALLOCATION_MS) };
        }
        Some(Meaning::Transient) => return transient(),
        None => {}
    }
    match response.status {
        401 | 402 => UpstreamError::KeyInvalid,
        // An HTML page comes from a firewall, not from the API: it says nothing about the key.
        403 if !body.is_page => UpstreamError::KeyInvalid,
        429 => busy(response, body.limit()),
        503 if retry_after_ms(&response.headers).is_some() => busy(response, None),
        400 | 413 | 422 => body.message.clone().map_or_else(transient, UpstreamError::Rejected),
        // A 404 about anything else means a wrong URL or a gateway's own failure.
        404 | 410 if body.mentions_model() => UpstreamError::ModelGone(body.text()),
        _ => transient(),
    }
}

fn meaning(code: &str) -> Option<Meaning> {
    CODES.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}

/// The key is over a rate limit. The cool-down comes from the headers, otherwise from the limit that the message names:
/// an explicit time is more accurate.
fn busy(response: &IncomingResponse, limit: Option<Cooling>) -> UpstreamError {
    let given = retry_after_ms(&response.headers).map(Cooling::For);
    UpstreamError::KeyBusy { cooling: given.or(limit).unwrap_or(Cooling::Unspecified) }
}

#[cfg(test)]
mod tests;
