//! The errors that callers see: each says whether the caller, the upstream or this service is at fault.
//!
//! An upstream's status never passes through: [`UpstreamError`] classifies its failure, and the failure that remains
//! after all attempts becomes an [`Error`].

mod upstream;

use serde::{Deserialize, Serialize};

pub use upstream::{Cooling, UpstreamError};

/// The `type` of a caller's mistake, as OpenAI's API has it.
pub const INVALID_REQUEST: &str = "invalid_request_error";

/// Defines [`ErrorKind`] from the one table of codes and statuses.
macro_rules! error_kinds {
    ($($(#[$doc:meta])+ $kind:ident = $code:literal, $status:literal;)+) => {
        /// The kinds of errors: each has a stable code and one status.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum ErrorKind {
            $($(#[$doc])+ #[serde(rename = $code)] $kind,)+
        }

        /// Every kind, in the order of the statuses: the table that documents are checked against.
        pub const ERROR_KINDS: &[ErrorKind] = &[$(ErrorKind::$kind),+];

        impl ErrorKind {
            /// The stable code, which programs read.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$kind => $code),+ }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$kind => $status),+ }
            }
        }
    };
}

error_kinds! {
    /// No prompt, or a blank one.
    MissingPrompt = "missing_prompt", 400;
    /// A parameter's value cannot be used.
    InvalidParameter = "invalid_parameter", 400;
    /// A body that is not JSON, or not the JSON that is expected.
    InvalidJson = "invalid_json", 400;
    /// A token is needed, or the one given is wrong.
    Unauthorized = "unauthorized", 401;
    /// The URL's `sig` does not fit the URL, or is missing.
    InvalidSignature = "invalid_signature", 403;
    /// The URL's `exp` has passed.
    SignatureExpired = "signature_expired", 403;
    /// The page that shows the image is not on the owner's list.
    RefererNotAllowed = "referer_not_allowed", 403;
    /// No such path.
    NotFound = "not_found", 404;
    /// No image is stored under this id.
    ImageNotFound = "image_not_found", 404;
    /// A model that is not on offer.
    ModelNotFound = "model_not_found", 404;
    /// The path is known, the method is not.
    MethodNotAllowed = "method_not_allowed", 405;
    /// A body over the limit.
    BodyTooLarge = "body_too_large", 413;
    /// More pictures in one answer than it can hold.
    AnswerTooLarge = "answer_too_large", 413;
    /// `multipart/form-data` instead of JSON.
    UnsupportedMediaType = "unsupported_media_type", 415;
    /// The upstream refused this prompt or these parameters.
    PromptRejected = "prompt_rejected", 422;
    /// This visitor asked for too many new images.
    RateLimited = "rate_limited", 429;
    /// This token, or all callers without one, have had their new images of the day.
    QuotaExceeded = "quota_exceeded", 429;
    /// Settings that are missing or malformed.
    Misconfigured = "misconfigured", 500;
    /// The last failures were transient, or every key was refused.
    Upstream = "upstream_error", 502;
    /// No key is available before the deadline, and at least one is cooling down.
    KeysExhausted = "keys_exhausted", 503;
    /// The stored image could not be read.
    StoreUnavailable = "store_unavailable", 503;
    /// The deadline passed.
    UpstreamTimeout = "upstream_timeout", 504;
}

/// An error as a caller sees it: an HTTP status, a stable code and a clear message.
///
/// It is sent from the `ImageMaker` object to the Worker, so it can be serialized as JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Error {
    /// The kind, which decides code and status.
    pub kind: ErrorKind,
    /// The sentence that the caller reads. It contains no secret.
    pub message: String,
    /// The parameter that is wrong, as the caller wrote it.
    pub param: Option<String>,
    /// Seconds after which the same request may succeed, if known.
    pub retry_after: Option<u64>,
}

impl Error {
    /// An error that names no parameter and no time.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), param: None, retry_after: None }
    }

    /// No prompt in `param`: `prompt`, or a chat's `messages`.
    pub fn missing_prompt(param: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::MissingPrompt, message).about(param)
    }

    /// An invalid value of `param`: the message says what was given and what is accepted.
    pub fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidParameter, message).about(param)
    }

    /// `param` and `other` are two names of one parameter, and their values differ.
    pub fn disagreement(param: &str, other: &str) -> Self {
        Self::invalid(param, format!("`{param}` and `{other}` are the same and disagree."))
    }

    /// A body that cannot be used as JSON.
    pub fn invalid_json(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidJson, message)
    }

    /// No such path.
    pub fn not_found() -> Self {
        Self::new(ErrorKind::NotFound, "There is nothing at this path.")
    }

    /// No image is stored under the id that was asked for.
    pub fn image_not_found() -> Self {
        Self::new(ErrorKind::ImageNotFound, "No image is stored under this id.")
    }

    /// A body of more than `limit` bytes.
    pub fn body_too_large(limit: usize) -> Self {
        Self::new(ErrorKind::BodyTooLarge, format!("The body is larger than {limit} bytes."))
    }

    /// Settings that are missing or malformed: the message names each one and shows no value.
    pub fn misconfigured(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Misconfigured, message)
    }

    /// No upstream produced an image.
    pub fn upstream(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Upstream, message)
    }

    /// The upstream refused the request: `reason` is its own text, cleaned and capped.
    pub fn prompt_rejected(reason: &str) -> Self {
        Self::new(ErrorKind::PromptRejected, format!("The image API refused this request: {reason}"))
    }

    /// The visitor is over the limit of new images; `seconds` until the next.
    pub fn rate_limited(seconds: u64) -> Self {
        let message = format!("Too many new images from this address. Try again in {seconds} s.");
        Self::new(ErrorKind::RateLimited, message).retry_in(seconds)
    }

    /// The caller has had its new images of the day; `seconds` until the next day.
    pub fn quota_exceeded(seconds: u64) -> Self {
        let message = format!("The new images of today are used up. Try again in {seconds} s.");
        Self::new(ErrorKind::QuotaExceeded, message).retry_in(seconds)
    }

    /// The visitor is over the limit of requests that the store cannot answer; `seconds` until the next.
    pub fn too_many_lookups(seconds: u64) -> Self {
        let message = format!("Too many requests for images that are not stored. Try again in {seconds} s.");
        Self::new(ErrorKind::RateLimited, message).retry_in(seconds)
    }

    /// No key is free before the deadline; `seconds` until the soonest is back.
    pub fn keys_exhausted(seconds: u64) -> Self {
        let message = format!("All image API keys are busy or cooling down. Try again in {seconds} s.");
        Self::new(ErrorKind::KeysExhausted, message).retry_in(seconds)
    }

    /// The stored image could not be read; `seconds` until another try makes sense.
    pub fn store_unavailable(seconds: u64) -> Self {
        let message = format!("The image store cannot be read right now. Try again in {seconds} s.");
        Self::new(ErrorKind::StoreUnavailable, message).retry_in(seconds)
    }

    /// The deadline passed.
    pub fn upstream_timeout() -> Self {
        Self::new(ErrorKind::UpstreamTimeout, "The image was not ready in time.")
    }

    /// The same error, naming the parameter that is wrong.
    #[must_use]
    pub fn about(mut self, param: &str) -> Self {
        self.param = Some(param.to_owned());
        self
    }

    /// The same error, with the time after which the request may succeed.
    #[must_use]
    pub fn retry_in(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The stable code, which programs read.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.kind.status()
    }

    /// OpenAI's `type`, by which its clients sort errors.
    pub fn openai_type(&self) -> &'static str {
        match self.status() {
            401 => "authentication_error",
            403 => "permission_error",
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => INVALID_REQUEST,
        }
    }
}

/// A value as an error message shows it: at most 60 characters of it.
pub fn excerpt(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_status_has_openais_type() {
        let samples = [
            (Error::missing_prompt("prompt", ""), 400, INVALID_REQUEST),
            (Error::new(ErrorKind::Unauthorized, ""), 401, "authentication_error"),
            (Error::new(ErrorKind::SignatureExpired, ""), 403, "permission_error"),
            (Error::image_not_found(), 404, INVALID_REQUEST),
            (Error::rate_limited(1), 429, "rate_limit_error"),
            (Error::upstream_timeout(), 504, "server_error"),
        ];
        for (error, status, openai_type) in samples {
            assert_eq!((error.status(), error.openai_type()), (status, openai_type), "{error:?}");
        }
    }

    #[test]
    fn an_error_survives_the_way_from_the_maker_to_the_worker() {
        for kind in ERROR_KINDS {
            let error = Error::new(*kind, "“words”").about("size").retry_in(7);
            let json = serde_json::to_string(&error).unwrap_or_default();
            assert!(json.contains(kind.code()), "{json}");
            assert_eq!(serde_json::from_str::<Error>(&json).ok(), Some(error));
        }
    }
}
