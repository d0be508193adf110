//! `POST /v1/images/generations` and `/v1/image/generations`: OpenAI's images API and
//! SiliconFlow's, in one.

use std::rc::Rc;
use std::task::Poll;

use futures_util::future::{LocalBoxFuture, poll_fn};

use super::events::{self, error_event};
use super::image_fields::ImageFields;
use super::image_query::ResolvedRequest;
use super::image_reply::FoundImage;
use super::images::{begin, get_or_create};
use super::images_answer::{Answer, completed};
use super::json_fields::Fields;
use crate::access::Caller;
use crate::app::App;
use crate::domain::{ImageRequest, Seed};
use crate::error::Error;
use crate::http::{Request, Response};

/// Makes the images that a body asks for, and answers in both vendors' shapes.
///
/// 1. Read the body: 400, 413, 415.
/// 2. Get or make each image. With some of them made the answer has those; only where none was, the first one's error.
/// 3. Answer with both vendors' fields, or with the events of OpenAI's stream.
pub async fn post_images(app: &App, request: &Request) -> Result<Response, Error> {
    let start_ms = app.ports.clock.now_ms();
    let fields = ImageFields::parse(&Fields::read(request).await?, &app.config, &*app.normalizer)?;
    let caller = Caller::of(&app.config.access, request, start_ms);
    let images = requests(app, &fields)?;
    if fields.stream {
        return stream(app, caller, images).await;
    }
    let images = at_least_one(get_all(app, &caller, images, fields.as_base64).await)?;
    Answer { app, request, images, as_base64: fields.as_base64, start_ms }.response()
}

/// The images asked for: each of several has a seed of its own.
fn requests(app: &App, fields: &ImageFields) -> Result<Vec<ResolvedRequest>, Error> {
    let random = &*app.ports.random;
    let resolved = fields.query.request(&app.config, random)?;
    let first = resolved.ok_or_else(|| Error::missing_prompt("prompt", "`prompt` is missing."))?;
    if fields.count == 1 {
        return Ok(vec![first]);
    }
    let start = first.request.seed.unwrap_or_else(|| Seed::from_random_bits(random.next_u64()));
    let seeded = |number| {
        let request = ImageRequest { seed: Some(start.plus(number)), ..first.request.clone() };
        ResolvedRequest { request, ..first.clone() }
    };
    Ok((0..fields.count).map(seeded).collect())
}

/// Answers with events: the image when it is made, and comments until then. A caller who may make nothing is told so by
/// an ordinary error.
async fn stream(app: &App, caller: Caller, images: Vec<ResolvedRequest>) -> Result<Response, Error> {
    let (clock, at_once) = (Rc::clone(&app.ports.clock), caller.refusal.is_some());
    let app = app.clone();
    let work = async move {
        let mut result = Err(Error::image_not_found());
        for image in images {
            result = get_or_create(&app, &caller, image, true).await;
        }
        result.map(|image| completed(image, app.ports.clock.now_ms()))
    };
    if at_once {
        let pieces = work.await?;
        return Ok(events::reply(events::when_done(clock, Box::pin(async { pieces }))));
    }
    let pieces = async move { work.await.unwrap_or_else(|error| vec![error_event(&error)]) };
    Ok(events::reply(events::when_done(clock, Box::pin(pieces))))
}

/// Gets or makes several images, side by side. Where a caller may be refused, they are begun one after the other: after
/// the first refusal the rest is not asked for.
async fn get_all(
    app: &App,
    caller: &Caller,
    images: Vec<ResolvedRequest>,
    with_bytes: bool,
) -> Vec<Result<FoundImage, Error>> {
    let is_limited = app.rate_limiter.is_some() && caller.visitor.is_some() || caller.account.per_day.is_some();
    let (mut begun, mut refusal) = (images, None);
    if begun.len() > 1 && (caller.refusal.is_some() || is_limited) {
        let images = std::mem::take(&mut begun);
        for image in images {
            match begin(app, caller, image.clone()).await {
                Err(error) if matches!(error.status(), 401 | 403 | 429) => {
                    refusal = Some(Err(error));
                    break;
                }
                _ => begun.push(image),
            }
        }
    }
    let all = begun.into_iter().map(|image| get_or_create(app, caller, image, with_bytes));
    let mut results = join_few(all.collect()).await;
    results.extend(refusal);
    results
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
fn at_least_one(results: Vec<Result<FoundImage, Error>>) -> Result<Vec<FoundImage>, Error> {
    let mut images = Vec::new();
    let mut failure = None;
    for result in results {
        match result {
            Ok(image) => images.push(image),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.filter(|_| images.is_empty()).map_or(Ok(images), Err)
}
