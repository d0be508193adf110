//! Looks for the image that a URL asks for, without making it.

use std::cell::OnceCell;

use super::etag;
use super::image_query::{ImageQuery, PromptPlace, ResolvedRequest};
use super::image_reply::{CachePolicy, FoundImage, not_modified_by_id};
use super::images::{MakerLookup, StoreLookup, admit, at_maker, in_store, missing_or_unavailable};
use super::url_query::Params;
use crate::access::Caller;
use crate::app::App;
use crate::domain::numbers::SeedChoice;
use crate::domain::{ImageId, ImageRecord};
use crate::error::Error;
use crate::http::{Method, Request, Response};
use crate::ports::maker::MakerCommand;

/// A request for an image, and its caller, who is looked at only where the store has no answer.
pub struct Visit<'a> {
    /// The core.
    pub app: &'a App,
    /// The request.
    pub request: &'a Request,
    caller: OnceCell<Caller>,
}

impl<'a> Visit<'a> {
    /// A visit by `request`.
    pub fn new(app: &'a App, request: &'a Request) -> Self {
        Self { app, request, caller: OnceCell::new() }
    }

    /// The caller.
    pub fn caller(&self) -> &Caller {
        let Self { app, request, caller } = self;
        caller.get_or_init(|| Caller::of(&app.config.access, request, app.ports.clock.now_ms()))
    }
}

/// A URL that asks for an image, parsed.
pub struct ImageUrl {
    /// The `id` parameter, if present.
    pub id: Option<ImageId>,
    /// The other parameters.
    pub query: ImageQuery,
    /// The request that those parameters form; `None` if there is no prompt among them.
    resolved: Option<Result<ResolvedRequest, Error>>,
}

/// The result of looking for a URL's `id`.
pub enum IdLookup {
    /// The image that the URL asks for, and its cache policy.
    Found(FoundImage, CachePolicy),
    /// The id stands alone, and its image is being made.
    UnderWay(ImageId, String),
    /// The id stands alone, and its image failed a moment ago.
    Failed(Error),
    /// The id matches the other parameters, but the store does not have the image: its maker may.
    LeftToMaker,
    /// There is no such image, or it does not match the other parameters.
    NotFound {
        /// True if the store, or the image's maker, could not be asked.
        unavailable: bool,
    },
}

/// The result of looking for an image.
pub enum Lookup {
    /// The image, and its cache policy.
    Found(FoundImage, CachePolicy),
    /// It is being made.
    UnderWay(ImageId, String),
    /// It is not there.
    Missing,
}

impl ImageUrl {
    /// Parses a request's URL.
    ///
    /// # Errors
    /// 400 for an invalid parameter.
    pub fn read(app: &App, request: &Request, place: PromptPlace<'_>) -> Result<Self, Error> {
        let params = Params::of(&request.url);
        let mut query = ImageQuery::parse(&params, place, &app.config, &*app.normalizer)?;
        // HEAD never makes an image.
        query.refresh &= request.method != Method::Head;
        let is_random = query.seed == Some(SeedChoice::Random);
        if is_random && app.config.access.signing_key.is_some() && params.get("sig")?.is_some() {
            let message = "`seed` is random at a signed URL, which is for one image: give a number.";
            return Err(Error::invalid("seed", message));
        }
        let id = params.get("id").ok().flatten().as_deref().and_then(ImageId::parse);
        let resolved = query.request(&app.config, &*app.ports.random).transpose();
        Ok(Self { id, query, resolved })
    }

    /// `304` if the caller has the image of the URL's id. Nothing needs to be read for it.
    pub fn not_modified(&self, request: &Request) -> Option<Response> {
        let id = self.looked_for()?;
        etag::matches_id(request, id).then(|| not_modified_by_id(id))
    }

    /// The request that the parameters beside the id form.
    ///
    /// # Errors
    /// 404 or 503 if they form none; 500 if the settings for the missing parameters are malformed.
    pub fn into_resolved(self, unavailable: bool) -> Result<(Option<ImageId>, ResolvedRequest), Error> {
        let resolved = self.resolved.ok_or_else(|| missing_or_unavailable(unavailable))??;
        Ok((self.id, resolved))
    }

    /// The id to look for; `None` for a refresh.
    fn looked_for(&self) -> Option<&ImageId> {
        self.id.as_ref().filter(|_| !self.query.refresh)
    }

    /// True if the image is the one that the URL asks for, or its stand-in.
    fn means(&self, id: &ImageId, record: &ImageRecord) -> bool {
        matches!(&self.resolved, Some(Ok(resolved)) if resolved.is_named(id)) || self.query.matches(&record.asked)
    }
}

