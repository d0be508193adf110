//! What an image API's refusal means: [`classify`] turns every vendor's status, code and message into
//! the one thing that is done about it.

use crate::error::{Cooling, UpstreamError};
use crate::http::IncomingResponse;

use super::error_body::ErrorBody;
use super::retry_after::retry_after_ms;

/// How long a Workers AI account whose daily allocation is spent is left alone, in milliseconds. It
/// is back at 00:00 UTC, not when the day turns in China: an hour misses neither.
const DAILY_ALLOCATION_MS: u64 = 3_600_000;

/// What a code means whatever status it came with.
#[derive(Clone, Copy)]
enum Meaning {
    /// The key is wrong, blocked or spent.
    Key,
    /// The model is not there, or no longer.
    Model,
    /// The key is asked too often.
    Busy,
    /// The key has had its day's share.
    Day,
    /// The account's share of the day is gone, and comes back on another day's clock.
    Allocation,
    /// The service is full, for every key alike.
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
    // SiliconFlow: the model does not exist, is disabled; the balance is gone.
    ("20012", Meaning::Model),
    ("30003", Meaning::Model),
    ("30001", Meaning::Key),
    // BigModel: the key, the balance (with status 429), the model, the day's quota.
    ("1000", Meaning::Key),
    ("1001", Meaning::Key),
    ("1002", Meaning::Key),
    ("1003", Meaning::Key),
    ("1004", Meaning::Key),
    ("1113", Meaning::Key),
    ("1211", Meaning::Model),
    ("1304", Meaning::Day),
    // Cloudflare: a malformed token (with status 400), a wrong one; no such model; the daily
    // allocation; no capacity (with status 429).
    ("6003", Meaning::Key),
    ("9109", Meaning::Key),
    ("10000", Meaning::Key),
    ("5007", Meaning::Model),
    ("3042", Meaning::Model),
    ("3036", Meaning::Allocation),
    ("3040", Meaning::Transient),
];

/// What an answer without success means. A code that is known decides; else the status does, with
/// the words and `Retry-After`. What remains is transient: another try may succeed.
///
/// The words in the error are cleaned and cut, but may still hold a key that the upstream quotes:
/// the caller strikes secrets out.
pub fn classify(response: &IncomingResponse) -> UpstreamError {
    let body = ErrorBody::read(&response.body);
    let transient = || UpstreamError::Transient(body.transient(response.status));
    match body.codes.iter().find_map(|code| meaning(code)) {
        Some(Meaning::Key) => return UpstreamError::KeyRefused,
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
        401 | 402 => UpstreamError::KeyRefused,
        // A page is a firewall's, not the API's: it says nothing of the key.
        403 if !body.is_page => UpstreamError::KeyRefused,
        429 => busy(response, body.limit()),
        503 if retry_after_ms(&response.headers).is_some() => busy(response, None),
        400 | 413 | 422 => body.message.clone().map_or_else(transient, UpstreamError::Rejected),
        // A 404 that is about something else is a wrong address or a gateway's own trouble.
        404 | 410 if body.name_the_model() => UpstreamError::ModelGone(body.text()),
        _ => transient(),
    }
}

fn meaning(code: &str) -> Option<Meaning> {
    CODES.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}

/// The key is asked too often. For how long is in the headers, or in the limit that was named, or not
/// said: a time that the upstream gives is truer than what a limit's name suggests.
fn busy(response: &IncomingResponse, limit: Option<Cooling>) -> UpstreamError {
    let given = retry_after_ms(&response.headers).map(Cooling::For);
    UpstreamError::KeyBusy { cooling: given.or(limit).unwrap_or(Cooling::Unspecified) }
}

#[cfg(test)]
mod tests;
