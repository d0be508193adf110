//! A call to a Durable Object: the transport, how long an answer is waited for, and the one retry.

use futures_util::future::LocalBoxFuture;

use super::timeout::within;
use super::{Clock, StoreError};
use crate::http::Body;

/// How much longer than the object itself may take its answer is waited for, in milliseconds: an object keeps its own
/// deadlines, and only a broken one is given up.
pub const GRACE_MS: u64 = 5_000;

/// The Durable Objects of one class: carries a message to one of them, and its reply back.
pub trait ObjectNamespace {
    /// Sends `message`, which is JSON, to the object `name`.
    ///
    /// # Errors
    /// The call broke: the object threw, or was moved or restarted meanwhile.
    fn send<'a>(&'a self, name: &'a str, message: &'a str) -> LocalBoxFuture<'a, Result<ObjectReply, StoreError>>;
}

/// What an object answers.
pub struct ObjectReply {
    /// JSON, ahead of the body.
    pub head: String,
    /// Bytes that belong to it.
    pub body: Body,
}

/// Why a call brought no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It is not known whether the object goes on.
    #[error("no answer in time")]
    TimedOut,
    /// It broke, twice.
    #[error("{0}")]
    Broken(StoreError),
}

impl From<CallError> for StoreError {
    fn from(error: CallError) -> Self {
        Self(error.to_string())
    }
}

/// Sends `message` to the object `name`, and once more where the call broke, for an object that was just moved or
/// restarted breaks the calls that it had. Each call gets `timeout_ms`.
///
/// # Errors
/// [`CallError::TimedOut`] at once, without another try; [`CallError::Broken`] after the second.
pub async fn call(
    clock: &dyn Clock,
    objects: &dyn ObjectNamespace,
    name: &str,
    message: &str,
    timeout_ms: u64,
) -> Result<ObjectReply, CallError> {
    let first = within(clock, timeout_ms, objects.send(name, message)).await.ok_or(CallError::TimedOut)?;
    if let Ok(reply) = first {
        return Ok(reply);
    }
    let second = within(clock, timeout_ms, objects.send(name, message)).await.ok_or(CallError::TimedOut)?;
    second.map_err(CallError::Broken)
}

/// Reads JSON of our own; `None` where it is not the form of a `T`. By way of a `Value`: the readers that serde derives
/// for text are a fifth larger.
pub fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::from_str(text).ok()?).ok()
}

/// Writes JSON of our own.
pub fn to_json<T: serde::Serialize>(value: &T) -> String {
    // What is written here has texts as keys, and no other reason to fail.
    serde_json::to_string(value).unwrap_or_default()
}
