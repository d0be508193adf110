//! `POST /v1/images/generations` and `/v1/image/generations`: OpenAI's images API and
//! SiliconFlow's, in one.

use std::task::Poll;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::{LocalBoxFuture, poll_fn};
use serde_json::{Value, json};

use super::image_fields::ImageFields;
use super::image_reply::{FoundImage, permalink};
use super::images::{get_or_create, missing_or_unavailable};
use super::json_fields::Fields;
use crate::access::Caller;
use crate::app::App;
use crate::domain::{ImageRequest, PromptStatus, Seed};
use crate::error::Error;
use crate::http::{Request, Response};

/// Makes the images that a body asks for, side by side, and answers in both vendors' shapes.
///
/// 1. Read the body: 400, 413, 415.
/// 2. Get or make each image. With some of them made the answer has those; only where none was, the first one's error.
/// 3. Answer with both vendors' fields.
pub async fn post_images(app: &App, request: &Request) -> Result<Response, Error> {
    let start_ms = app.ports.clock.now_ms();
    let fields = ImageFields::parse(&Fields::read(request).await?, &app.config, &*app.normalizer)?;
    let caller = Caller::of(&app.config.access, request, start_ms);
    let images = requests(app, &fields)?.into_iter().map(|image| item(app, request, &caller, image, fields.as_base64));
    let items = at_least_one(join_few(images.map(|item| Box::pin(item) as LocalBoxFuture<'_, _>).collect()).await)?;
    Ok(answer(app, &items, start_ms))
}

/// One image of the answer.
struct Item {
    json: Value,
    seed: Option<u64>,
    hit: bool,
}

/// The images asked for: each of several has a seed of its own.
fn requests(app: &App, fields: &ImageFields) -> Result<Vec<ImageRequest>, Error> {
    let random = &*app.ports.random;
    let resolved = fields.query.request(&app.config, random)?;
    let first = resolved.ok_or_else(|| Error::missing_prompt("prompt", "`prompt` is missing."))?.request;
    if fields.count == 1 {
        return Ok(vec![first]);
    }
    let start = first.seed.unwrap_or_else(|| Seed::from_random_bits(random.next_u64()));
    Ok((0..fields.count).map(|number| ImageRequest { seed: Some(start.plus(number)), ..first.clone() }).collect())
}

/// Gets or makes one image, and describes it.
async fn item(
    app: &App,
    request: &Request,
    caller: &Caller,
    image: ImageRequest,
    as_base64: bool,
) -> Result<Item, Error> {
    let FoundImage { id, record, body, hit, .. } = get_or_create(app, caller, image, as_base64).await?;
    let mut json = if as_base64 {
        let bytes = body.into_bytes().await.ok_or_else(|| missing_or_unavailable(true))?;
        json!({ "b64_json": STANDARD.encode(bytes) })
    } else {
        json!({ "url": app.absolute(request, &permalink(&id, &record)) })
    };
    if let (PromptStatus::Translated | PromptStatus::Optimized, Value::Object(fields)) = (record.status, &mut json) {
        fields.insert("revised_prompt".into(), record.prompt.into());
    }
    Ok(Item { json, seed: record.seed, hit })
}

/// The results of a few futures that run side by side: what wakes one polls all. futures-util's `join_all` weighs 1.5 KB
/// more in the Worker, for sets that are large.
async fn join_few<T>(mut futures: Vec<LocalBoxFuture<'_, T>>) -> Vec<T> {
    let mut results: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, result) in futures.iter_mut().zip(&mut results) {
            if result.is_none()
                && let Poll::Ready(done) = future.as_mut().poll(context)
            {
                *result = Some(done);
            }
        }
        if results.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    results.into_iter().flatten().collect()
}

/// The images that were made.
///
/// # Errors
/// The first image's error, where there is none.
fn at_least_one(results: Vec<Result<Item, Error>>) -> Result<Vec<Item>, Error> {
    let mut items = Vec::new();
    let mut failure = None;
    for result in results {
        match result {
            Ok(item) => items.push(item),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.filter(|_| items.is_empty()).map_or(Ok(items), Err)
}

fn answer(app: &App, items: &[Item], start_ms: u64) -> Response {
    let now_ms = app.ports.clock.now_ms();
    let urls: Vec<_> = items.iter().filter_map(|item| item.json.get("url")).map(|url| json!({ "url": url })).collect();
    let mut answer = json!({
        "created": now_ms / 1_000,
        "data": items.iter().map(|item| &item.json).collect::<Vec<_>>(),
        "images": urls,
        "timings": { "inference": seconds(now_ms.saturating_sub(start_ms)) },
    });
    if let (Some(seed), Value::Object(answer)) = (items.first().and_then(|item| item.seed), &mut answer) {
        answer.insert("seed".into(), seed.into());
    }
    let hit = items.iter().all(|item| item.hit);
    Response::json(200, &answer).with("Cache-Control", "no-store").with("X-Cache", if hit { "HIT" } else { "MISS" })
}

/// Milliseconds as seconds, the unit of SiliconFlow's `inference`.
fn seconds(ms: u64) -> f64 {
    u32::try_from(ms).map_or(f64::from(u32::MAX), f64::from) / 1_000.0
}
