//! The messages between the Worker and a maker's object: one JSON object for the request, one for the reply, and for those
//! who watch one for each event before it.

use std::rc::Rc;

use super::head::reply;
use super::{Maker, watched};
use crate::ports::StoreError;
use crate::ports::maker::MakerRequest;
use crate::ports::object_call::{ObjectReply, from_json};

/// Handles `message`, the JSON of a `MakerRequest`.
pub async fn handle(maker: &Rc<Maker>, message: &str) -> Result<ObjectReply, StoreError> {
    let request: MakerRequest = from_json(message).ok_or_else(|| StoreError("no request to a maker".into()))?;
    if request.watched {
        Ok(watched::reply(maker, request).await)
    } else {
        Ok(reply(maker.handle(request, None).await))
    }
}