/// Looks for the image of the URL's id.
///
/// # Errors
/// 429 if this caller wakes too many objects.
pub async fn by_id(visit: &Visit<'_>, url: &ImageUrl) -> Result<IdLookup, Error> {
    let Visit { app, request, .. } = visit;
    let Some(id) = url.looked_for() else { return Ok(IdLookup::NotFound { unavailable: false }) };
    let unavailable = match in_store(&app.ports, id).await {
        StoreLookup::Found(image) if url.means(id, &image.record) => {
            return Ok(IdLookup::Found(FoundImage::stored(id.clone(), image), CachePolicy::Immutable));
        }
        StoreLookup::Found(_) => return Ok(IdLookup::NotFound { unavailable: false }),
        StoreLookup::Missing => false,
        StoreLookup::Unavailable => true,
    };
    if matches!(&url.resolved, Some(Ok(resolved)) if resolved.request.id() == *id) {
        return Ok(IdLookup::LeftToMaker);
    }
    admit(app, visit.caller()).await?;
    Ok(match at_maker(&app.ports, id, look(request)).await {
        Ok(MakerLookup::Found(image)) if url.means(id, &image.record) => {
            let cache = cache_at(id, &image, CachePolicy::Immutable);
            IdLookup::Found(image, cache)
        }
        Ok(MakerLookup::UnderWay(step)) if url.resolved.is_none() => IdLookup::UnderWay(id.clone(), step),
        Ok(MakerLookup::Failed(error)) if url.resolved.is_none() => IdLookup::Failed(error),
        Ok(_) => IdLookup::NotFound { unavailable },
        Err(_) => IdLookup::NotFound { unavailable: true },
    })
}

/// Looks for the image that the other parameters ask for. `left_to_maker` means that the store was asked already.
///
/// # Errors
/// For HEAD, which makes nothing: 404 if the image does not exist; 429 if this caller wakes too many objects.
pub async fn by_request(visit: &Visit<'_>, resolved: &ResolvedRequest, left_to_maker: bool) -> Result<Lookup, Error> {
    let Visit { app, request, .. } = visit;
    let id = resolved.request.id();
    // An image with a newly drawn seed does not exist yet.
    if !left_to_maker
        && resolved.drawn_seed.is_none()
        && let StoreLookup::Found(image) = in_store(&app.ports, &id).await
    {
        return Ok(Lookup::Found(FoundImage::stored(id, image), CachePolicy::Day));
    }
    if request.method != Method::Head {
        return Ok(Lookup::Missing);
    }
    let cache = if left_to_maker { CachePolicy::Immutable } else { CachePolicy::Day };
    admit(app, visit.caller()).await?;
    match at_maker(&app.ports, &id, MakerCommand::Peek).await? {
        MakerLookup::Found(image) => {
            let cache = cache_at(&id, &image, cache);
            Ok(Lookup::Found(image, cache))
        }
        MakerLookup::UnderWay(step) => Ok(Lookup::UnderWay(id, step)),
        MakerLookup::Failed(_) | MakerLookup::Absent => Err(Error::image_not_found()),
    }
}

/// Looks for the image of a permalink.
///
/// # Errors
/// 404 if it does not exist; 503 if that is uncertain; its failure, if it was begun a moment ago; 429 if this caller wakes
/// too many objects.
pub async fn by_permalink(visit: &Visit<'_>, id: &ImageId) -> Result<Lookup, Error> {
    let Visit { app, request, .. } = visit;
    let unavailable = match in_store(&app.ports, id).await {
        StoreLookup::Found(image) => {
            return Ok(Lookup::Found(FoundImage::stored(id.clone(), image), CachePolicy::Immutable));
        }
        StoreLookup::Missing => false,
        StoreLookup::Unavailable => true,
    };
    admit(app, visit.caller()).await?;
    match at_maker(&app.ports, id, look(request)).await.map_err(|_| missing_or_unavailable(true))? {
        MakerLookup::Found(image) => {
            let cache = cache_at(id, &image, CachePolicy::Immutable);
            Ok(Lookup::Found(image, cache))
        }
        MakerLookup::UnderWay(step) => Ok(Lookup::UnderWay(id.clone(), step)),
        MakerLookup::Failed(error) => Err(error),
        MakerLookup::Absent => Err(missing_or_unavailable(unavailable)),
    }
}

/// The cache policy of an image at a URL of `id`: one that stands in for it has an id of its own, and does not last under
/// this one.
fn cache_at(id: &ImageId, image: &FoundImage, cache: CachePolicy) -> CachePolicy {
    if image.id == *id { cache } else { CachePolicy::Fallback }
}

fn look(request: &Request) -> MakerCommand {
    if request.method == Method::Head { MakerCommand::Peek } else { MakerCommand::Find }
}
