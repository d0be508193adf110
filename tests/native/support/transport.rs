//! The way to a Durable Object and back: what the platform carries, and what goes wrong on it.

use std::cell::RefCell;
use std::future::{Future, pending};
use std::rc::Rc;

use free_flux_api::http::Body;
use free_flux_api::ports::StoreError;
use free_flux_api::ports::object_call::ObjectReply;
use futures_util::future::{AbortHandle, abortable};

use super::small::Streamed;
use super::time::Time;

/// How long a message takes to an object.
const ANSWER_MS: u64 = 20;

/// What goes wrong between an object and who asks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ObjectFault {
    /// The call throws.
    Unreachable,
    /// No answer comes.
    Hangs,
    /// The answer comes, and breaks off.
    BreaksOff,
}

/// What an object has under way while it lives: a crash ends all of it.
pub(super) type Life = Rc<RefCell<Vec<AbortHandle>>>;

/// Ends everything that an object has under way.
pub(super) fn end(life: &Life) {
    life.borrow().iter().for_each(AbortHandle::abort);
}

/// Does some of an object's work, until the object dies.
pub(super) async fn live<T>(life: &Life, work: impl Future<Output = T>) -> Result<T, StoreError> {
    let (work, handle) = abortable(work);
    life.borrow_mut().push(handle);
    work.await.map_err(|_| StoreError("the object was restarted".into()))
}

/// Carries a message to an object, and brings its reply.
pub(super) async fn carry(
    time: &Rc<Time>,
    fault: Option<ObjectFault>,
    answer: impl Future<Output = Result<ObjectReply, StoreError>>,
) -> Result<ObjectReply, StoreError> {
    time.sleep(ANSWER_MS).await;
    match fault {
        Some(ObjectFault::Unreachable) => return Err(StoreError("the object broke".into())),
        Some(ObjectFault::Hangs) => pending::<()>().await,
        Some(ObjectFault::BreaksOff) | None => {}
    }
    let ObjectReply { head, body } = answer.await?;
    let body = match body {
        Body::Empty => Body::Empty,
        body => Streamed::body(body.into_bytes().await.filter(|_| fault != Some(ObjectFault::BreaksOff))),
    };
    Ok(ObjectReply { head, body })
}
