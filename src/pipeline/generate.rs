//! Generates an image from a prompt, with any key that works.

use futures_util::future::join;
use url::Url;

use super::download::download;
use super::job::Job;
use super::key_rotation::{Attempt, KeyRotation, Stop};
use super::timing::Timing;
use crate::config::EndpointModels;
use crate::domain::image_format::{self, MAX_IMAGE_BYTES};
use crate::domain::{ImageRequest, Prompt, Seed};
use crate::error::UpstreamError;
use crate::http::SendError;
use crate::svg::demo;
use crate::upstream::image_api;
use crate::upstream::image_call::{ImageAnswer, ImageCall, ImageSource};

/// The model name of a demo picture.
const DEMO_MODEL: &str = "demo";

/// An image from an upstream, validated.
pub struct Generated {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The media type, by the magic number.
    pub content_type: &'static str,
    /// The model that made it.
    pub model: String,
    /// The seed that was used, if known.
    pub seed: Option<u64>,
    /// The upstream's URL of the image, if it had one.
    pub url: Option<String>,
}

/// Makes the image of a job from `prompt`.
///
/// Tries the keys in the order of the rotation, until one of them gives an image:
///
/// - 422 `prompt_rejected`: an endpoint refuses this request, and no other one made the image.
/// - 502 `upstream_error`: the last failures were transient, or every key was refused.
/// - 503 `keys_exhausted`: every key cools down beyond the deadline.
/// - 504 `upstream_timeout`: the deadline passed.
/// - Another model is to stand in for the requested one.
pub async fn generate(job: &Job<'_>, prompt: &Prompt, timing: &mut Timing) -> Result<Generated, Stop> {
    if job.config.demo {
        return Ok(draw_demo(job.request, prompt));
    }
    let mut rotation = KeyRotation::new(job).map_err(Stop::Failed)?;
    loop {
        let attempt = timing.measure("queue", rotation.next()).await?;
        match try_once(job, prompt, &attempt, &rotation, timing).await {
            Ok(generated) => return Ok(generated),
            Err(failure) => rotation.failed(&attempt, failure).await,
        }
    }
}

/// Calls one endpoint with one key, returns the key as soon as the response is complete, and downloads the image.
async fn try_once(
    job: &Job<'_>,
    prompt: &Prompt,
    attempt: &Attempt<'_>,
    rotation: &KeyRotation<'_>,
    timing: &mut Timing,
) -> Result<Generated, UpstreamError> {
    let (ImageAnswer { source, seed }, sent_seed) = timing.measure("generate", ask(job, prompt, attempt)).await?;
    let fetching = fetch(job, attempt, source);
    let model = model_name(attempt).to_owned();
    let ((), fetched) = timing.measure("download", join(rotation.succeeded(attempt, &model), fetching)).await;
    let (bytes, url) = fetched?;
    let format = image_format::inspect(&bytes)
        .filter(|_| bytes.len() <= MAX_IMAGE_BYTES)
        .ok_or_else(|| UpstreamError::Unfetchable("the image API gave no image that can be used".into()))?;
    Ok(Generated { bytes, content_type: format.content_type(), model, seed: seed.or(sent_seed), url })
}

/// The model that drew an image: our name for it, or the endpoint's own where it only stands in.
fn model_name<'a>(attempt: &'a Attempt<'_>) -> &'a str {
    match &attempt.endpoint.models {
        EndpointModels::StandIn(name) if !name.to_ascii_lowercase().ends_with(&short_name(attempt.model)) => name,
        _ => attempt.model,
    }
}

/// What vendors have in common in their names of a model: `flux-1-schnell` for `black-forest-labs/FLUX.1-schnell`.
fn short_name(model: &str) -> String {
    model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase().replace('.', "-")
}

/// The endpoint's response, and the seed that was sent. The address of SiliconFlow's API that this project started from
/// is in no document any more: where it is unknown to the vendor, the documented one takes its place.
async fn ask(
    job: &Job<'_>,
    prompt: &Prompt,
    attempt: &Attempt<'_>,
) -> Result<(ImageAnswer, Option<u64>), UpstreamError> {
    let address = attempt.endpoint.address.url().map(Url::as_str).unwrap_or_default();
    let mut call = ImageCall {
        endpoint: attempt.endpoint,
        model: attempt.endpoint.name_of(attempt.model).unwrap_or(attempt.model),
        prompt,
        request: job.request,
        hops: job.hops,
        timeout_ms: job.deadline.call_share_ms(),
        is_moved: job.ports.memory.has_moved(address),
    };
    let mut answer = send(job, &call).await;
    if matches!(answer, Err(UpstreamError::UnknownAddress)) && call.can_move() {
        job.ports.memory.set_moved(address);
        call = ImageCall { is_moved: true, timeout_ms: job.deadline.call_share_ms(), ..call };
        answer = send(job, &call).await;
    }
    Ok((answer?, image_api::seed(&call)))
}

async fn send(job: &Job<'_>, call: &ImageCall<'_>) -> Result<ImageAnswer, UpstreamError> {
    let response = job.ports.send(image_api::encode(call)).await.map_err(|error| match error {
        SendError::TimedOut => UpstreamError::TimedOut,
        other => UpstreamError::Transient(format!("the image API could not be reached: {other}")),
    })?;
    image_api::decode(call, &response)
}

/// The image's bytes, and its URL if it has one.
async fn fetch(
    job: &Job<'_>,
    attempt: &Attempt<'_>,
    source: ImageSource,
) -> Result<(Vec<u8>, Option<String>), UpstreamError> {
    match source {
        ImageSource::Bytes(bytes) => Ok((bytes, None)),
        ImageSource::Url(url) => {
            let http = &*job.ports.http;
            let endpoint = attempt.endpoint.address.url();
            let endpoint = endpoint.ok_or_else(|| UpstreamError::Unfetchable("the binding gave an address".into()))?;
            let bytes = download(http, endpoint, &url, MAX_IMAGE_BYTES, job.deadline).await?;
            Ok((bytes, Some(attempt.endpoint.redactor().scrub(&url))))
        }
    }
}

/// A picture drawn by the Worker itself.
fn draw_demo(request: &ImageRequest, prompt: &Prompt) -> Generated {
    let seed = request.seed.map_or(0, Seed::value);
    Generated {
        bytes: demo::draw(prompt.as_str(), request.size, seed).into_bytes(),
        content_type: image_format::SVG,
        model: DEMO_MODEL.to_owned(),
        seed: request.seed.map(Seed::value),
        url: None,
    }
}
