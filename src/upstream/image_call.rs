//! A call for one image and its result, independent of the wire format.

use url::Url;

use crate::config::{Endpoint, Sizes};
use crate::domain::{Hops, ImageRequest, Prompt, Size, Steps};

/// The longest response of an image API, in bytes: enough for one base64 image of 20 MiB, not for four.
pub const MAX_ANSWER_BYTES: usize = 30 * 1024 * 1024;

/// A request for one image to one endpoint.
#[derive(Debug, Clone)]
pub struct ImageCall<'a> {
    /// The URL and the key.
    pub endpoint: &'a Endpoint,
    /// The model, by the endpoint's name for it.
    pub model: &'a str,
    /// The prompt to send.
    pub prompt: &'a Prompt,
    /// Size, seed and the other parameters.
    pub request: &'a ImageRequest,
    /// The number of deployments of this service that the request has already passed through.
    pub hops: Hops,
    /// The time limit of the whole call.
    pub timeout_ms: u64,
    /// True to ask at the address's documented spelling in place of the old one ([`ImageCall::can_move`]).
    pub is_moved: bool,
}

/// The location of the image in a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// At a URL, which expires after an hour.
    Url(String),
    /// In the response itself.
    Bytes(Vec<u8>),
}

/// An image API's response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageAnswer {
    /// The location of the image.
    pub source: ImageSource,
    /// The seed that was used, if the response contains it.
    pub seed: Option<u64>,
}

/// The end of the address that this project started from, and the documented one.
const OLD_PATH: &str = "/v1/image/generations";
const NEW_PATH: &str = "/v1/images/generations";

impl ImageCall<'_> {
    /// True if the address has the old spelling, and was asked by it.
    pub fn can_move(&self) -> bool {
        !self.is_moved && self.endpoint.address.url().is_some_and(|url| url.path().ends_with(OLD_PATH))
    }

    /// The URL to ask; `None` for the binding.
    pub fn url(&self) -> Option<Url> {
        let mut url = self.endpoint.address.url()?.clone();
        if self.is_moved
            && let Some(start) = url.path().strip_suffix(OLD_PATH)
        {
            let path = format!("{start}{NEW_PATH}");
            url.set_path(&path);
        }
        Some(url)
    }

    /// The requested size.
    pub fn size(&self) -> Size {
        self.request.size
    }

    /// The width and height that are sent: the nearest that the provider takes.
    pub(super) fn sides(&self) -> (u32, u32) {
        self.endpoint.provider.map_or(Sizes::Any, |provider| provider.sizes).nearest(self.size())
    }

    /// The steps that are sent: no more than the provider takes.
    pub(super) fn steps_within(&self, steps: Steps) -> u32 {
        steps.value().min(self.endpoint.provider.map_or(u32::MAX, |provider| provider.max_steps))
    }
}
