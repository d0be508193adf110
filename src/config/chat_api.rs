//! The chat API that rewrites prompts.

use url::Url;

use super::reader::Reader;
use super::secret::{Redactor, Secret};

/// An address, a model and a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatApi {
    /// Its address (`PROCESS_API_URL`).
    pub url: Url,
    /// Its model (`PROCESS_MODEL`).
    pub model: String,
    /// Its key (`PROCESS_API_KEY`).
    pub key: Secret,
}

impl ChatApi {
    /// Reads the three settings; `None` without a key.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let url = reader.url("PROCESS_API_URL");
        let model = reader.value("PROCESS_MODEL")?;
        let key = reader.secrets("PROCESS_API_KEY").into_iter().next()?;
        Some(Self { url: url?, model, key })
    }

    /// Strikes what this API was told out of what it says.
    pub fn redactor(&self) -> Redactor {
        Redactor::of_call(&self.url, Some(&self.key))
    }
}
