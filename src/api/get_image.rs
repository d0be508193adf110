//! `GET` and `HEAD` of an image: by its prompt, by its id, by its permalink.

use percent_encoding::percent_decode_str;
use url::Url;

use super::image_query::{ImageQuery, PromptPlace, Wanted};
use super::image_reply::{CacheFor, ImageReply, matches_id, matches_record, permalink};
use super::lookup::{Found, at_maker, in_library, nowhere};
use super::params::{self, Params};
use crate::access::Caller;
use crate::app::App;
use crate::domain::numbers::SeedChoice;
use crate::domain::{ImageId, ImageRecord};
use crate::error::Error;
use crate::http::{Body, Method, Request, Response};
use crate::ports::{Answer, How, Order, Want};

/// The longest URL that a redirect leads to; some clients and proxies take no more than 8 KB.
const MAX_LOCATION: usize = 8_000;

/// `/?prompt=…`, `/?id=…` and `/prompt/{prompt}`.
///
/// 1. An `id` in the URL and `If-None-Match`: 304, without a look at the store.
/// 2. An `id` whose image was asked for with what stands beside it: 200.
/// 3. The image that the other parameters ask for, where it is stored: 200 or 304.
/// 4. Else its maker makes it: 302 to the URL with its id; 200 where there is nowhere to redirect to.
pub async fn by_prompt(app: &App, request: &Request, place: PromptPlace<'_>) -> Result<Response, Error> {
    let params = Params::of(&request.url);
    let in_url = params.get("id").ok().flatten().as_deref().and_then(ImageId::parse);
    let mut query = ImageQuery::parse(&params, place, &app.config, &*app.normalizer)?;
    // HEAD only looks.
    query.refresh &= request.method != Method::Head;
    if query.seed == Some(SeedChoice::Random) && app.config.url_signing_key.is_some() && params.get("sig")?.is_some() {
        return Err(Error::invalid("seed", "`seed` is random at a signed URL, which is for one image: give a number."));
    }
    if let Some(id) = &in_url
        && !query.refresh
        && let Some(response) = revalidated(request, id)
    {
        return Ok(response);
    }
    let wanted = query.request(&app.config, &*app.outside.random).transpose();
    let mut searched = None;
    let mut unreadable = false;
    if let Some(id) = in_url.as_ref().filter(|_| !query.refresh) {
        let own = matches!(&wanted, Some(Ok(wanted)) if is_own(wanted, id));
        let fits = |record: &ImageRecord| own || query.fits(&record.asked);
        match in_library(&app.outside, id).await {
            Found::Image(image) if fits(&image.record) => {
                return Ok(stored(app, request, id, &image.record, CacheFor::Ever, image.body));
            }
            Found::Image(_) => {}
            found => {
                unreadable = matches!(found, Found::Unreadable);
                let is_wanted = matches!(&wanted, Some(Ok(wanted)) if wanted.request.id() == *id);
                if is_wanted {
                    searched = Some(id);
                } else {
                    match at_maker(&app.outside, id, look(request)).await {
                        Ok(Some(answer)) if answer.record.as_ref().is_some_and(fits) => {
                            return kept(app, request, id, CacheFor::Ever, answer);
                        }
                        Ok(_) => {}
                        Err(_) => unreadable = true,
                    }
                }
            }
        }
    }
    let Some(wanted) = wanted else { return Err(nowhere(unreadable)) };
    let wanted = wanted?;
    let id = wanted.request.id();
    if searched.is_none()
        && !query.refresh
        && wanted.drawn_seed.is_none()
        && let Found::Image(image) = in_library(&app.outside, &id).await
    {
        return Ok(stored(app, request, &id, &image.record, CacheFor::Day, image.body));
    }
    if request.method == Method::Head {
        let answer = at_maker(&app.outside, &id, Want::Peek).await?.ok_or(Error::ImageNotFound)?;
        let cache = if searched.is_some() { CacheFor::Ever } else { CacheFor::Day };
        return kept(app, request, &id, cache, answer);
    }
    make(app, request, &query, &wanted, in_url.as_ref()).await
}

/// `/i/{id}` and `/i/{id}.{ext}`.
pub async fn by_permalink(app: &App, request: &Request, name: &str) -> Result<Response, Error> {
    let name = percent_decode_str(name).decode_utf8_lossy();
    let id = ImageId::parse(name.split_once('.').map_or(&*name, |(id, _)| id)).ok_or(Error::ImageNotFound)?;
    if let Some(response) = revalidated(request, &id) {
        return Ok(response);
    }
    let found = in_library(&app.outside, &id).await;
    if let Found::Image(image) = found {
        return Ok(stored(app, request, &id, &image.record, CacheFor::Ever, image.body));
    }
    let unreadable = matches!(found, Found::Unreadable);
    let answer = at_maker(&app.outside, &id, look(request)).await.map_err(|_| nowhere(true))?;
    kept(app, request, &id, CacheFor::Ever, answer.ok_or_else(|| nowhere(unreadable))?)
}

