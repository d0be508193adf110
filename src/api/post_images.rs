//! `POST /v1/images/generations` and `/v1/image/generations`: OpenAI's images API and
//! SiliconFlow's, in one.

use std::future::poll_fn;
use std::task::Poll;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::image_fields::ImageFields;
use super::image_reply::permalink;
use super::json_fields::Fields;
use super::obtain::{Obtained, obtain};
use crate::access::Caller;
use crate::app::App;
use crate::domain::{ImageRequest, PromptStatus, Seed};
use crate::error::Error;
use crate::http::{Request, Response};
use crate::json::object;
use crate::ports::Pending;

/// Makes the images that a body asks for, side by side, and answers in both vendors' shapes.
///
/// # Errors
/// Only where none was made: the first image's error.
pub async fn post_images(app: &App, request: &Request) -> Result<Response, Error> {
    let fields = Fields::read(request).await?;
    let wanted = ImageFields::parse(&fields, &app.config, &*app.normalizer)?;
    let start_ms = app.outside.clock.now_ms();
    let caller = Caller::of(&app.config, request, start_ms);
    let mut images: Vec<Pending<'_, _>> = Vec::new();
    for image in requests(app, &wanted)? {
        images.push(Box::pin(async {
            let image = obtain(app, &caller, image, wanted.as_base64).await?;
            let hit = image.hit;
            Ok((hit, image.record.seed, item(app, request, image, wanted.as_base64).await?))
        }));
    }
    let mut made = Vec::new();
    let mut failure = None;
    for image in all(images).await {
        match image {
            Ok(image) => made.push(image),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    if let (true, Some(error)) = (made.is_empty(), failure) {
        return Err(error);
    }
    let now_ms = app.outside.clock.now_ms();
    let seed = made.first().and_then(|(_, seed, _)| *seed);
    let hit = made.iter().all(|(hit, ..)| *hit);
    let data: Vec<Value> = made.into_iter().map(|(.., item)| item).collect();
    let urls =
        data.iter().filter_map(|item| item.get("url")).map(|url| object! { "url": url.clone() }).collect::<Vec<_>>();
    let mut answer = object! {
        "created": now_ms / 1_000,
        "data": data,
        "images": urls,
        "timings": object! { "inference": seconds(now_ms.saturating_sub(start_ms)) },
    };
    if let (Some(seed), Value::Object(answer)) = (seed, &mut answer) {
        answer.insert("seed".into(), seed.into());
    }
    Ok(Response::json(200, &answer).with("Cache-Control", "no-store").with("X-Cache", if hit { "HIT" } else { "MISS" }))
}

/// What comes of all this work, done side by side. There is little of it: what wakes one looks at all.
async fn all<T>(mut work: Vec<Pending<'_, T>>) -> Vec<T> {
    let mut results: Vec<Option<T>> = work.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (work, result) in work.iter_mut().zip(&mut results) {
            if result.is_none()
                && let Poll::Ready(done) = work.as_mut().poll(context)
            {
                *result = Some(done);
            }
        }
        if results.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    results.into_iter().flatten().collect()
}

/// The images asked for: each of several has a seed of its own.
fn requests(app: &App, wanted: &ImageFields) -> Result<Vec<ImageRequest>, Error> {
    let random = &*app.outside.random;
    let first = wanted.query.request(&app.config, random)?.map(|wanted| wanted.request);
    let first = first.ok_or_else(|| Error::missing_prompt("prompt", "`prompt` is missing."))?;
    if wanted.count == 1 {
        return Ok(vec![first]);
    }
    let start = first.seed.unwrap_or_else(|| Seed::draw(random));
    Ok((0..wanted.count).map(|number| ImageRequest { seed: Some(start.plus(number)), ..first.clone() }).collect())
}

/// One image of the answer.
async fn item(app: &App, request: &Request, image: Obtained, as_base64: bool) -> Result<Value, Error> {
    let Obtained { id, record, body, .. } = image;
    let mut item = if as_base64 {
        let bytes = body.into_bytes().await.ok_or_else(|| super::lookup::nowhere(true))?;
        object! { "b64_json": STANDARD.encode(bytes) }
    } else {
        object! { "url": app.absolute(request, &permalink(&id, &record)) }
    };
    if let (true, Value::Object(item)) = (is_revised(record.status), &mut item) {
        item.insert("revised_prompt".into(), record.prompt.into());
    }
    Ok(item)
}

fn is_revised(status: PromptStatus) -> bool {
    matches!(status, PromptStatus::Translated | PromptStatus::Optimized)
}

/// Milliseconds as seconds, the unit of SiliconFlow's `inference`.
fn seconds(ms: u64) -> f64 {
    u32::try_from(ms).map_or(f64::from(u32::MAX), f64::from) / 1_000.0
}
