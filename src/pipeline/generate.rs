//! From a prompt to the bytes of an image, with whichever key can give one.

use futures_util::future::join;

use super::deadline::Deadline;
use super::download::{MAX_IMAGE_BYTES, download};
use super::rotation::{Rotation, Turn};
use super::timing::Timing;
use crate::config::Config;
use crate::domain::{ImageRequest, Prompt, Seed, image_format};
use crate::error::{Error, UpstreamError};
use crate::http::SendError;
use crate::ports::Outside;
use crate::upstream::{ImageAnswer, ImageCall, ImageSource, demo};

/// The model that a demo picture names.
const DEMO_MODEL: &str = "demo";
/// An image as an upstream gave it, checked.
pub struct Generated {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their media type, by the magic number.
    pub content_type: &'static str,
    /// The model that drew it.
    pub model: String,
    /// The seed that it was drawn from, where it is known.
    pub seed: Option<u64>,
    /// Where the upstream had it.
    pub url: Option<String>,
}

/// Makes the image of `request` from `prompt`.
///
/// Key after key is asked, as the rotation hands them out, until one gives an image:
///
/// - 422 [`Error::PromptRejected`]: an address refuses this request, and no other made it.
/// - 502 [`Error::Upstream`]: the last failures were luck, or every key was refused.
/// - 503 [`Error::KeysExhausted`]: every key is cooling beyond the deadline.
/// - 504 [`Error::UpstreamTimeout`]: the deadline passed.
pub async fn generate(
    outside: &Outside,
    config: &Config,
    request: &ImageRequest,
    prompt: &Prompt,
    hops: u8,
    deadline: &Deadline,
    timing: &mut Timing,
) -> Result<Generated, Error> {
    if config.demo {
        return Ok(draw_demo(request, prompt));
    }
    let mut rotation = Rotation::new(outside, config, request, hops, deadline)?;
    loop {
        let turn = timing.measure("queue", rotation.next()).await?;
        let call = CallContext { outside, request, prompt, hops, deadline };
        match call.with(&turn, timing, &mut rotation).await {
            Ok(generated) => return Ok(generated),
            Err(failure) => rotation.failed(&turn, failure).await,
        }
    }
}

/// What every call for one image has in common.
struct CallContext<'a> {
    outside: &'a Outside,
    request: &'a ImageRequest,
    prompt: &'a Prompt,
    hops: u8,
    deadline: &'a Deadline,
}

impl CallContext<'_> {
    /// Asks one endpoint with one key, gives the key back as soon as it has answered, and fetches
    /// the image.
    async fn with(
        &self,
        turn: &Turn<'_>,
        timing: &mut Timing,
        rotation: &mut Rotation<'_>,
    ) -> Result<Generated, UpstreamError> {
        let (ImageAnswer { source, seed }, sent_seed) = timing.measure("generate", self.ask(turn)).await?;
        let fetching = async {
            Ok(match source {
                ImageSource::Bytes(bytes) => (bytes, None),
                ImageSource::Url(url) => (
                    download(&*self.outside.http, &turn.endpoint.url, &url, MAX_IMAGE_BYTES, self.deadline).await?,
                    Some(url),
                ),
            })
        };
        let ((), fetched) = timing.measure("download", join(rotation.made(turn), fetching)).await;
        let (bytes, url) = fetched?;
        let format = image_format::sniff(&bytes)
            .filter(|_| bytes.len() <= MAX_IMAGE_BYTES)
            .ok_or_else(|| UpstreamError::Luck("the image API gave no image that can be used".into()))?;
        Ok(Generated {
            bytes,
            content_type: format.content_type(),
            model: turn.model.clone(),
            seed: seed.or(sent_seed),
            url,
        })
    }

    /// What an endpoint answers, and the seed that it was sent.
    async fn ask(&self, turn: &Turn<'_>) -> Result<(ImageAnswer, Option<u64>), UpstreamError> {
        let call = ImageCall {
            endpoint: turn.endpoint,
            model: turn.endpoint.name_of(&turn.model).unwrap_or(&turn.model),
            prompt: self.prompt,
            request: self.request,
            hops: self.hops,
            timeout_ms: self.deadline.call_share_ms(),
        };
        let response = self.outside.http.send(call.encode()).await.map_err(|error| match error {
            SendError::TimedOut => UpstreamError::TimedOut,
            other => UpstreamError::Luck(format!("the image API could not be reached: {other}")),
        })?;
        Ok((call.decode(&response)?, call.seed()))
    }
}

/// A picture that the Worker draws itself.
fn draw_demo(request: &ImageRequest, prompt: &Prompt) -> Generated {
    let seed = request.seed.map_or(0, Seed::value);
    Generated {
        bytes: demo::draw(prompt.as_str(), request.size, seed).into_bytes(),
        content_type: "image/svg+xml",
        model: DEMO_MODEL.to_owned(),
        seed: request.seed.map(Seed::value),
        url: None,
    }
}
