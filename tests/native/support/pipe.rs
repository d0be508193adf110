//! The stream of a live body from an object to its caller.

use std::any::Any;
use std::rc::Rc;

use free_flux_api::http::{Body, BodyStream, HeldBytes, Live};
use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;

use super::tasks::Tasks;
use super::transport::Life;

/// Writes a body in the background, however slow its reader is, until its object dies or its reader is seen to have left.
pub(super) fn pipe(tasks: &Rc<Tasks>, life: &Life, mut lines: Box<dyn Live>) -> Body {
    let (sender, receiver) = unbounded();
    let handle = tasks.spawn(Box::pin(async move {
        while let Some(pieces) = lines.next().await {
            let bytes = Body::Live(Box::new(pieces)).into_bytes().await.expect("pieces that are there");
            if sender.unbounded_send(bytes).is_err() {
                return;
            }
        }
    }));
    life.borrow_mut().push(handle);
    Body::Stream(Box::new(Piped(receiver)))
}

struct Piped(UnboundedReceiver<Vec<u8>>);

impl BodyStream for Piped {
    fn into_bytes(self: Box<Self>) -> LocalBoxFuture<'static, Option<Vec<u8>>> {
        Box::pin(async move { Some(self.0.concat().await) })
    }

    fn read(&mut self) -> LocalBoxFuture<'_, Option<Vec<u8>>> {
        Box::pin(self.0.next())
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn hold(self: Box<Self>) -> LocalBoxFuture<'static, Option<Rc<dyn HeldBytes>>> {
        unreachable!("lines from an object are no picture")
    }
}
