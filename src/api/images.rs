//! Access to images: from the store, otherwise from their maker. All requests to makers are sent from here.

use futures_util::future::LocalBoxFuture;

use super::image_query::ResolvedRequest;
use super::image_reply::FoundImage;
use crate::access::Caller;
use crate::app::App;
use crate::domain::ImageId;
use crate::domain::account::Account;
use crate::error::Error;
use crate::http::Body;
use crate::pipeline::image_store::{self, STORE_RETRY_SECONDS};
use crate::ports::maker::{MakerCommand, MakerReply, MakerRequest, Origin};
use crate::ports::progress::Listener;
use crate::ports::{Ports, StoredImage};

/// The result of a look-up in the store.
pub enum StoreLookup {
    /// The image.
    Found(StoredImage),
    /// The image is not stored. KV caches this result: the image may have been stored meanwhile.
    Missing,
    /// The store could not be read, in two tries.
    Unavailable,
}

/// Looks the image `id` up in the store: one read, and another one if the first fails.
pub async fn in_store(ports: &Ports, id: &ImageId) -> StoreLookup {
    for _ in 0..2 {
        match image_store::read(ports, id).await {
            Ok(Some(image)) => return StoreLookup::Found(image),
            Ok(None) => return StoreLookup::Missing,
            Err(error) => ports.log.warn(&format!("image {id}: the store cannot be read: {error}")),
        }
    }
    StoreLookup::Unavailable
}

/// The result of a look-up at an image's maker.
pub enum MakerLookup {
    /// The image.
    Found(FoundImage),
    /// It is being made, and at this step.
    UnderWay(String),
    /// It was begun a moment ago, and failed.
    Failed(Error),
    /// The maker knows nothing of it.
    Absent,
}

impl MakerLookup {
    /// What a maker's reply says.
    pub fn of(reply: MakerReply) -> Self {
        match reply.origin {
            Origin::UnderWay(step) => Self::UnderWay(step),
            Origin::Failed(error) => Self::Failed(error),
            Origin::Absent => Self::Absent,
            Origin::Made | Origin::Removed | Origin::Kept => FoundImage::of(reply).map_or(Self::Absent, Self::Found),
        }
    }
}

/// The period of `LOOKUP_LIMITER` in `wrangler.toml`, in seconds, sent as `Retry-After` to a visitor over the limit.
const LOOKUP_PERIOD_SECONDS: u64 = 60;

/// Counts a request that the store could not answer, before it wakes an object: a request for a made-up id costs an object
/// call, and anybody can make up ids. A valid token is not counted, nor is a demo picture, and a request is counted once.
///
/// # Errors
/// 429 over the limit.
pub async fn admit(app: &App, caller: &Caller) -> Result<(), Error> {
    let (Some(limiter), Some(visitor), false) = (&app.lookup_limiter, &caller.visitor, app.config.demo) else {
        return Ok(());
    };
    let mut admission = caller.admission.lock().await;
    let is_admitted = match *admission {
        Some(known) => known,
        None => limiter.try_acquire(visitor).await,
    };
    *admission = Some(is_admitted);
    if is_admitted { Ok(()) } else { Err(Error::too_many_lookups(LOOKUP_PERIOD_SECONDS)) }
}

/// Asks the image's maker for an image that it keeps ([`MakerCommand::Peek`], [`MakerCommand::Find`]); nothing is
/// started, and nothing waited for. The caller must have been admitted.
///
/// # Errors
/// The maker's error, or that it cannot be reached.
pub async fn at_maker(ports: &Ports, id: &ImageId, command: MakerCommand) -> Result<MakerLookup, Error> {
    ports.image_maker.ask(MakerRequest::about(id.clone(), command), None).await.map(MakerLookup::of)
}

