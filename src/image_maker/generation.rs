//! A running generation, and how it ends.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::{LocalBoxFuture, Shared};

use crate::domain::{ImageId, ImageRequest};
use crate::error::Error;
use crate::http::Body;
use crate::pipeline::make_image::Made;
use crate::ports::maker::{MakerCommand, MakerReply, Origin};

/// The work of a generation, which any number of callers may await.
pub(super) type Work = Shared<LocalBoxFuture<'static, Result<Ended, Failure>>>;

/// A generation under way.
#[derive(Clone)]
pub(super) struct Generation {
    /// The work.
    pub(super) work: Work,
    /// Its image's fate.
    pub(super) fate: Rc<Fate>,
}

/// The fate of an image that is being made, or on its way to the store.
#[derive(Default)]
pub(super) struct Fate {
    /// True if the image was removed meanwhile: it goes to those who wait for it, and is not kept.
    pub(super) is_removed: Cell<bool>,
    /// The image that is made instead, while another maker makes it.
    pub(super) stand_in: RefCell<Option<ImageId>>,
}

/// The failure of a generation.
#[derive(Clone)]
pub(super) struct Failure {
    pub(super) error: Error,
    /// True if the generation may have failed only because its first caller had to avoid waiting (see
    /// [`crate::domain::Hops`]): a generation for another caller would have waited.
    pub(super) impatient: bool,
}

/// The result of a generation.
#[derive(Clone)]
pub(super) enum Ended {
    /// The image.
    Image(Rc<Made>),
    /// Another image instead, because the prompt could not be rewritten.
    FellBack(Rc<StandIn>),
}

/// An image that was made instead of the requested one.
pub(super) struct StandIn {
    pub(super) request: ImageRequest,
    /// The reply of its maker or the store, without the bytes.
    pub(super) reply: MakerReply,
}

/// The reply of a generation that made the image. One that was removed meanwhile has no URL: its bytes are included.
pub(super) fn made_reply(made: &Made, command: MakerCommand, is_removed: bool) -> MakerReply {
    let with_bytes = is_removed || command != MakerCommand::Create;
    MakerReply {
        origin: if is_removed { Origin::Removed } else { Origin::Made },
        id: made.id.clone(),
        record: Some(made.record.clone()),
        body: if with_bytes { Body::Bytes(made.bytes.clone()) } else { Body::Empty },
        timing: made.timing.clone(),
    }
}
