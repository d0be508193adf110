//! The transport to Durable Objects, with its faults.

use std::cell::RefCell;
use std::future::{Future, pending};
use std::rc::Rc;

use free_flux_api::http::Body;
use free_flux_api::ports::StoreError;
use free_flux_api::ports::object_call::ObjectReply;
use futures_util::future::{AbortHandle, abortable};

use super::pipe::pipe;
use super::runtime::Streamed;
use super::tasks::Tasks;
use super::time::Time;

/// The time that a message to an object takes, in milliseconds.
const ANSWER_MS: u64 = 20;

/// A fault between an object and its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ObjectFault {
    /// The call throws.
    Unreachable,
    /// There is no reply.
    Hangs,
    /// The reply breaks off.
    BreaksOff,
}

/// The running work of an object in memory: a crash ends all of it.
pub(super) type Life = Rc<RefCell<Vec<AbortHandle>>>;

/// Ends all running work of an object.
pub(super) fn end(life: &Life) {
    life.borrow().iter().for_each(AbortHandle::abort);
}

/// Runs some of an object's work, until the object crashes.
pub(super) async fn live<T>(life: &Life, work: impl Future<Output = T>) -> Result<T, StoreError> {
    let (work, handle) = abortable(work);
    life.borrow_mut().push(handle);
    work.await.map_err(|_| StoreError("the object was restarted".into()))
}

/// An object's reply as it leaves it: a live body is written from here on, until the object crashes.
pub(super) fn leaving(tasks: &Rc<Tasks>, life: &Life, reply: ObjectReply) -> ObjectReply {
    match reply.body {
        Body::Live(lines) => ObjectReply { body: pipe(tasks, life, lines), ..reply },
        body => ObjectReply { body, ..reply },
    }
}

/// Sends a message to an object, and returns its reply.
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
        body @ Body::Stream(_) if fault != Some(ObjectFault::BreaksOff) => body,
        body => Streamed::body(body.into_bytes().await.filter(|_| fault != Some(ObjectFault::BreaksOff))),
    };
    Ok(ObjectReply { head, body })
}
