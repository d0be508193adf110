//! The steps from a request to an image.

use std::rc::Rc;

use super::generate::{Generated, generate};
use super::job::Job;
use super::rewrite_prompt::{Rewritten, rewrite_prompt};
use super::timing::Timing;
use crate::domain::{ImageId, ImageRecord, ImageRequest, PromptStatus, RequestFingerprint, image_format};
use crate::error::Error;

/// A new image.
#[derive(Debug)]
pub struct Made {
    /// The id.
    pub id: ImageId,
    /// The record.
    pub record: ImageRecord,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The duration of each step, as a `Server-Timing` value.
    pub timing: String,
}

/// The result of a job.
pub enum Outcome {
    /// The image.
    Image(Made),
    /// The chat API failed: the request to be made instead.
    FellBack(ImageRequest),
}

/// Makes an image by the job's deadline; `refreshed` is true if it replaces an earlier one.
///
/// 1. Check that images can be made at all: 500 `misconfigured`; 502 in a loop of deployments.
/// 2. Rewrite the prompt, if requested. This step is soft: after a failure, the fallback is made instead, which is an
///    image of its own.
/// 3. Generate: lease a key, call the API, download the bytes: 422, 502, 503, 504.
/// 4. Create the record.
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

/// The request to be made instead, if a rewrite was requested and failed.
fn fallback(job: &Job<'_>, rewritten: &Rewritten) -> Option<ImageRequest> {
    if let Some(reason) = &rewritten.reason {
        job.warn(&format!("the prompt was not rewritten: {reason}"));
    }
    (rewritten.status == PromptStatus::Fallback).then(|| job.request.fallback()).flatten()
}

/// The record that is stored with the bytes.
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
        url: url.clone(),
        time: job.ports.clock.now_ms() / 1_000,
        refreshed,
        asked: RequestFingerprint::of(request),
    };
    record.truncated_to_metadata_limit()
}
