//! The steps from a request to an image.

use std::rc::Rc;

use super::generate::{Generated, generate};
use super::job::Job;
use super::key_rotation::Stop;
use super::rewrite_prompt::rewrite_prompt;
use super::timing::Timing;
use crate::domain::{DrawnPrompt, ImageId, ImageRecord, ImageRequest, PromptStatus, RequestFingerprint, image_format};
use crate::error::Error;
use crate::ports::progress::Event;

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

/// The outcome of a request.
pub enum Outcome {
    /// The image.
    Image(Made),
    /// Another image is to be made instead.
    FellBack {
        /// The request for it.
        request: ImageRequest,
        /// Its prompt, where that was rewritten already.
        drawn: Option<DrawnPrompt>,
    },
}

/// Makes an image by the job's deadline; `refreshed` where it takes the place of an earlier one.
///
/// 1. Check that images can be made at all: 500 `misconfigured`; 502 in a circle of deployments.
/// 2. Rewrite the prompt, where that is wanted. It is soft: a failure makes the request its
///    fallback, which is an image of its own.
/// 3. Generate: lease a key, call the API, fetch the bytes: 422, 502, 503, 504. A model that cannot be had for long
///    makes the request one for the next model, which is an image of its own as well.
/// 4. Record what made it.
pub async fn make_image(job: &Job<'_>, refreshed: bool) -> Result<Outcome, Error> {
    job.config.check_can_make()?;
    job.hops.check()?;
    let mut timing = Timing::new(Rc::clone(&job.ports.clock));
    let drawn = match job.drawn {
        Some(drawn) => drawn.clone(),
        None => timing.measure("rewrite", rewrite_prompt(job)).await,
    };
    if let Some(request) = fallback(job, &drawn) {
        return Ok(Outcome::FellBack { request, drawn: None });
    }
    job.progress.add(Event::Prompt(drawn.clone()));
    let generated = match generate(job, &drawn.prompt, &mut timing).await {
        Ok(generated) => generated,
        Err(Stop::Failed(error)) => return Err(error),
        Err(Stop::StandIn(model)) => {
            let request = ImageRequest { model, ..job.request.clone() };
            return Ok(Outcome::FellBack { request, drawn: Some(drawn) });
        }
    };
    let record = record(job, &drawn, &generated, refreshed);
    Ok(Outcome::Image(Made { id: job.request.id(), record, bytes: generated.bytes, timing: timing.header() }))
}

/// The request to be made instead, where a rewrite was wanted and could not be had.
fn fallback(job: &Job<'_>, drawn: &DrawnPrompt) -> Option<ImageRequest> {
    (drawn.status == PromptStatus::Fallback).then(|| job.request.fallback()).flatten()
}

/// The record that is stored with the bytes.
fn record(job: &Job<'_>, drawn: &DrawnPrompt, generated: &Generated, refreshed: bool) -> ImageRecord {
    let Generated { bytes, content_type, model, seed, url } = generated;
    let request = job.request;
    let record = ImageRecord {
        content_type: (*content_type).to_owned(),
        bytes: bytes.len() as u64,
        pixels: image_format::pixels(bytes).or_else(|| request.demo.then(|| request.size.into())),
        model: model.clone(),
        seed: *seed,
        prompt: drawn.prompt.as_str().to_owned(),
        status: drawn.status,
        url: url.clone(),
        time: job.ports.clock.now_ms() / 1_000,
        refreshed,
        asked: RequestFingerprint::of(request),
    };
    record.truncated_to_metadata_limit()
}
