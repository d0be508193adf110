//! A fake chat API, and functions that run the step against it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use futures_executor::block_on;
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};

use super::super::{Rewritten, rewrite_prompt};
use crate::config::{Address, ChatApi, ChatKind, Config, Secret};
use crate::domain::{Hops, ImageRequest, Prompt, PromptMode, PromptStatus, Size};
use crate::error::Error;
use crate::http::{Headers, IncomingResponse, OutgoingRequest, SendError};
use crate::pipeline::deadline::Deadline;
use crate::pipeline::job::Job;
use crate::pipeline::tally::Tally;
use crate::ports::lease::{LeaseReply, LeaseRequest, Report, Slot, Snapshot};
use crate::ports::maker::{MakerReply, MakerRequest};
use crate::ports::tally::QuotaRequest;
use crate::ports::{Clock, HttpClient, ImageMaker, KeyRing, Log, Ports, Random, StoreError};

/// The result of a call.
pub(super) type Reply = Result<IncomingResponse, SendError>;

/// A chat API that gives prepared replies after prepared times, on a clock of its own, and fails on an unexpected call.
#[derive(Default)]
pub(super) struct FakeChatApi {
    /// The time, in milliseconds.
    pub(super) now: Cell<u64>,
    pub(super) answers: RefCell<VecDeque<(u64, Reply)>>,
    /// The calls so far, and their bodies.
    pub(super) calls: RefCell<Vec<(OutgoingRequest, Value)>>,
}

impl HttpClient for FakeChatApi {
    fn send(&self, request: OutgoingRequest) -> LocalBoxFuture<'_, Result<IncomingResponse, SendError>> {
        let (takes, answer) = self.answers.borrow_mut().pop_front().unwrap_or_else(|| unreachable!("{request:?}"));
        let late = takes > request.timeout_ms;
        self.now.set(self.now.get() + takes.min(request.timeout_ms));
        let body = serde_json::from_str(request.body.as_deref().unwrap_or_default()).unwrap_or_default();
        self.calls.borrow_mut().push((request, body));
        Box::pin(async move { if late { Err(SendError::TimedOut) } else { answer } })
    }
}

impl Clock for FakeChatApi {
    fn now_ms(&self) -> u64 {
        self.now.get()
    }

    fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        self.now.set(self.now.get() + ms);
        Box::pin(async {})
    }
}

impl Random for FakeChatApi {
    fn next_u64(&self) -> u64 {
        0xFEED_0000_0000_0001
    }
}

/// A response with this status and body.
#[expect(clippy::unnecessary_wraps, reason = "a reply may be a failure to send")]
pub(super) fn status(status: u16, body: &str) -> Reply {
    Ok(IncomingResponse { status, headers: Headers::default(), body: body.into() })
}

/// A response with this text from the model.
pub(super) fn text_reply(content: &str) -> Reply {
    status(200, &json!({ "choices": [{ "message": { "content": content } }] }).to_string())
}

/// An error response in the API's own envelope.
pub(super) fn error(http: u16, code: &str) -> Reply {
    status(http, &json!({ "error": { "code": code, "message": "why" } }).to_string())
}

/// A request with this treatment of a prompt.
pub(super) fn request(prompt: &str, mode: PromptMode) -> ImageRequest {
    ImageRequest {
        prompt: Prompt::from_model(prompt).unwrap_or_else(|| unreachable!()),
        optimize: mode == PromptMode::Optimize,
        mode,
        size: Size::of(512, 512).unwrap_or_else(|| unreachable!()),
        model: "m".into(),
        seed: None,
        negative_prompt: Prompt::from_model("狗"),
        steps: None,
        guidance: None,
        demo: false,
    }
}

/// What is not asked while a prompt is rewritten.
struct Unasked;

impl ImageMaker for Unasked {
    fn ask(&self, _request: MakerRequest) -> LocalBoxFuture<'_, Result<MakerReply, Error>> {
        unreachable!()
    }
}

