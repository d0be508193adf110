//! A tool's result as a stream of events, with `notifications/progress` before it.

use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use super::envelope::Call;
use crate::api::events;
use crate::api::images::{MakerLookup, at_maker};
use crate::domain::ImageId;
use crate::http::{Body, Live, Request, Response, Segment};
use crate::ports::Ports;
use crate::ports::maker::MakerCommand;
use crate::ports::timeout::within;

/// The time between two notifications, in milliseconds.
const INTERVAL_MS: u64 = 5_000;

/// True if a call asks for its progress, and its client reads streams of events.
pub(super) fn is_wanted(call: &Call, request: &Request) -> bool {
    token(call).is_some() && request.header("Accept").is_some_and(|accept| accept.contains("text/event-stream"))
}

fn token(call: &Call) -> Option<&Value> {
    call.meta("progressToken").filter(|token| token.is_string() || token.is_number())
}

/// The answer to `call`: notifications about the image `id` until `work` has the result, and then that.
pub(super) fn stream(ports: Ports, id: ImageId, call: Call, work: LocalBoxFuture<'static, String>) -> Response {
    events::reply(Body::Live(Box::new(Progress { ports, id, call, work: Some(work), told: 0 })))
}

struct Progress {
    ports: Ports,
    id: ImageId,
    call: Call,
    work: Option<LocalBoxFuture<'static, String>>,
    /// How many notifications were sent.
    told: u32,
}

impl Live for Progress {
    fn next(&mut self) -> LocalBoxFuture<'_, Option<Vec<Segment>>> {
        Box::pin(async {
            let work = self.work.as_mut()?;
            // The first notification says that the call came; the work begins with it.
            let wait_ms = if self.told == 0 { 1 } else { INTERVAL_MS };
            if let Some(fields) = within(&*self.ports.clock, wait_ms, work).await {
                self.work = None;
                return Some(vec![event(&self.call.message(&fields))]);
            }
            let step = if self.told == 0 { "waiting" } else { self.step().await };
            self.told += 1;
            let token = token(&self.call).unwrap_or(&Value::Null);
            let progress = self.told;
            Some(vec![event(&format!(
                r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":{token},"progress":{progress},"message":"{step}"}}}}"#
            ))])
        })
    }
}

impl Progress {
    /// The step at which the image is.
    async fn step(&self) -> &'static str {
        match at_maker(&self.ports, &self.id, MakerCommand::Peek).await {
            Ok(MakerLookup::UnderWay(step)) => step.name(),
            _ => "waiting",
        }
    }
}

fn event(message: &str) -> Segment {
    format!("event: message\ndata: {message}\n\n").into()
}
