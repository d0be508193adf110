//! The steps from a request to an image.

use std::rc::Rc;

use super::deadline::Deadline;
use super::generate::{Generated, generate};
use super::rewrite_prompt::rewrite_prompt;
use super::rotation::circle;
use super::timing::Timing;
use crate::config::Config;
use crate::domain::{Asked, ImageId, ImageRecord, ImageRequest, PromptStatus, image_format};
use crate::error::Error;
use crate::ports::Outside;

/// A request that came through this many deployments goes no further: they are chained in a circle.
pub const MAX_HOPS: u8 = 3;

/// An image that was just made.
#[derive(Debug)]
pub struct Made {
    /// Its id.
    pub id: ImageId,
    /// What made it.
    pub record: ImageRecord,
    /// The image itself.
    pub bytes: Vec<u8>,
    /// What each step cost, as a `Server-Timing` value.
    pub timing: String,
}

/// What came of a request.
pub enum Outcome {
    /// The image.
    Image(Made),
    /// The chat API could not be had: what is to be made instead.
    FellBack(ImageRequest),
}

/// Makes the image of `request`, by the deadline.
///
/// 1. Check that images can be made at all: 500 `misconfigured`; 502 in a circle of deployments.
/// 2. Rewrite the prompt, where that is wanted. It is soft: a failure makes the request its
///    fallback, which is an image of its own.
/// 3. Generate: lease a key, call the API, fetch the bytes: 422, 502, 503, 504.
/// 4. Record what made it.
pub async fn make_image(
    outside: &Outside,
    config: &Config,
    request: &ImageRequest,
    hops: u8,
    refreshed: bool,
    deadline: &Deadline,
) -> Result<Outcome, Error> {
    config.check_can_make()?;
    if hops >= MAX_HOPS {
        return Err(circle());
    }
    let mut timing = Timing::new(Rc::clone(&outside.clock));

    let rewritten = timing.measure("rewrite", rewrite_prompt(outside, config, request, deadline)).await;
    if let Some(reason) = &rewritten.reason {
        outside.log.warn(&format!("the prompt was not rewritten: {}", config.redactor().scrub(reason)));
    }
    if rewritten.status == PromptStatus::Fallback
        && let Some(fallback) = request.fallback()
    {
        return Ok(Outcome::FellBack(fallback));
    }

    let generated = generate(outside, config, request, &rewritten.prompt, hops, deadline, &mut timing).await?;

    let Generated { bytes, content_type, model, seed, url } = generated;
    let record = ImageRecord {
        content_type: content_type.to_owned(),
        bytes: bytes.len() as u64,
        pixels: image_format::pixels(&bytes).or_else(|| request.demo.then(|| request.size.into())),
        model,
        seed,
        prompt: rewritten.prompt.as_str().to_owned(),
        status: rewritten.status,
        url: url.map(|url| config.redactor().scrub(&url)),
        time: outside.clock.now_ms() / 1_000,
        refreshed,
        asked: Asked::of(request),
    };
    Ok(Outcome::Image(Made { id: request.id(), record: record.fitted(), bytes, timing: timing.header() }))
}
