//! A tool's result as a stream of events, with `notifications/progress` before it.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use super::envelope::{Call, quoted};
use crate::api::events;
use crate::http::{Body, Live, Request, Response, Segment};
use crate::ports::Clock;
use crate::ports::progress::{Event, News, Step, Telling};
use crate::ports::timeout::within;

/// The longest time between two notifications, in milliseconds: clients wait for so many seconds since the last.
const INTERVAL_MS: u64 = 5_000;
/// What is said before the first step.
const STARTING: &str = "starting";

/// True if a call asks for its progress, and its client reads streams of events.
pub(super) fn is_wanted(call: &Call, request: &Request) -> bool {
    token(call).is_some() && events::are_accepted(request)
}

fn token(call: &Call) -> Option<&Value> {
    call.meta("progressToken").filter(|token| token.is_string() || token.is_number())
}

/// The answer to `call`: a notification of each step until `work` has the result, and then that.
pub(super) fn stream(clock: Rc<dyn Clock>, call: Call, work: Telling<String>) -> Response {
    events::reply(Body::Live(Box::new(Progress { clock, call, work, told: 0, last: STARTING.to_owned() })))
}

struct Progress {
    clock: Rc<dyn Clock>,
    call: Call,
    work: Telling<String>,
    /// How many notifications were sent.
    told: u32,
    /// What was said last.
    last: String,
}

impl Live for Progress {
    fn next(&mut self) -> LocalBoxFuture<'_, Option<Vec<Segment>>> {
        Box::pin(async {
            let news = match within(&*self.clock, INTERVAL_MS, self.work.next()).await {
                Some(news) => news?,
                // The same again, so that the client goes on waiting.
                None => return Some(vec![self.notification()]),
            };
            Some(match news {
                News::Ended(fields) => vec![event(&self.call.message(&fields))],
                News::Told(events) => events.into_iter().filter_map(|event| self.told(event)).collect(),
            })
        })
    }
}

impl Progress {
    fn told(&mut self, event: Event) -> Option<Segment> {
        let Event::Step(step) = event else { return None };
        self.last = words(&step, self.clock.now_ms());
        Some(self.notification())
    }

    fn notification(&mut self) -> Segment {
        self.told += 1;
        let token = token(&self.call).unwrap_or(&Value::Null);
        let (progress, message) = (self.told, quoted(&self.last));
        event(&format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":{token},"progress":{progress},"message":{message}}}}}"#
        ))
    }
}

/// A step in words: its name first.
fn words(step: &Step, now_ms: u64) -> String {
    let more = match step {
        Step::Waiting(place) => {
            let seconds = place.ready_at_ms.map(|at_ms| at_ms.saturating_sub(now_ms).div_ceil(1_000));
            let ready = seconds.map(|seconds| format!(", about {seconds} s")).unwrap_or_default();
            format!(": position {}{ready}", place.position)
        }
        Step::Drawing { model, provider } => {
            let provider = provider.as_deref().map(|name| format!(" at {name}")).unwrap_or_default();
            format!(": {model}{provider}")
        }
        Step::Rewriting | Step::Fetching | Step::Storing => String::new(),
    };
    format!("{}{more}", step.name())
}

fn event(message: &str) -> Segment {
    events::event("message", message).into()
}
