//! The wire formats, and the vendors' own hosts.

use url::Url;

use crate::domain::host::is_under;

/// The wire formats that an endpoint may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// SiliconFlow's, also spoken by other deployments of this service.
    SiliconFlow,
    /// OpenAI's.
    OpenAi,
    /// Cloudflare Workers AI's REST API, whose URL contains the model.
    WorkersAi,
    /// Workers AI by the binding `AI`.
    WorkersAiBinding,
    /// BigModel's.
    BigModel,
    /// NVIDIA's, whose URL contains the model.
    Nvidia,
}

/// The domains of SiliconFlow: the site for China, and the one for the rest of the world.
const SILICONFLOW: [&str; 2] = ["siliconflow.cn", "siliconflow.com"];
/// The domain of BigModel.
const BIGMODEL: &str = "bigmodel.cn";

/// True if a URL is at SiliconFlow itself.
pub(super) fn is_siliconflow(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    SILICONFLOW.into_iter().any(|domain| is_under(host, domain))
}

/// True if a URL is at BigModel itself.
pub(super) fn is_bigmodel(url: &Url) -> bool {
    is_under(url.host_str().unwrap_or_default(), BIGMODEL)
}

impl Api {
    /// Parses a format's name in `IMAGE_ENDPOINTS`.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "siliconflow" => Some(Self::SiliconFlow),
            "openai" => Some(Self::OpenAi),
            "workers-ai" => Some(Self::WorkersAi),
            "bigmodel" => Some(Self::BigModel),
            "nvidia" => Some(Self::Nvidia),
            _ => None,
        }
    }

    /// Guesses the format from a URL; `None` if the URL does not tell.
    pub fn of(url: &Url) -> Option<Self> {
        let path = url.path().trim_end_matches('/');
        if is_siliconflow(url) || path.ends_with("/image/generations") {
            Some(Self::SiliconFlow)
        } else if is_bigmodel(url) {
            Some(Self::BigModel)
        } else if url.path().contains("/ai/run/") {
            Some(Self::WorkersAi)
        } else if path.contains("/genai/") {
            Some(Self::Nvidia)
        } else if path.ends_with("/images/generations") {
            Some(Self::OpenAi)
        } else {
            None
        }
    }
}
