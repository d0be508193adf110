//! The makers' client: there is one object for each image, found by its id.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use super::head::Head;
use crate::error::Error;
use crate::ports::maker::{MakerReply, MakerRequest};
use crate::ports::object_call::{CallError, ObjectCall, ObjectNamespace, from_json, to_json};
use crate::ports::progress::{Event, Listener};
use crate::ports::{Clock, ImageMaker, Log};

/// A client of all makers.
pub struct MakerClient {
    objects: Option<Rc<dyn ObjectNamespace>>,
    clock: Rc<dyn Clock>,
    log: Rc<dyn Log>,
    /// `GENERATION_TIMEOUT` in milliseconds.
    generation_timeout_ms: u64,
}

impl MakerClient {
    /// A client of this namespace; `None` if the binding is missing.
    pub fn new(
        objects: Option<Rc<dyn ObjectNamespace>>,
        clock: Rc<dyn Clock>,
        log: Rc<dyn Log>,
        generation_timeout_ms: u64,
    ) -> Self {
        Self { objects, clock, log, generation_timeout_ms }
    }

    async fn send(&self, request: MakerRequest, listener: Listener<'_>) -> Result<MakerReply, Error> {
        let objects = self.objects.as_ref().ok_or_else(|| {
            Error::misconfigured(
                "The binding IMAGE_MAKER is missing: see [[durable_objects.bindings]] in wrangler.toml.",
            )
        })?;
        let timeout_ms = request.timeout_ms(self.generation_timeout_ms);
        let is_event = |line: &str| listener.zip(Event::from_json(line)).map(|(tell, event)| tell(event)).is_some();
        let call = ObjectCall { name: request.id.as_str(), message: &to_json(&request), timeout_ms, hear: &is_event };
        let reply = call.send(&*self.clock, &**objects).await.map_err(|error| {
            self.log.warn(&format!("image {}: its maker cannot be reached: {error}", request.id));
            match error {
                CallError::TimedOut => Error::upstream_timeout(),
                CallError::Broken(_) => Error::upstream("The image maker could not be reached. Try again."),
            }
        })?;
        let head: Option<Result<Head, Error>> = from_json(&reply.head);
        let head = head.ok_or_else(|| Error::upstream("The image maker's answer could not be read. Try again."))?;
        Ok(head?.with(reply.body))
    }
}

impl ImageMaker for MakerClient {
    fn ask<'a>(
        &'a self,
        request: MakerRequest,
        listener: Listener<'a>,
    ) -> LocalBoxFuture<'a, Result<MakerReply, Error>> {
        Box::pin(self.send(MakerRequest { watched: listener.is_some(), ..request }, listener))
    }
}