/// Has the image made, or joins those who wait for it.
async fn make(
    app: &App,
    request: &Request,
    query: &ImageQuery,
    wanted: &Wanted,
    in_url: Option<&ImageId>,
) -> Result<Response, Error> {
    let caller = Caller::of(&app.config, request, app.outside.clock.now_ms());
    if query.refresh {
        caller.require_token()?;
    }
    let own = in_url.is_some_and(|id| is_own(wanted, id));
    let stays = query.refresh || own || app.outside.store.is_none();
    let want = match (query.refresh, stays) {
        (true, _) => Want::Refresh,
        (false, true) => Want::MakeWithBytes,
        (false, false) => Want::Make,
    };
    let order = Order {
        id: wanted.request.id(),
        request: Some(wanted.request.clone()),
        want,
        refusal: caller.refusal,
        visitor: caller.visitor,
        hops: caller.hops,
        deadline_ms: None,
    };
    let answer = app.outside.image_maker.ask(order).await?;
    let Answer { how, id, record, body, timing } = answer;
    let record = record.ok_or(Error::ImageNotFound)?;
    let same = in_url == Some(&id);
    let cache = match (query.refresh || wanted.drawn_seed.is_some(), same) {
        (true, _) => CacheFor::Nothing,
        (false, true) => CacheFor::Ever,
        (false, false) => CacheFor::Day,
    };
    let reply = ImageReply {
        id: &id,
        record: &record,
        hit: how == How::Kept,
        kept: app.outside.store.is_some(),
        cache,
        timing: &timing,
    };
    if how == How::Kept {
        return Ok(stored(app, request, &id, &record, cache, body));
    }
    if same || query.refresh || app.outside.store.is_none() {
        return Ok(reply.ok(body));
    }
    let url = with_id(&request.url, &id, wanted);
    let location = if url.len() > MAX_LOCATION { app.absolute(request, &permalink(&id, &record)) } else { url };
    Ok(reply.redirect(&location))
}

/// An image that was there already: 304 where the caller has it, else 200.
fn stored(app: &App, request: &Request, id: &ImageId, record: &ImageRecord, cache: CacheFor, body: Body) -> Response {
    let reply = ImageReply { id, record, hit: true, kept: app.outside.store.is_some(), cache, timing: "" };
    let known = request.header("If-None-Match").is_some_and(|tags| matches_record(&tags, id, record));
    if known && cache != CacheFor::Nothing { reply.not_modified() } else { reply.ok(body) }
}

/// An image that the maker of `id` has. One that stands in for it has an id of its own, and does not last
/// under this one.
fn kept(app: &App, request: &Request, id: &ImageId, cache: CacheFor, answer: Answer) -> Result<Response, Error> {
    let record = answer.record.as_ref().ok_or(Error::ImageNotFound)?;
    let cache = if answer.id == *id { cache } else { CacheFor::Day };
    Ok(stored(app, request, &answer.id, record, cache, answer.body))
}

/// 304 for a caller that names the image of a URL with an id: nothing need be read for it.
fn revalidated(request: &Request, id: &ImageId) -> Option<Response> {
    let tags = request.header("If-None-Match")?;
    matches_id(&tags, id).then(|| {
        Response::new(304)
            .with("ETag", tags_of(id))
            .with("Cache-Control", CacheFor::Ever.header())
            .with("X-Cache", "HIT")
            .with("X-Image-Id", id.as_str())
    })
}

fn tags_of(id: &ImageId) -> String {
    format!("W/\"{id}\"")
}

/// Whether `id` names the very image that is wanted, or the one that stands in for it.
fn is_own(wanted: &Wanted, id: &ImageId) -> bool {
    wanted.request.id() == *id || wanted.request.fallback().is_some_and(|fallback| fallback.id() == *id)
}

fn look(request: &Request) -> Want {
    if request.method == Method::Head { Want::Peek } else { Want::Look }
}

/// The URL that was asked for, with the image's id, and with the seed where one was drawn. What
/// the caller wrote stays as it was written.
fn with_id(url: &Url, id: &ImageId, wanted: &Wanted) -> String {
    let replaced = |name: &str| name == "id" || (name == "seed" && wanted.drawn_seed.is_some());
    let mut pairs: Vec<String> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !replaced(&params::split(pair).0))
        .map(str::to_owned)
        .collect();
    pairs.extend(wanted.drawn_seed.map(|seed| format!("seed={seed}")));
    pairs.push(format!("id={id}"));
    let mut target = url.clone();
    target.set_query(Some(&pairs.join("&")));
    target.set_fragment(None);
    target.into()
}
