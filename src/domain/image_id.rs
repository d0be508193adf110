//! Image ids: the same request has the same id on every deployment and at any time.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::Error;

/// The length of an unpadded base64url SHA-256.
const LENGTH: usize = 43;

/// The unpadded base64url SHA-256 of an image request's canonical form: 43 characters that need no escaping in a URL,
/// a file name or a header.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ImageId(String);

impl ImageId {
    /// The id of a canonical form, from its hash.
    pub fn of(hash: Sha256) -> Self {
        Self(URL_SAFE_NO_PAD.encode(hash.finalize()))
    }

    /// Parses an id from a path's last segment, `{id}` or `{id}.{ext}`, percent-encoded or not.
    ///
    /// # Errors
    /// 404 for anything that is not a valid id.
    pub fn from_path(name: &str) -> Result<Self, Error> {
        let name = percent_decode_str(name).decode_utf8_lossy();
        Self::parse(name.split_once('.').map_or(&*name, |(id, _)| id)).ok_or_else(Error::image_not_found)
    }

    /// Parses an id; `None` for anything that this service could not have issued.
    pub fn parse(text: &str) -> Option<Self> {
        let is_valid = text.len() == LENGTH && URL_SAFE_NO_PAD.decode(text).is_ok();
        is_valid.then(|| Self(text.to_owned()))
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

/// A short hash of a text that a record refers to but does not store.
pub fn short_hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    URL_SAFE_NO_PAD.encode(digest.get(..9).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_id_is_not_parsed() {
        let id = "A".repeat(LENGTH);
        assert_eq!(ImageId::parse(&id).map(|id| id.to_string()), Some(id.clone()));
        for other in ["", "abc", "1724918400000", &id[1..], &format!("{id}A"), &"é".repeat(LENGTH), &"/".repeat(LENGTH)]
        {
            assert_eq!(ImageId::parse(other), None, "{other}");
        }
    }
}
