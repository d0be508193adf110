//! Server-sent events.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};

use super::error_reply::envelope;
use crate::error::Error;
use crate::http::{Body, Live, Request, Response, Segment};
use crate::ports::Clock;
use crate::ports::timeout::within;

/// The time after which a stream without news gets a comment, in milliseconds: proxies close a silent connection.
pub(super) const KEEP_ALIVE_MS: u64 = 10_000;
/// The comment, which clients pass over.
pub(super) const KEEP_ALIVE: &str = ": keep-alive\n\n";

/// True if the caller takes a stream of events.
pub fn are_accepted(request: &Request) -> bool {
    request.header("Accept").is_some_and(|accept| accept.to_ascii_lowercase().contains("text/event-stream"))
}

/// A response that is a stream of events.
pub fn reply(body: Body) -> Response {
    Response::new(200)
        .with("Content-Type", "text/event-stream; charset=utf-8")
        .with("Cache-Control", "no-store")
        .body(body)
}

/// The event of an error, from which OpenAI's SDKs raise theirs.
pub fn error_event(error: &Error) -> Segment {
    let mut data = envelope(error);
    if let Value::Object(fields) = &mut data {
        fields.insert("type".into(), json!("error"));
    }
    event("error", &data.to_string()).into()
}

/// An event with this name, whose data is one line.
pub fn event(name: &str, data: &str) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

/// The pieces that `work` brings, with comments until then.
pub fn when_done(clock: Rc<dyn Clock>, work: LocalBoxFuture<'static, Vec<Segment>>) -> Body {
    Body::Live(Box::new(Awaited { clock, work: Some(work) }))
}

struct Awaited {
    clock: Rc<dyn Clock>,
    work: Option<LocalBoxFuture<'static, Vec<Segment>>>,
}

impl Live for Awaited {
    fn next(&mut self) -> LocalBoxFuture<'_, Option<Vec<Segment>>> {
        Box::pin(async {
            let work = self.work.as_mut()?;
            let Some(pieces) = within(&*self.clock, KEEP_ALIVE_MS, work).await else {
                return Some(vec![Segment::Text(KEEP_ALIVE.into())]);
            };
            self.work = None;
            Some(pieces)
        })
    }
}
