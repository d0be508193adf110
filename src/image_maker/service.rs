//! The messages between the Worker and a maker's object: one JSON object for the request, one for the reply.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::{Maker, watched};
use crate::domain::{ImageId, ImageRecord};
use crate::error::Error;
use crate::http::Body;
use crate::ports::StoreError;
use crate::ports::maker::{MakerReply, MakerRequest, Origin};
use crate::ports::object_call::{ObjectReply, from_json, to_json};

/// A [`MakerReply`] without its body.
#[derive(Serialize, Deserialize)]
pub(super) struct Head {
    origin: Origin,
    id: ImageId,
    record: Option<ImageRecord>,
    timing: String,
}

impl Head {
    /// Combines this head with `body`.
    pub(super) fn with(self, body: Body) -> MakerReply {
        let Self { origin, id, record, timing } = self;
        MakerReply { origin, id, record, body, timing }
    }
}

/// Handles `message`, the JSON of a `MakerRequest`.
pub async fn handle(maker: &Rc<Maker>, message: &str) -> Result<ObjectReply, StoreError> {
    let request: MakerRequest = from_json(message).ok_or_else(|| StoreError("no request to a maker".into()))?;
    if request.watched {
        Ok(watched::reply(maker, request).await)
    } else {
        Ok(reply(maker.handle(request, None).await))
    }
}

/// A maker's reply as it is sent.
pub(super) fn reply(reply: Result<MakerReply, Error>) -> ObjectReply {
    match reply {
        Ok(MakerReply { origin, id, record, body, timing }) => {
            let head: Result<Head, Error> = Ok(Head { origin, id, record, timing });
            ObjectReply { head: to_json(&head), body }
        }
        Err(error) => ObjectReply::of(to_json(&Err::<Head, Error>(error))),
    }
}
