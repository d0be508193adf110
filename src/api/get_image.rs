//! `GET` and `HEAD` of an image: by prompt, by id, by permalink.

use url::Url;

use super::etag;
use super::find_image::{self, IdLookup, ImageUrl, Lookup, Visit};
use super::image_query::{PromptPlace, ResolvedRequest};
use super::image_reply::{CachePolicy, FoundImage, ImageReply, not_modified_by_id, permalink};
use super::url_query::edited;
use super::working;
use super::{image_events, images};
use crate::access::Caller;
use crate::app::App;
use crate::domain::{ImageId, Prompt};
use crate::error::Error;
use crate::http::{Request, Response};
use crate::ports::maker::{MakerCommand, MakerReply, Origin};

/// The longest URL of a redirect, in bytes; some clients and proxies accept no more than 8 KB.
const MAX_LOCATION: usize = 8_000;

/// Handles `/?prompt=…`, `/?id=…` and `/prompt/{prompt}`.
///
/// 1. An `id` in the URL and a matching `If-None-Match`: 304, without reading the store.
/// 2. An `id` whose image matches the other parameters: 200.
/// 3. The image of the other parameters, if it is stored: 200 or 304.
/// 4. Otherwise its maker makes it: 302 to the URL with its id; 200 with the bytes if a redirect is not possible, and
///    for a prompt in the path, since clients of such links mostly follow none.
///
/// Where the caller takes events, the image of 2 and 3 is one event, and 4 is told as it happens.
pub async fn by_prompt(app: &App, request: &Request, place: PromptPlace<'_>) -> Result<Response, Error> {
    let url = ImageUrl::read(app, request, place)?;
    let watched = url.query.prompt.as_ref().filter(|_| image_events::are_wanted(request)).cloned();
    // (1)
    if let Some(response) = url.not_modified(request).filter(|_| watched.is_none()) {
        return Ok(response);
    }
    // (2)
    let visit = Visit::new(app, request);
    let (left_to_maker, unavailable) = match find_image::by_id(&visit, &url).await? {
        IdLookup::Found(image, cache) => return Ok(found(app, request, image, cache, watched.as_ref())),
        IdLookup::UnderWay(id, step) => return Ok(working::reply(app, request, &id, &step)),
        IdLookup::Failed(error) => return Err(error),
        IdLookup::LeftToMaker => (true, false),
        IdLookup::NotFound { unavailable } => (false, unavailable),
    };
    // (3)
    let refresh = url.query.refresh;
    let at_once = url.query.at_once;
    let (id, resolved) = url.into_resolved(unavailable)?;
    if !refresh {
        match find_image::by_request(&visit, &resolved, left_to_maker).await? {
            Lookup::Found(image, cache) => return Ok(found(app, request, image, cache, watched.as_ref())),
            Lookup::UnderWay(id, step) => return Ok(working::reply(app, request, &id, &step)),
            Lookup::Missing => {}
        }
    }
    // (4)
    if refresh {
        visit.caller().require_owner()?;
    }
    if watched.is_some() {
        return Box::pin(image_events::make(app, request, visit.caller(), resolved, refresh)).await;
    }
    let at_once = !refresh && (at_once || working::is_preferred(request));
    let in_path = matches!(place, PromptPlace::Path(_));
    make(visit.caller(), Delivery { app, request, refresh, at_once, in_path, id, resolved }).await
}

/// Handles `/i/{id}` and `/i/{id}.{ext}`.
pub async fn by_permalink(app: &App, request: &Request, name: &str) -> Result<Response, Error> {
    let id = ImageId::from_path(name)?;
    if etag::matches_id(request, &id) {
        return Ok(not_modified_by_id(&id));
    }
    Ok(match find_image::by_permalink(&Visit::new(app, request), &id).await? {
        Lookup::Found(image, cache) => found(app, request, image, cache, None),
        Lookup::UnderWay(id, step) => working::reply(app, request, &id, &step),
        Lookup::Missing => return Err(Error::image_not_found()),
    })
}