impl KeyRing for Unasked {
    fn lease(&self, _request: LeaseRequest) -> LocalBoxFuture<'_, Result<LeaseReply, StoreError>> {
        unreachable!()
    }

    fn report(&self, _report: Report) -> LocalBoxFuture<'_, Result<(), StoreError>> {
        unreachable!()
    }

    fn snapshot(&self, _slots: Vec<Slot>) -> LocalBoxFuture<'_, Result<Snapshot, StoreError>> {
        unreachable!()
    }

    fn acquire(&self, _request: QuotaRequest) -> LocalBoxFuture<'_, Result<bool, StoreError>> {
        unreachable!()
    }

    fn stats(&self, _slots: Vec<Slot>) -> LocalBoxFuture<'_, Result<serde_json::Value, StoreError>> {
        unreachable!()
    }
}

impl Log for Unasked {
    fn warn(&self, _message: &str) {}
}

/// A chat API at `host`.
pub(super) fn api(host: &str, model: &str) -> ChatApi {
    let url = format!("https://{host}/v1").parse().unwrap_or_else(|_| unreachable!());
    ChatApi {
        kind: ChatKind::BigModel,
        address: Address::Url(url),
        model: model.into(),
        key: Some(Secret::new("key-of-the-chat-api")),
    }
}

/// The result for a request by these APIs, and the calls that were made for it, each answered after the given time.
/// Fails if a prepared reply is left over.
pub(super) fn run_by(
    apis: Vec<ChatApi>,
    request: &ImageRequest,
    deadline_ms: u64,
    answers: impl IntoIterator<Item = (u64, Reply)>,
) -> (Rewritten, Rc<FakeChatApi>) {
    let fake = Rc::new(FakeChatApi { answers: RefCell::new(answers.into_iter().collect()), ..FakeChatApi::default() });
    let rewritten = again(&ports(&fake), apis, request, deadline_ms);
    assert!(fake.answers.borrow().is_empty(), "a call that was expected was not made");
    (rewritten, fake)
}

/// Ports of which the fake is the chat APIs, the clock and the random numbers.
pub(super) fn ports(fake: &Rc<FakeChatApi>) -> Ports {
    Ports {
        http: Rc::clone(fake) as _,
        ai: None,
        store: None,
        image_maker: Rc::new(Unasked),
        key_ring: Rc::new(Unasked),
        clock: Rc::clone(fake) as _,
        random: Rc::clone(fake) as _,
        log: Rc::new(Unasked),
        memory: Rc::default(),
    }
}

/// The result of one more request in the same isolate.
pub(super) fn again(ports: &Ports, apis: Vec<ChatApi>, request: &ImageRequest, deadline_ms: u64) -> Rewritten {
    let mut config = Config::default();
    config.chats = apis;
    let deadline = Deadline::after(Rc::clone(&ports.clock), deadline_ms);
    let (hops, may_stand_in, drawn) = (Hops::default(), true, None);
    let (tally, deadline, step) = (&Tally::default(), &deadline, Rc::default());
    let job = Job { ports, config: &config, request, hops, step, deadline, may_stand_in, tally, drawn };
    block_on(rewrite_prompt(&job))
}

/// The result by one API with this model.
pub(super) fn run_on(
    model: &str,
    request: &ImageRequest,
    deadline_ms: u64,
    answers: impl IntoIterator<Item = (u64, Reply)>,
) -> (Rewritten, Rc<FakeChatApi>) {
    run_by(vec![api("chat.test", model)], request, deadline_ms, answers)
}

/// The same for “一只猫”, with enough time.
pub(super) fn run(mode: PromptMode, answers: impl IntoIterator<Item = Reply>) -> (Rewritten, Rc<FakeChatApi>) {
    run_on("glm-4-flash", &request("一只猫", mode), 60_000, answers.into_iter().map(|answer| (1_000, answer)))
}

/// The original prompt was used, and the reason contains this text.
pub(super) fn assert_fell_back(rewritten: &Rewritten, reason: &str) {
    assert_eq!((rewritten.drawn.prompt.as_str(), rewritten.drawn.status), ("一只猫", PromptStatus::Fallback));
    assert!(rewritten.reason.as_deref().is_some_and(|text| text.contains(reason)), "{:?}", rewritten.reason);
}
