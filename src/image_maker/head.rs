//! A maker's reply as it is sent: one JSON object, ahead of the image's bytes.

use serde::{Deserialize, Serialize};

use crate::domain::{ImageId, ImageRecord};
use crate::error::Error;
use crate::http::Body;
use crate::ports::maker::{MakerReply, Origin};
use crate::ports::object_call::{ObjectReply, to_json};

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
