//! Server-sent events.

use std::rc::Rc;

use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream;
use serde_json::{Value, json};

use super::error_reply::envelope;
use crate::error::Error;
use crate::http::{Body, Live, Response, Segment};
use crate::ports::Clock;
use crate::ports::timeout::within;

/// The time after which a stream without news gets a comment, in milliseconds: proxies close a silent connection.
const KEEP_ALIVE_MS: u64 = 10_000;
/// The comment, which clients pass over.
const KEEP_ALIVE: &str = ": keep-alive\n\n";

/// A response that is a stream of events.
pub fn reply(pieces: Live) -> Response {
    Response::new(200)
        .with("Content-Type", "text/event-stream; charset=utf-8")
        .with("Cache-Control", "no-store")
        .body(Body::Live(pieces))
}

/// An event of the type that its data names.
pub fn event(data: &Value) -> String {
    format!("event: {}\ndata: {data}\n\n", data.get("type").and_then(Value::as_str).unwrap_or("message"))
}

/// An event with one more field, which holds bytes in base64.
pub fn event_with_base64(data: &Value, field: &str, bytes: Body) -> [Segment; 3] {
    let text = event(data);
    let (start, end) = text.rsplit_once('}').unwrap_or((&text, ""));
    [format!("{start},\"{field}\":\"").into(), Segment::Base64(bytes), format!("\"}}{end}").into()]
}

/// The event of an error, from which OpenAI's SDKs raise theirs.
pub fn error_event(error: &Error) -> Segment {
    let mut data = envelope(error);
    if let Value::Object(fields) = &mut data {
        fields.insert("type".into(), json!("error"));
    }
    event(&data).into()
}

/// The pieces that `work` brings, with comments until then.
pub fn when_done(clock: Rc<dyn Clock>, work: LocalBoxFuture<'static, Vec<Segment>>) -> Live {
    let comments = stream::unfold(Some(work), move |work| {
        let clock = Rc::clone(&clock);
        async move {
            let mut work = work?;
            match within(&*clock, KEEP_ALIVE_MS, &mut work).await {
                Some(pieces) => Some((pieces, None)),
                None => Some((vec![Segment::Text(KEEP_ALIVE.into())], Some(work))),
            }
        }
    });
    comments.flat_map(stream::iter).boxed_local()
}