/// The response with an existing image: 304 if the caller has it, otherwise 200; one event for a caller who watches the
/// image of a prompt.
fn found(app: &App, request: &Request, image: FoundImage, cache: CachePolicy, watched: Option<&Prompt>) -> Response {
    if let Some(prompt) = watched {
        return image_events::found(app, request, prompt.as_str(), &image);
    }
    let FoundImage { id, record, body, .. } = image;
    let reply = ImageReply { id: &id, record: &record, hit: true, kept: app.ports.store.is_some(), cache, timing: "" };
    if etag::matches_record(request, &id, &record) { reply.not_modified() } else { reply.ok(body) }
}

/// Has the image made, or joins a running generation.
async fn make(caller: &Caller, delivery: Delivery<'_>) -> Result<Response, Error> {
    let image = delivery.resolved.clone();
    let id = image.request.id();
    let reply = images::create(delivery.app, caller, image, delivery.command(), None).await?;
    match reply.origin {
        Origin::UnderWay(step) => Ok(working::begun(delivery.app, delivery.request, &id, &step)),
        _ => delivery.respond(reply),
    }
}

/// The context of the response with a new image.
struct Delivery<'a> {
    app: &'a App,
    request: &'a Request,
    refresh: bool,
    /// True if the caller does not wait.
    at_once: bool,
    /// True if the prompt is in the path.
    in_path: bool,
    /// The id in the URL.
    id: Option<ImageId>,
    resolved: ResolvedRequest,
}

impl Delivery<'_> {
    /// The command to the maker: the bytes are included in the reply if no redirect to them is possible.
    fn command(&self) -> MakerCommand {
        let is_own = self.id.as_ref().is_some_and(|id| self.resolved.is_named(id));
        if self.refresh {
            MakerCommand::Refresh
        } else if self.at_once {
            MakerCommand::Begin
        } else if is_own || self.in_path || self.app.ports.store.is_none() {
            MakerCommand::CreateWithBytes
        } else {
            MakerCommand::Create
        }
    }

    /// The response, from the maker's reply.
    fn respond(&self, reply: MakerReply) -> Result<Response, Error> {
        let timing = reply.timing.clone();
        let image = FoundImage::of(reply)?;
        let cache = if image.is_kept { self.cache(&image.id) } else { CachePolicy::NoStore };
        if image.hit {
            return Ok(found(self.app, self.request, image, cache, None));
        }
        let FoundImage { id, record, body, is_kept, .. } = image;
        let kept = is_kept && self.app.ports.store.is_some();
        let image_reply = ImageReply { id: &id, record: &record, hit: false, kept, cache, timing: &timing };
        if self.refresh || self.in_path || self.id.as_ref() == Some(&id) || !kept {
            return Ok(image_reply.ok(body));
        }
        let url = self.url_with(&id);
        Ok(image_reply.redirect(&if url.as_str().len() > MAX_LOCATION {
            permalink(&id, &record)
        } else {
            // Relative, so that it holds behind any proxy. Only `/` redirects, however its path was written.
            format!("/?{}", url.query().unwrap_or_default())
        }))
    }

    /// The cache policy of the image `id` at the requested URL.
    fn cache(&self, id: &ImageId) -> CachePolicy {
        if self.refresh || self.resolved.drawn_seed.is_some() {
            CachePolicy::NoStore
        } else if self.id.as_ref() == Some(id) {
            CachePolicy::Immutable
        } else if *id == self.resolved.request.id() {
            CachePolicy::Day
        } else {
            CachePolicy::Fallback
        }
    }

    /// The requested URL with the image's id, and with the seed if one was drawn.
    fn url_with(&self, id: &ImageId) -> Url {
        let drawn = self.resolved.drawn_seed;
        let replaced = |name: &str| name == "id" || (name == "seed" && drawn.is_some());
        let seed = drawn.map(|seed| format!("seed={seed}"));
        edited(&self.request.url, replaced, seed.into_iter().chain([format!("id={id}")]))
    }
}
