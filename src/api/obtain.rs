//! An image for an API client: from the library, else from its maker.

use super::lookup::{Found, in_library};
use crate::access::Caller;
use crate::app::App;
use crate::domain::{ImageId, ImageRecord, ImageRequest};
use crate::error::Error;
use crate::http::Body;
use crate::ports::{How, Order, Want};

/// An image that was obtained.
pub struct Obtained {
    /// Its own id.
    pub id: ImageId,
    /// What made it.
    pub record: ImageRecord,
    /// Its bytes, where they were asked for.
    pub body: Body,
    /// Whether it was there before this request.
    pub hit: bool,
}

/// The image of `request`: the one that `GET /?prompt=…` with the same parameters gives.
pub async fn obtain(app: &App, caller: &Caller, request: ImageRequest, with_bytes: bool) -> Result<Obtained, Error> {
    let id = request.id();
    if let Found::Image(image) = in_library(&app.outside, &id).await {
        return Ok(Obtained { id, record: image.record, body: image.body, hit: true });
    }
    let order = Order {
        id,
        request: Some(request),
        want: if with_bytes { Want::MakeWithBytes } else { Want::Make },
        refusal: caller.refusal.clone(),
        visitor: caller.visitor.clone(),
        hops: caller.hops,
        deadline_ms: None,
    };
    let answer = app.outside.image_maker.ask(order).await?;
    let record = answer.record.ok_or(Error::ImageNotFound)?;
    Ok(Obtained { id: answer.id, record, body: answer.body, hit: answer.how == How::Kept })
}
