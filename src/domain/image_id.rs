//! An image's name: the same request has the same one everywhere, for ever.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::ImageRequest;
use crate::json::json_inner;

/// What the canonical form starts with. A change of the form changes this number, and with it
/// every id: stored images are then made again.
const VERSION: &str = "free-flux-api image 1";

/// Unpadded base64url of a SHA-256.
const LENGTH: usize = 43;

/// The unpadded base64url SHA-256 of the canonical form of an [`ImageRequest`]: 43 characters that
/// need no escaping in a URL, a file name or a header.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageId(String);

json_inner!(ImageId);

impl ImageId {
    /// The id of what was asked for.
    pub fn of(request: &ImageRequest) -> Self {
        let mut hash = Sha256::new();
        let mut field = |name: &str, value: &str| {
            // The length before each value keeps any two different requests apart.
            hash.update(format!("{name} {}:", value.len()));
            hash.update(value);
            hash.update("\n");
        };
        field("version", VERSION);
        field("prompt", request.prompt.as_str());
        field("treatment", request.treatment.name());
        field("size", &request.size.to_string());
        field("model", &request.model);
        if let Some(seed) = request.seed {
            field("seed", &seed.to_string());
        }
        if let Some(negative) = &request.negative_prompt {
            field("negative_prompt", negative.as_str());
        }
        if let Some(steps) = request.steps {
            field("steps", &steps.value().to_string());
        }
        if let Some(guidance) = &request.guidance {
            field("guidance", guidance.as_str());
        }
        if request.demo {
            field("demo", "1");
        }
        Self(URL_SAFE_NO_PAD.encode(hash.finalize()))
    }

    /// Reads an id from a URL; `None` for anything that this service never gave out.
    pub fn parse(text: &str) -> Option<Self> {
        let known = text.len() == LENGTH && URL_SAFE_NO_PAD.decode(text).is_ok();
        known.then(|| Self(text.to_owned()))
    }

    /// The 43 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A short hash, by which a record remembers a text that it does not keep.
pub fn short_hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    URL_SAFE_NO_PAD.encode(digest.get(..9).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_id_is_not_read_as_one() {
        let id = "A".repeat(LENGTH);
        assert_eq!(ImageId::parse(&id).map(|id| id.to_string()), Some(id.clone()));
        for other in ["", "abc", "1724918400000", &id[1..], &format!("{id}A"), &"é".repeat(LENGTH), &"/".repeat(LENGTH)]
        {
            assert_eq!(ImageId::parse(other), None, "{other}");
        }
    }
}
