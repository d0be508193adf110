//! A fake chat API, and functions that run the step against it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use futures_executor::block_on;
use serde_json::{Value, json};

use super::super::{Rewriter, Rewritten};
use crate::config::{ChatApi, Secret};
use crate::domain::{ImageRequest, Prompt, PromptMode, PromptStatus, Size};
use crate::http::{Headers, IncomingResponse, OutgoingRequest, SendError};
use crate::ports::{Clock, HttpClient, Random};
use futures_util::future::LocalBoxFuture;

/// The result of a call.
pub(super) type Reply = Result<IncomingResponse, SendError>;

/// A chat API that gives prepared replies after prepared times, on a clock of its own, and fails on an unexpected call.
#[derive(Default)]
pub(super) struct FakeChatApi {
    /// The time, in milliseconds.
    pub(super) now: Cell<u64>,
    answers: RefCell<VecDeque<(u64, Reply)>>,
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

/// The result for a request, and the calls that were made for it, each answered after the given time. Fails if a
/// prepared reply is left over.
pub(super) fn run_on(
    model: &str,
    request: &ImageRequest,
    deadline_ms: u64,
    answers: impl IntoIterator<Item = (u64, Reply)>,
) -> (Rewritten, FakeChatApi) {
    let chat_api = FakeChatApi { answers: RefCell::new(answers.into_iter().collect()), ..FakeChatApi::default() };
    let chat = ChatApi {
        url: "https://chat.test/v1".parse().unwrap_or_else(|_| unreachable!()),
        model: model.into(),
        key: Secret::new("key-of-the-chat-api"),
    };
    let rewriter = Rewriter { http: &chat_api, clock: &chat_api, random: &chat_api, chat: Some(&chat) };
    let rewritten = block_on(rewriter.rewrite(request, deadline_ms));
    assert!(chat_api.answers.borrow().is_empty(), "a call that was expected was not made");
    (rewritten, chat_api)
}

/// The same for “一只猫”, with enough time.
pub(super) fn run(mode: PromptMode, answers: impl IntoIterator<Item = Reply>) -> (Rewritten, FakeChatApi) {
    run_on("glm-4-flash", &request("一只猫", mode), 60_000, answers.into_iter().map(|answer| (1_000, answer)))
}

/// The original prompt was used, and the reason contains this text.
pub(super) fn assert_fell_back(rewritten: &Rewritten, reason: &str) {
    assert_eq!((rewritten.prompt.as_str(), rewritten.status), ("一只猫", PromptStatus::Fallback));
    assert!(rewritten.reason.as_deref().is_some_and(|text| text.contains(reason)), "{:?}", rewritten.reason);
}
