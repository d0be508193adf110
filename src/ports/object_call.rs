//! A call to a Durable Object: the transport, how long an answer is waited for, and the one retry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::LocalBoxFuture;

use super::timeout::within;
use super::{Clock, StoreError};
use crate::http::{Body, Lines, Live, Segment};

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
    /// JSON, ahead of the body. Empty if the body has it: lines of JSON, of which the last but what is in base64 is the
    /// reply, and those before it are news.
    pub head: String,
    /// Bytes that belong to it.
    pub body: Body,
}

impl ObjectReply {
    /// A reply without bytes.
    pub fn of(head: String) -> Self {
        Self { head, body: Body::Empty }
    }

    /// A reply that follows later: the lines as they come.
    pub fn live(lines: Box<dyn Live>) -> Self {
        Self { head: String::new(), body: Body::Live(lines) }
    }
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

/// A call to an object.
pub struct ObjectCall<'a> {
    /// The object's name.
    pub name: &'a str,
    /// The message, which is JSON.
    pub message: &'a str,
    /// How long the reply is waited for, in milliseconds, whatever is told meanwhile.
    pub timeout_ms: u64,
    /// Hears what is told before the reply: true if a line was news, false if it is the reply.
    pub hear: &'a dyn Fn(&str) -> bool,
}

impl ObjectCall<'_> {
    /// Sends the message, and once more where the call broke, for an object that was just moved or restarted breaks the
    /// calls that it had. Each call gets the whole time.
    ///
    /// # Errors
    /// [`CallError::TimedOut`] at once, without another try; [`CallError::Broken`] after the second.
    pub async fn send(&self, clock: &dyn Clock, objects: &dyn ObjectNamespace) -> Result<ObjectReply, CallError> {
        let mut is_second = false;
        loop {
            match within(clock, self.timeout_ms, self.send_once(objects)).await.ok_or(CallError::TimedOut)? {
                Err(error) if is_second => return Err(CallError::Broken(error)),
                Err(_) => is_second = true,
                Ok(reply) => return Ok(reply),
            }
        }
    }

    async fn send_once(&self, objects: &dyn ObjectNamespace) -> Result<ObjectReply, StoreError> {
        let reply = objects.send(self.name, self.message).await?;
        if !reply.head.is_empty() {
            return Ok(reply);
        }
        let mut lines = Lines::of(reply.body);
        loop {
            let head = lines.next().await.ok_or_else(|| StoreError("its answer broke off".into()))?;
            if !(self.hear)(&head) {
                let bytes = lines.next().await.and_then(|line| STANDARD.decode(line).ok());
                return Ok(ObjectReply { head, body: bytes.map_or(Body::Empty, Body::Bytes) });
            }
        }
    }
}

/// A line of a reply that follows later.
pub fn line(json: &str) -> Segment {
    format!("{json}\n").into()
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
