//! The chat APIs that rewrite prompts.

use url::Url;

use super::api::{is_bigmodel, is_siliconflow};
use super::endpoint::{Address, Endpoint};
use super::reader::Reader;
use super::secret::{Redactor, Secret};

/// SiliconFlow's free models, those that do not think first (users' reports, autumn 2026).
const SILICONFLOW_MODELS: [&str; 5] =
    ["Qwen/Qwen2.5-7B-Instruct", "THUDM/GLM-4-9B-0414", "Qwen/Qwen3-8B", "Qwen/Qwen3.5-4B", "tencent/Hunyuan-MT-7B"];
/// Workers AI's cheap models.
const WORKERS_AI_MODELS: [&str; 2] = ["@cf/meta/llama-3.2-3b-instruct", "@cf/meta/m2m100-1.2b"];
/// The parts of names by which models are known that only translate.
const TRANSLATORS: [&str; 2] = ["/m2m100", "/Hunyuan-MT"];

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
    /// True if the model translates, and does nothing else.
    pub fn only_translates(&self) -> bool {
        TRANSLATORS.iter().any(|name| self.model.contains(name))
    }

    /// The id of the address and the key, without the model: a hash, never the key.
    pub fn key_id(&self) -> String {
        self.address.id_with(self.key.as_ref())
    }

    /// Strikes what this API was told out of what it says.
    pub fn redactor(&self) -> Redactor {
        Redactor::of_call(self.address.url(), self.key.as_ref())
    }

    /// The host, for the log.
    pub fn host(&self) -> &str {
        self.address.host()
    }
}

/// The settings of the API that is asked first: `PROCESS_API_URL`, `PROCESS_MODEL`, `PROCESS_API_KEY`.
pub(super) struct Process {
    url: Option<Url>,
    models: Vec<String>,
    key: Option<Secret>,
}

impl Process {
    /// Reads the three settings.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            url: reader.url("PROCESS_API_URL").map(completed),
            models: reader.names("PROCESS_MODEL"),
            key: reader.secrets("PROCESS_API_KEY").into_iter().next(),
        }
    }

    /// The origin of BigModel and the key for it, if it is BigModel's.
    pub(super) fn bigmodel(&self) -> Option<(&Url, &Secret)> {
        self.url.as_ref().filter(|url| is_bigmodel(url)).zip(self.key.as_ref())
    }

    fn chats(&self) -> impl Iterator<Item = ChatApi> {
        let api = self.url.as_ref().zip(self.key.as_ref());
        api.into_iter().flat_map(|(url, key)| {
            self.models.iter().map(|model| ChatApi {
                kind: ChatKind::BigModel,
                address: Address::Url(url.clone()),
                model: model.clone(),
                key: Some(key.clone()),
            })
        })
    }
}

/// A base URL with the path of chat completions; any other URL as it is, since a gateway may have a path of its own.
fn completed(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/').to_owned();
    let last = path.rsplit('/').next().unwrap_or_default();
    let is_version = last.strip_prefix('v').is_some_and(|digits| digits.parse::<u32>().is_ok());
    if is_version {
        url.set_path(&format!("{path}/chat/completions"));
    } else if path.is_empty() {
        url.set_path(if is_bigmodel(&url) { "/api/paas/v4/chat/completions" } else { "/v1/chat/completions" });
    } else {
        url.set_path(&path);
    }
    url
}

/// All chat APIs in the order in which they are asked: `PROCESS_API_URL`'s models, then where `PROCESS_FALLBACK` is on,
/// SiliconFlow's with the keys of `endpoints` that are its own, and Workers AI's where `has_ai`.
pub(super) fn all(reader: &mut Reader<'_>, process: &Process, endpoints: &[Endpoint], has_ai: bool) -> Vec<ChatApi> {
    let mut chats: Vec<ChatApi> = process.chats().collect();
    if reader.flag("PROCESS_FALLBACK") {
        chats.extend(siliconflow(endpoints));
        let ai = |model: &&str| ChatApi {
            kind: ChatKind::WorkersAi,
            address: Address::Binding,
            model: (*model).to_owned(),
            key: None,
        };
        chats.extend(WORKERS_AI_MODELS.iter().filter(|_| has_ai).map(ai));
    }
    chats
}

/// SiliconFlow's chat on the host of `endpoints`, if that is SiliconFlow's own: a key never goes to another vendor.
/// Every model has the next key, so that whichever of the two failed, the next call differs in it.
fn siliconflow(endpoints: &[Endpoint]) -> impl Iterator<Item = ChatApi> {
    let own = |endpoint: &&Endpoint| endpoint.address.url().is_some_and(is_siliconflow);
    let keys = endpoints.iter().filter(own).collect::<Vec<_>>();
    SILICONFLOW_MODELS.iter().zip(0_usize..).filter_map(move |(model, number)| {
        let endpoint = keys.get(number.checked_rem(keys.len())?)?;
        Some(ChatApi {
            kind: ChatKind::SiliconFlow,
            address: Address::Url(endpoint.address.url()?.join("/v1/chat/completions").ok()?),
            model: (*model).to_owned(),
            key: endpoint.key.clone(),
        })
    })
}
