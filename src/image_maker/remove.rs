//! Removing an image: one that is kept, and one that is being made.

use std::rc::Rc;

use super::Maker;
use super::generation::{Ended, Fate};
use super::state::MakerState;
use crate::domain::ImageId;
use crate::error::Error;
use crate::pipeline::image_store::{self, STORE_RETRY_SECONDS};
use crate::pipeline::make_image::Made;
use crate::ports::maker::{MakerCommand, MakerReply, MakerRequest};

impl Maker {
    /// Removes the image, and the one that stands in for it. An image that is being made goes to those who wait for it,
    /// and is not kept.
    pub(super) async fn delete(&self, id: ImageId) -> Result<MakerReply, Error> {
        let _admission = self.admission.lock().await;
        self.under_way.borrow_mut().take();
        let fate = self.fate.borrow().clone();
        fate.is_removed.set(true);
        let mut stand_in = fate.stand_in.borrow_mut().take();
        if let Some(MakerState::FellBack { request, .. }) = self.outbox.recall(&id).await {
            stand_in = Some(request.id());
        }
        self.outbox.clear(&id).await?;
        if let Some(stand_in) = stand_in {
            self.remove(stand_in).await?;
        }
        Ok(MakerReply::absent(id))
    }

    /// Removes another image, from its maker and from the store.
    async fn remove(&self, id: ImageId) -> Result<(), Error> {
        self.ports.image_maker.ask(MakerRequest::about(id.clone(), MakerCommand::Delete), None).await?;
        image_store::remove(&self.ports, &id).await.map_err(|error| {
            self.ports.log.warn(&format!("image {id}: it could not be removed: {error}"));
            Error::store_unavailable(STORE_RETRY_SECONDS)
        })
    }

    /// The bytes of a stand-in that is not kept, because one of the two was removed while it was being made.
    pub(super) async fn last_copy(&self, id: ImageId, reply: MakerReply, fate: &Fate) -> Result<Ended, Error> {
        fate.is_removed.set(true);
        self.remove(id).await?;
        let bytes = reply.body.into_bytes().await.filter(|bytes| !bytes.is_empty());
        let (record, bytes) = reply.record.zip(bytes).ok_or_else(Error::image_not_found)?;
        Ok(Ended::Image(Rc::new(Made { id: reply.id, record, bytes, timing: reply.timing })))
    }
}
