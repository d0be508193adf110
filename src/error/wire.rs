//! An error on its way from the `ImageMaker` object to the Worker.

use serde_json::Value;

use super::Error;
use crate::json::{Json, json_object, serde_by_json};

/// An error as it crosses from the maker to the Worker: flat, because a reader for twenty variants
/// weighs as much as all routes.
struct Wire {
    code: String,
    text: String,
    param: String,
    number: u64,
}

json_object!(Wire { code: "code", text: "text", param: "param", number: "number" });

impl Json for Error {
    fn to_json(&self) -> Value {
        Wire::from(self.clone()).to_json()
    }

    fn from_json(json: &Value) -> Option<Self> {
        Wire::from_json(json).map(Self::from)
    }
}

serde_by_json!(Error);

impl From<Error> for Wire {
    fn from(error: Error) -> Self {
        let code = error.code().to_owned();
        let number = error.retry_after().unwrap_or_default();
        let (text, param, number) = match error {
            Error::MissingPrompt { param, message } | Error::InvalidParameter { param, message } => (message, param, 0),
            Error::BodyTooLarge { limit } => (String::new(), String::new(), limit as u64),
            Error::MethodNotAllowed { allow } => (allow, String::new(), 0),
            Error::PromptRejected(text) => (text, String::new(), 0),
            other => (other.to_string(), String::new(), number),
        };
        Self { code, text, param, number }
    }
}

impl From<Wire> for Error {
    fn from(Wire { code, text, param, number }: Wire) -> Self {
        match code.as_str() {
            "missing_prompt" => Self::MissingPrompt { param, message: text },
            "invalid_parameter" => Self::InvalidParameter { param, message: text },
            "invalid_json" => Self::InvalidJson(text),
            "unauthorized" => Self::Unauthorized(text),
            "invalid_signature" => Self::InvalidSignature(text),
            "signature_expired" => Self::SignatureExpired,
            "referer_not_allowed" => Self::RefererNotAllowed(text),
            "not_found" => Self::NotFound,
            "image_not_found" => Self::ImageNotFound,
            "model_not_found" => Self::ModelNotFound(text),
            "method_not_allowed" => Self::MethodNotAllowed { allow: text },
            "body_too_large" => Self::BodyTooLarge { limit: usize::try_from(number).unwrap_or(usize::MAX) },
            "unsupported_media_type" => Self::UnsupportedMediaType,
            "prompt_rejected" => Self::PromptRejected(text),
            "rate_limited" => Self::RateLimited { retry_after: number },
            "misconfigured" => Self::Misconfigured(text),
            "keys_exhausted" => Self::KeysExhausted { retry_after: number },
            "store_unavailable" => Self::StoreUnavailable { retry_after: number },
            "upstream_timeout" => Self::UpstreamTimeout,
            _ => Self::Upstream(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::CODES;

    #[test]
    fn an_error_survives_the_way_from_the_maker_to_the_worker() {
        let text = || "“words”".to_owned();
        let all = [
            Error::missing_prompt("messages", text()),
            Error::invalid("size", text()),
            Error::InvalidJson(text()),
            Error::Unauthorized(text()),
            Error::InvalidSignature(text()),
            Error::SignatureExpired,
            Error::RefererNotAllowed(text()),
            Error::NotFound,
            Error::ImageNotFound,
            Error::ModelNotFound(text()),
            Error::MethodNotAllowed { allow: text() },
            Error::BodyTooLarge { limit: 65_536 },
            Error::UnsupportedMediaType,
            Error::PromptRejected(text()),
            Error::RateLimited { retry_after: 7 },
            Error::Misconfigured(text()),
            Error::Upstream(text()),
            Error::KeysExhausted { retry_after: 8 },
            Error::StoreUnavailable { retry_after: 9 },
            Error::UpstreamTimeout,
        ];
        assert_eq!(all.len(), CODES.len());
        for (error, (code, status)) in all.into_iter().zip(CODES) {
            assert_eq!((error.code(), error.status()), (*code, *status));
            let json = serde_json::to_string(&error).unwrap_or_default();
            assert_eq!(serde_json::from_str::<Error>(&json).ok(), Some(error));
        }
    }
}