/// Has the image of `request` made for `caller`, or joins a running generation. A listener is told how it goes.
///
/// # Errors
/// The refusal of this caller, or the failure of the generation.
pub async fn create(
    app: &App,
    caller: &Caller,
    request: ResolvedRequest,
    command: MakerCommand,
    listener: Listener<'_>,
) -> Result<MakerReply, Error> {
    admit(app, caller).await?;
    let Caller { refusal, visitor, account, hops, .. } = caller.clone();
    let Account { name: account, per_day } = account;
    let ResolvedRequest { request, may_stand_in, .. } = request;
    let id = request.id();
    let about = MakerRequest::about(id, command);
    let request =
        MakerRequest { request: Some(request), refusal, visitor, account, per_day, hops, may_stand_in, ..about };
    let reply = app.ports.image_maker.ask(request, listener).await?;
    if command == MakerCommand::Refresh { renewed(&app.ports, reply).await } else { Ok(reply) }
}

/// A reply with an image that was made anew: from now on it is the one that this isolate answers with.
async fn renewed(ports: &Ports, reply: MakerReply) -> Result<MakerReply, Error> {
    let MakerReply { id, record: Some(record), body, .. } = reply else { return Ok(reply) };
    let image = image_store::renew(ports, &id, StoredImage { record, body }).await.map_err(|error| {
        ports.log.warn(&format!("image {id}: it was made anew, and broke off: {error}"));
        missing_or_unavailable(true)
    })?;
    Ok(MakerReply { id, record: Some(image.record), body: image.body, ..reply })
}

/// The image of `request` for an API client: the same image that `GET /?prompt=…` with the same parameters returns.
///
/// # Errors
/// As [`create`].
pub fn get_or_create<'a>(
    app: &'a App,
    caller: &'a Caller,
    request: ResolvedRequest,
    with_bytes: bool,
    listener: Listener<'a>,
) -> LocalBoxFuture<'a, Result<FoundImage, Error>> {
    // Boxed, so that its code is not in each handler.
    Box::pin(async move {
        let id = request.request.id();
        if let StoreLookup::Found(image) = in_store(&app.ports, &id).await {
            return Ok(FoundImage::stored(id, image));
        }
        let command = if with_bytes { MakerCommand::CreateWithBytes } else { MakerCommand::Create };
        FoundImage::of(create(app, caller, request, command, listener).await?)
    })
}

/// Begins the image of `request` unless it is there, without waiting for it.
///
/// # Errors
/// The refusal of this caller.
pub async fn begin(app: &App, caller: &Caller, request: ResolvedRequest) -> Result<(), Error> {
    match in_store(&app.ports, &request.request.id()).await {
        StoreLookup::Found(_) => Ok(()),
        _ => create(app, caller, request, MakerCommand::Begin, None).await.map(|_| ()),
    }
}

/// The bytes of an image that was found a moment ago; empty if they cannot be had any more.
pub async fn read_again(app: &App, id: &ImageId) -> Body {
    if let StoreLookup::Found(StoredImage { body, .. }) = in_store(&app.ports, id).await {
        return body;
    }
    match at_maker(&app.ports, id, MakerCommand::Find).await {
        Ok(MakerLookup::Found(image)) => image.body,
        _ => Body::Empty,
    }
}

/// Removes an image from its maker and from the store. It is no error if it does not exist.
///
/// # Errors
/// 503 if it could not be removed from both.
pub async fn delete(ports: &Ports, id: &ImageId) -> Result<(), Error> {
    // The maker first: it waits until its write to the store is finished, and forgets the image.
    ports.image_maker.ask(MakerRequest::about(id.clone(), MakerCommand::Delete), None).await?;
    image_store::remove(ports, id).await.map_err(|error| {
        ports.log.warn(&format!("image {id}: it could not be removed: {error}"));
        missing_or_unavailable(true)
    })
}

/// The error for an image that was not found: 404, or 503 if the store was unavailable.
pub fn missing_or_unavailable(unavailable: bool) -> Error {
    if unavailable { Error::store_unavailable(STORE_RETRY_SECONDS) } else { Error::image_not_found() }
}
