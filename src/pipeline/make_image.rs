//! The steps from a request to an image.

use std::rc::Rc;

use super::generate::{Generated, generate};
use super::job::Job;
use super::rewrite_prompt::{Rewritten, rewrite_prompt};
use super::timing::Timing;
use crate::domain::{ImageId, ImageRecord, ImageRequest, PromptStatus, RequestFingerprint, image_format};
use crate::error::Error;

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
    /// The chat API could not be had: the request to be made instead.
    FellBack(ImageRequest),
}

/// Makes an image by the job's deadline; `refreshed` where it takes the place of an earlier one.
///
/// 1. Check that images can be made at all: 500 `misconfigured`; 502 in a circle of deployments.
/// 2. Rewrite the prompt, where that is wanted. It is soft: a failure makes the request its
///    fallback, which is an image of its own.
/// 3. Generate: lease a key, call the API, fetch the bytes: 422, 502, 503, 504.
/// 4. Record what made it.
pub async fn make_image(job: &Job<'_>, refreshed: bool) -> Result<Outcome, Error> {
    job.config.check_can_make()?;
    job.hops.check()?;
    let mut timing = Timing::new(Rc::clone(&job.ports.clock));
    let rewritten = timing.measure("rewrite", rewrite_prompt(job)).await;
    if let Some(fallback) = fallback(job, &rewritten) {
        return Ok(Outcome::FellBack(fallback));
    }
    let generated = generate(job, &rewritten.prompt, &mut timing).await?;
    let record = record(job, &rewritten, &generated, refreshed);
    Ok(Outcome::Image(Made { id: job.request.id(), record, bytes: generated.bytes, timing: timing.header() }))
}

/// The request to be made instead, where a rewrite was wanted and could not be had.
fn fallback(job: &Job<'_>, rewritten: &Rewritten) -> Option<ImageRequest> {
    if let Some(reason) = &rewritten.reason {
        job.warn(&format!("the prompt was not rewritten: {reason}"));
    }
    (rewritten.status == PromptStatus::Fallback).then(|| job.request.fallback()).flatten()
}

/// What is stored beside the bytes.
fn record(job: &Job<'_>, rewritten: &Rewritten, generated: &Generated, refreshed: bool) -> ImageRecord {
    let Generated { bytes, content_type, model, seed, url } = generated;
    let request = job.request;
    let record = ImageRecord {
        content_type: (*content_type).to_owned(),
        bytes: bytes.len() as u64,
        pixels: image_format::pixels(bytes).or_else(|| request.demo.then(|| request.size.into())),
        model: model.clone(),
        seed: *seed,
        prompt: rewritten.prompt.as_str().to_owned(),
        status: rewritten.status,
        url: url.as_ref().map(|url| job.config.redactor().scrub(url)),
        time: job.ports.clock.now_ms() / 1_000,
        refreshed,
        asked: RequestFingerprint::of(request),
    };
    record.truncated_to_metadata_limit()
}
