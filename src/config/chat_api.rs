//! The chat APIs that rewrite prompts.

use url::Url;

use super::endpoint::{Address, Endpoint};
use super::reader::Reader;
use super::secret::Secret;
use crate::domain::image_id::short_hash;

/// The vendors of chat APIs, whose formats differ in what they take beside OpenAI's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatKind {
    /// BigModel, or whichever API `PROCESS_API_URL` names.
    BigModel,
    /// SiliconFlow.
    SiliconFlow,
    /// Workers AI by the binding `AI`.
    WorkersAi,
}

/// One model of a chat API, with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatApi {
    /// The vendor.
    pub kind: ChatKind,
    /// The address.
    pub address: Address,
    /// The model.
    pub model: String,
    /// The key; `None` for the binding.
    pub key: Option<Secret>,
}

impl ChatApi {
    /// False if the model only translates, and a richer prompt is wanted.
    pub fn can(&self, faithful: bool) -> bool {
        faithful || !["/m2m100", "/Hunyuan-MT"].iter().any(|translator| self.model.contains(translator))
    }

    /// The id of the address and the key, without the model: a hash, never the key.
    pub fn key_id(&self) -> String {
        let key = self.key.as_ref().map_or("", Secret::expose);
        short_hash(&format!("{}\n{key}", self.address.as_str()))
    }

    /// The host, for the log.
    pub fn host(&self) -> &str {
        self.address.host()
    }
}

/// Reads all chat APIs, in the order in which they are asked.
pub(super) fn read_all(reader: &mut Reader<'_>, _endpoints: &[Endpoint]) -> Vec<ChatApi> {
    let url: Option<Url> = reader.url("PROCESS_API_URL");
    let models = reader.list("PROCESS_MODEL");
    let key = reader.secrets("PROCESS_API_KEY").into_iter().next();
    let (Some(url), Some(key)) = (url, key) else { return Vec::new() };
    let api =
        |model| ChatApi { kind: ChatKind::BigModel, address: Address::Url(url.clone()), model, key: Some(key.clone()) };
    models.into_iter().map(api).collect()
}
