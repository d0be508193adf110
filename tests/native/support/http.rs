//! The upstreams behind the HTTP port: scripted, checked, timed.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use free_flux_api::http::{Headers, IncomingResponse, OutgoingRequest, SendError};
use free_flux_api::ports::HttpClient;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use super::time::Time;
use super::upstreams::{Upstream, says};

/// The default response time of an upstream, in milliseconds.
const TAKES_MS: u64 = 1_000;

/// A call that was made.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Its number, counted over all upstreams from 1.
    pub(crate) number: u64,
    pub(crate) upstream: Upstream,
    pub(crate) at_ms: u64,
    pub(crate) request: OutgoingRequest,
    /// Its JSON body; null if it has none.
    pub(crate) body: Value,
    /// The bearer token in it.
    pub(crate) key: String,
}

/// The behaviour of an upstream for a call.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// The normal response.
    Good,
    /// The chat model responds with this text.
    Says(&'static str),
    /// The normal response, with a wrong content type.
    Mislabelled,
    /// This status, content type and body.
    Status(u16, &'static str, Vec<u8>),
    /// The same, with one header more.
    With(u16, (&'static str, &'static str), Vec<u8>),
    /// The connection is refused.
    Refused,
    /// It is reset before the response headers.
    ResetBeforeHeaders,
    /// It is reset in the response body.
    ResetInBody,
    /// There is no response.
    Hangs,
    /// The response arrives very slowly.
    Trickles,
    /// The response body is endless.
    Oversized,
}

impl Answer {
    /// A JSON response.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::Status(status, "application/json", body.into())
    }
}

type Script = Box<dyn FnMut(&Call) -> Answer>;

/// The scripted behaviour of one upstream.
#[derive(Default)]
struct Desk {
    next: VecDeque<Answer>,
    then: Option<Script>,
}

/// All upstreams. A call to one without a script fails the test.
pub(crate) struct FakeHttp {
    time: Rc<Time>,
    timeout_ms: u64,
    keys: Vec<String>,
    takes_ms: Cell<u64>,
    desks: RefCell<BTreeMap<Upstream, Desk>>,
    calls: RefCell<Vec<Call>>,
}

impl FakeHttp {
    /// `keys` are the tokens that calls may contain, `timeout_ms` the longest allowed time limit of a call.
    pub(super) fn new(time: Rc<Time>, keys: Vec<String>, timeout_ms: u64) -> Self {
        let (desks, calls) = (RefCell::default(), RefCell::default());
        Self { time, timeout_ms, keys, takes_ms: Cell::new(TAKES_MS), desks, calls }
    }

    /// The next call to `upstream` must be made, and gets this response.
    pub(crate) fn next(&self, upstream: Upstream, answer: Answer) {
        self.desks.borrow_mut().entry(upstream).or_default().next.push_back(answer);
    }

    /// Further calls to `upstream`, if any, get this response.
    pub(crate) fn then(&self, upstream: Upstream, answer: Answer) {
        self.by(upstream, move |_| answer.clone());
    }

    /// Further calls to `upstream` get the responses of `script`.
    pub(crate) fn by(&self, upstream: Upstream, script: impl FnMut(&Call) -> Answer + 'static) {
        self.desks.borrow_mut().entry(upstream).or_default().then = Some(Box::new(script));
    }

    /// The response time from now on, in milliseconds.
    pub(crate) fn takes(&self, ms: u64) {
        self.takes_ms.set(ms);
    }

    /// The calls to `upstream` so far.
    pub(crate) fn calls(&self, upstream: Upstream) -> Vec<Call> {
        self.calls.borrow().iter().filter(|call| call.upstream == upstream).cloned().collect()
    }

    /// The number of calls to any upstream.
    pub(crate) fn count(&self) -> usize {
        self.calls.borrow().len()
    }

    /// Fails the test if an expected call was not made.
    pub(super) fn finish(&self) {
        for (upstream, desk) in self.desks.borrow().iter() {
            assert!(desk.next.is_empty(), "{upstream:?} was not called: {:?} is left", desk.next);
        }
    }

    fn note(&self, request: &OutgoingRequest) -> Call {
        let upstream = Upstream::of(&request.url);
        let body = request.body.as_deref().map(|body| serde_json::from_str(body).expect("JSON")).unwrap_or_default();
        upstream.check(request, &body);
        let key = request.headers.get("Authorization").map_or("", |value| value.trim_start_matches("Bearer "));
        assert!(key.is_empty() || self.keys.iter().any(|known| known == key), "an unknown key");
        assert!((1..=self.timeout_ms).contains(&request.timeout_ms), "{} ms for {upstream:?}", request.timeout_ms);
        assert!(request.max_body_bytes > 0);
        let number = u64::try_from(self.count()).unwrap_or_default() + 1;
        let (at_ms, request, key) = (self.time.now_ms(), request.clone(), key.to_owned());
        let call = Call { number, upstream, at_ms, request, body, key };
        self.calls.borrow_mut().push(call.clone());
        call
    }

    fn answer(&self, call: &Call) -> Answer {
        let mut desks = self.desks.borrow_mut();
        let desk = desks.entry(call.upstream).or_default();
        let answer = desk.next.pop_front().or_else(|| desk.then.as_mut().map(|script| script(call)));
        answer.unwrap_or_else(|| panic!("nobody expected a call to {:?}: {}", call.upstream, call.body))
    }
}

impl HttpClient for FakeHttp {
    fn send(&self, request: OutgoingRequest) -> LocalBoxFuture<'_, Result<IncomingResponse, SendError>> {
        Box::pin(async move {
            let call = self.note(&request);
            let answer = self.answer(&call);
            let takes_ms = match answer {
                Answer::Refused => 1,
                Answer::Hangs | Answer::Trickles => u64::MAX,
                _ => self.takes_ms.get(),
            };
            self.time.sleep(takes_ms.min(request.timeout_ms)).await;
            if takes_ms >= request.timeout_ms {
                return Err(SendError::TimedOut);
            }
            let response = match answer {
                Answer::Good => call.upstream.good(&call),
                Answer::Mislabelled => {
                    let headers = Headers::from_iter([("Content-Type", "text/html")]);
                    IncomingResponse { headers, ..call.upstream.good(&call) }
                }
                Answer::Says(text) => says(text),
                Answer::Status(status, kind, body) => {
                    IncomingResponse { status, headers: Headers::from_iter([("Content-Type", kind)]), body }
                }
                Answer::With(status, header, body) => {
                    IncomingResponse { status, headers: Headers::from_iter([header]), body }
                }
                Answer::Oversized => return Err(SendError::TooLarge),
                _ => return Err(SendError::Connection),
            };
            if response.body.len() > request.max_body_bytes { Err(SendError::TooLarge) } else { Ok(response) }
        })
    }
}
