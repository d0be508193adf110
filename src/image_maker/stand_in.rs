//! An image that stands in for another one: made by its own maker, and served under both ids for a while.

use std::rc::Rc;

use super::Maker;
use super::generation::{Ended, Fate, StandIn};
use super::state::{KEEP_MS, MakerState};
use crate::domain::ImageRequest;
use crate::error::Error;
use crate::http::Body;
use crate::pipeline::image_store;
use crate::pipeline::progress::Progress;
use crate::ports::StoredImage;
use crate::ports::maker::{MakerCommand, MakerReply, MakerRequest, Origin};
use crate::ports::progress::Listener;

impl Maker {
    /// Has the stand-in made, and remembers it, to be served under the id of `image` for a while.
    pub(super) async fn fall_back(
        &self,
        image: &ImageRequest,
        fallback: ImageRequest,
        request: MakerRequest,
        (fate, progress): (&Fate, &Progress),
    ) -> Result<Ended, Error> {
        let was_removed = fate.is_removed.get();
        let command = if was_removed { MakerCommand::CreateWithBytes } else { request.command };
        fate.stand_in.replace(Some(fallback.id()).filter(|_| !was_removed));
        let forward = |event| progress.add(event);
        let reply = self.stand_in(&fallback, MakerRequest { command, ..request }, Some(&forward)).await?;
        fate.stand_in.take();
        if fate.is_removed.get() || reply.origin == Origin::Removed {
            return self.last_copy(fallback.id(), reply, fate).await;
        }
        let until_ms = self.ports.clock.now_ms().saturating_add(KEEP_MS);
        let state = MakerState::FellBack { request: Box::new(fallback.clone()), until_ms };
        self.outbox.remember(&image.id(), &state, None).await;
        let reply = MakerReply { body: Body::Empty, ..reply };
        Ok(Ended::FellBack(Rc::new(StandIn { request: fallback, reply })))
    }

    /// The reply of a generation that ended with a stand-in.
    pub(super) async fn stand_in_reply(&self, instead: &StandIn, request: MakerRequest) -> Result<MakerReply, Error> {
        let StandIn { request: fallback, reply } = instead;
        let (origin, timing) = (reply.origin.clone(), reply.timing.clone());
        if origin == Origin::Made && request.command == MakerCommand::Create {
            let record = reply.record.clone();
            return Ok(MakerReply { origin, record, timing, ..MakerReply::absent(reply.id.clone()) });
        }
        let command = MakerCommand::CreateWithBytes;
        let request = MakerRequest { command, refusal: None, visitor: None, per_day: None, admitted: None, ..request };
        let reply = if origin == Origin::Made {
            // The store may not have it yet, or may still have an older version.
            self.ask_stand_in(fallback, request, None).await?
        } else {
            self.stand_in(fallback, request, None).await?
        };
        Ok(MakerReply { origin, timing, ..reply })
    }

    /// The stand-in's image: from the store, otherwise from its own maker.
    pub(super) async fn stand_in(
        &self,
        fallback: &ImageRequest,
        request: MakerRequest,
        listener: Listener<'_>,
    ) -> Result<MakerReply, Error> {
        let id = fallback.id();
        if request.command != MakerCommand::Refresh
            && let Ok(Some(StoredImage { record, body })) = image_store::read(&self.ports, &id).await
        {
            self.give_back_unused(&request);
            return Ok(MakerReply { origin: Origin::Kept, record: Some(record), body, ..MakerReply::absent(id) });
        }
        self.ask_stand_in(fallback, request, listener).await
    }

    async fn ask_stand_in(
        &self,
        fallback: &ImageRequest,
        request: MakerRequest,
        listener: Listener<'_>,
    ) -> Result<MakerReply, Error> {
        let (id, image) = (fallback.id(), Some(fallback.clone()));
        let request = MakerRequest { id, request: image, may_stand_in: false, ..request };
        self.ports.image_maker.ask(request, listener).await
    }
}
