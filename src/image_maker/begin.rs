//! Images that are begun for callers who do not wait for them.

use std::rc::Rc;

use super::generation::Presence;
use super::state::{FAILURE_MS, MakerState};
use super::{Maker, without_image};
use crate::domain::ImageId;
use crate::error::Error;
use crate::ports::maker::{MakerReply, MakerRequest};

impl Maker {
    /// Returns an image that is kept; otherwise starts making it, if this caller may, and does not wait.
    pub(super) async fn begin(self: &Rc<Self>, request: MakerRequest) -> Result<MakerReply, Error> {
        let _admission = self.admission.lock().await;
        let presence = match self.presence_now(&request).await {
            Presence::Kept(kept) => return self.outbox.read(kept).await,
            Presence::FellBack(fallback) => return self.stand_in(&fallback, request, None).await,
            Presence::Absent | Presence::Failed(_) => Presence::UnderWay(self.try_start(&request).await?),
            under_way @ Presence::UnderWay(_) => under_way,
        };
        self.promised.set(true);
        Ok(without_image(request.id, presence))
    }

    /// Keeps the failure of a generation for the callers who did not wait, unless there is an image.
    pub(super) async fn keep_promise(&self, id: &ImageId, failure: Option<&Error>) {
        let promised = self.promised.take();
        let Some(error) = failure.filter(|_| promised).cloned() else { return };
        if matches!(self.outbox.recall(id).await, None | Some(MakerState::Failed { .. })) {
            let until_ms = self.ports.clock.now_ms().saturating_add(FAILURE_MS);
            self.outbox.remember(id, &MakerState::Failed { error, until_ms }, None).await;
        }
    }
}
