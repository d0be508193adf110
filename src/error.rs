//! What can go wrong, and whose fault it is: the one type that becomes an answer to a caller.
//!
//! An upstream's status never passes through: [`UpstreamError`] says what its failure means, and
//! what is left of it when everything was tried becomes one of the variants of [`Error`].

mod upstream;
mod wire;

pub use upstream::{Cooling, UpstreamError};

/// An error as a caller sees it: a true status, a stable code and clear words.
///
/// It crosses from the `ImageMaker` object to the Worker, so it can be written as JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No prompt, or a blank one.
    #[error("{message}")]
    MissingPrompt {
        /// Where it was to be: `prompt`, or a chat's `messages`.
        param: String,
        /// What is wanted.
        message: String,
    },
    /// A parameter's value cannot be used: which, and why.
    #[error("{message}")]
    InvalidParameter {
        /// The parameter's name as the caller wrote it.
        param: String,
        /// What was given and what is accepted.
        message: String,
    },
    /// A body that is not JSON, or not the JSON that is wanted.
    #[error("{0}")]
    InvalidJson(String),
    /// A token is needed, or the one given is wrong.
    #[error("{0}")]
    Unauthorized(String),
    /// The URL's `sig` does not fit the URL, or is missing.
    #[error("{0}")]
    InvalidSignature(String),
    /// The URL's `exp` has passed.
    #[error("This signed URL has expired.")]
    SignatureExpired,
    /// The page that shows the image is not on the owner's list.
    #[error("{0}")]
    RefererNotAllowed(String),
    /// No such path.
    #[error("There is nothing at this path.")]
    NotFound,
    /// No image is stored under this id.
    #[error("No image is stored under this id.")]
    ImageNotFound,
    /// A model that is not on offer.
    #[error("{0}")]
    ModelNotFound(String),
    /// The path is known, the method is not.
    #[error("This path does not answer that method. It answers: {allow}.")]
    MethodNotAllowed {
        /// The value of `Allow`.
        allow: String,
    },
    /// A body over the limit.
    #[error("The body is larger than {limit} bytes.")]
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// `multipart/form-data` where JSON is read.
    #[error("Send the parameters as JSON, not as multipart/form-data.")]
    UnsupportedMediaType,
    /// The upstream refused this prompt or these parameters: its words, cleaned and capped.
    #[error("The image API refused this request: {0}")]
    PromptRejected(String),
    /// This visitor asked for too many new images.
    #[error("Too many new images from this address. Try again in {retry_after} s.")]
    RateLimited {
        /// Seconds.
        retry_after: u64,
    },
    /// Settings that are missing or malformed: each is named, none is shown.
    #[error("{0}")]
    Misconfigured(String),
    /// The last failures were luck, or every key was refused.
    #[error("{0}")]
    Upstream(String),
    /// No key can be had before the deadline, and at least one is cooling.
    #[error("All image API keys are busy or cooling down. Try again in {retry_after} s.")]
    KeysExhausted {
        /// Seconds until the soonest is back.
        retry_after: u64,
    },
    /// The stored image could not be read.
    #[error("The image store cannot be read right now. Try again in {retry_after} s.")]
    StoreUnavailable {
        /// Seconds.
        retry_after: u64,
    },
    /// The deadline passed.
    #[error("The image was not ready in time.")]
    UpstreamTimeout,
}

/// The `type` of an error, in the words of OpenAI's API.
pub const INVALID_REQUEST: &str = "invalid_request_error";

/// Every `code` an answer can carry, with its status: the table that documents are checked against.
pub const CODES: &[(&str, u16)] = &[
    ("missing_prompt", 400),
    ("invalid_parameter", 400),
    ("invalid_json", 400),
    ("unauthorized", 401),
    ("invalid_signature", 403),
    ("signature_expired", 403),
    ("referer_not_allowed", 403),
    ("not_found", 404),
    ("image_not_found", 404),
    ("model_not_found", 404),
    ("method_not_allowed", 405),
    ("body_too_large", 413),
    ("unsupported_media_type", 415),
    ("prompt_rejected", 422),
    ("rate_limited", 429),
    ("misconfigured", 500),
    ("upstream_error", 502),
    ("keys_exhausted", 503),
    ("store_unavailable", 503),
    ("upstream_timeout", 504),
];

impl Error {
    /// No prompt in `param`.
    pub fn missing_prompt(param: &str, message: impl Into<String>) -> Self {
        Self::MissingPrompt { param: param.to_owned(), message: message.into() }
    }

    /// A wrong value of `param`.
    pub fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self::InvalidParameter { param: param.to_owned(), message: message.into() }
    }

    /// The stable code, which programs read.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingPrompt { .. } => "missing_prompt",
            Self::InvalidParameter { .. } => "invalid_parameter",
            Self::InvalidJson(_) => "invalid_json",
            Self::Unauthorized(_) => "unauthorized",
            Self::InvalidSignature(_) => "invalid_signature",
            Self::SignatureExpired => "signature_expired",
            Self::RefererNotAllowed(_) => "referer_not_allowed",
            Self::NotFound => "not_found",
            Self::ImageNotFound => "image_not_found",
            Self::ModelNotFound(_) => "model_not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::PromptRejected(_) => "prompt_rejected",
            Self::RateLimited { .. } => "rate_limited",
            Self::Misconfigured(_) => "misconfigured",
            Self::Upstream(_) => "upstream_error",
            Self::KeysExhausted { .. } => "keys_exhausted",
            Self::StoreUnavailable { .. } => "store_unavailable",
            Self::UpstreamTimeout => "upstream_timeout",
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        let code = self.code();
        CODES.iter().find(|(known, _)| *known == code).map_or(500, |(_, status)| *status)
    }

    /// OpenAI's `type`, by which its clients sort errors.
    pub fn kind(&self) -> &'static str {
        match self.status() {
            401 => "authentication_error",
            403 => "permission_error",
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => INVALID_REQUEST,
        }
    }

    /// The parameter that is wrong, where it is one.
    pub fn param(&self) -> Option<&str> {
        match self {
            Self::ModelNotFound(_) => Some("model"),
            Self::MissingPrompt { param, .. } | Self::InvalidParameter { param, .. } => Some(param),
            _ => None,
        }
    }

    /// Seconds after which the same request may succeed, where they are known.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after }
            | Self::KeysExhausted { retry_after }
            | Self::StoreUnavailable { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_status_of_its_own_table_and_an_openai_type() {
        let samples = [
            (Error::missing_prompt("prompt", ""), 400, INVALID_REQUEST),
            (Error::Unauthorized(String::new()), 401, "authentication_error"),
            (Error::SignatureExpired, 403, "permission_error"),
            (Error::ImageNotFound, 404, INVALID_REQUEST),
            (Error::RateLimited { retry_after: 1 }, 429, "rate_limit_error"),
            (Error::UpstreamTimeout, 504, "server_error"),
        ];
        for (error, status, kind) in samples {
            assert_eq!((error.status(), error.kind()), (status, kind), "{error:?}");
        }
    }
}
