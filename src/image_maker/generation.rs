//! A generation under way, and its result.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::{LocalBoxFuture, Shared};

use super::state::Kept;
use crate::domain::{ImageId, ImageRequest};
use crate::error::Error;
use crate::http::Body;
use crate::pipeline::make_image::Made;
use crate::pipeline::progress::Progress;
use crate::ports::maker::{MakerCommand, MakerReply, MakerRequest, Origin};

/// The work of a generation, which any number of callers may await.
pub(super) type Work = Shared<LocalBoxFuture<'static, Result<Ended, Failure>>>;

/// A generation under way.
#[derive(Clone)]
pub(super) struct Generation {
    /// The work.
    pub(super) work: Work,
    /// Its image's fate.
    pub(super) fate: Rc<Fate>,
    /// How far it has come.
    pub(super) progress: Rc<Progress>,
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
    /// True if its first caller may have come back through other deployments, and waited for nothing
    /// ([`crate::domain::Hops`]).
    pub(super) impatient: bool,
    /// True if its first caller named a model, and is given no other.
    pub(super) strict: bool,
}

impl Failure {
    /// True if a generation for `request` may succeed where this one failed because of its first caller.
    pub(super) fn is_not_for(&self, request: &MakerRequest) -> bool {
        let waits = self.impatient && !request.hops.is_impatient();
        let takes_another = self.strict && request.may_stand_in;
        self.error.status() >= 500 && (waits || takes_another)
    }
}

/// The result of a generation.
#[derive(Clone)]
pub(super) enum Ended {
    /// The image.
    Image(Rc<Made>),
    /// Another image instead, because the prompt could not be rewritten, or the model could not be had.
    FellBack(Rc<StandIn>),
}

/// An image that was made instead of the requested one.
pub(super) struct StandIn {
    pub(super) request: ImageRequest,
    /// The reply of its maker or the store, without the bytes.
    pub(super) reply: MakerReply,
}

/// The state of an image at its maker.
pub(super) enum Presence {
    /// It is being made.
    UnderWay(Generation),
    /// It was made a while ago.
    Kept(Kept),
    /// Another image stands in for it.
    FellBack(Box<ImageRequest>),
    /// It failed a moment ago.
    Failed(Error),
    /// The maker knows nothing of it.
    Absent,
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
