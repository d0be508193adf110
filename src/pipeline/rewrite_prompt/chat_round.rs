//! One chat API after the other about one prompt, until one gives a plausible prompt.

use super::instructions::Question;
use super::plausible::check;
use crate::config::ChatApi;
use crate::domain::Prompt;
use crate::http::SendError;
use crate::ports::Ports;
use crate::upstream::chat::{self, ChatCall, ChatError};
use crate::upstream::chat_answer;

/// Calls for one image at most: it has 50 subrequests for everything.
const MAX_CALLS: u32 = 5;

/// No call is started with less time than this, in milliseconds: no model responds that fast.
const MIN_CALL_MS: u64 = 500;

/// The minimum pause before an API is asked a second time, in milliseconds; up to as much again is added at random, so
/// that requests that failed together do not return together.
const PAUSE_MS: u64 = 200;

/// An API that refused its key, or lacks its model, is left alone for so long by this isolate, in milliseconds.
const REST_MS: u64 = 600_000;

/// The calls about one prompt.
pub(super) struct ChatRound<'a> {
    ports: &'a Ports,
    apis: &'a [ChatApi],
    prompt: &'a Prompt,
    question: &'a Question,
    /// The end of the step, in unix milliseconds.
    end_ms: u64,
    calls: u32,
    /// The keys that are not asked again about this prompt.
    done: Vec<String>,
    /// The keys whose API does not take the fields that are not supported everywhere.
    plain: Vec<String>,
    /// The last failure.
    reason: String,
}

impl<'a> ChatRound<'a> {
    /// No call yet.
    pub(super) fn new(
        ports: &'a Ports,
        apis: &'a [ChatApi],
        prompt: &'a Prompt,
        question: &'a Question,
        end_ms: u64,
    ) -> Self {
        let reason = "there was no time for it".to_owned();
        Self { ports, apis, prompt, question, end_ms, calls: 0, done: Vec::new(), plain: Vec::new(), reason }
    }

    /// Asks each API in turn, then those once more whose failure may have passed.
    ///
    /// # Errors
    /// The last failure: no API gave a prompt.
    pub(super) async fn ask(&mut self) -> Result<Prompt, String> {
        let mut failed = Vec::new();
        for api in self.apis {
            if !self.may_ask(api) {
                continue;
            }
            match self.ask_one(api, self.share_ms(!failed.is_empty() || self.has_another(api))).await {
                Ok(prompt) => return Ok(prompt),
                Err(ChatError::Busy | ChatError::Transient(_)) => failed.push(api),
                Err(_) => {}
            }
        }
        for api in failed {
            if self.pause().await
                && let Ok(prompt) = self.ask_one(api, self.left_ms()).await
            {
                return Ok(prompt);
            }
        }
        Err(std::mem::take(&mut self.reason))
    }

    /// Asks one API, and once more without the fields that it does not take.
    async fn ask_one(&mut self, api: &ChatApi, timeout_ms: u64) -> Result<Prompt, ChatError> {
        let mut call = ChatCall {
            api,
            system: self.question.system,
            user: &self.question.user,
            text: self.prompt.as_str(),
            faithful: self.question.faithful,
            plain: self.plain.contains(&api.key_id()),
            timeout_ms,
        };
        let mut result = self.call(&call).await;
        if matches!(result, Err(ChatError::BadParameters(_))) && call.has_extras() && self.has_room() {
            (call.plain, call.timeout_ms) = (true, self.left_ms());
            self.plain.push(api.key_id());
            result = self.call(&call).await;
        }
        if let Err(error) = &result {
            self.learn(api, error);
        }
        result
    }

    async fn call(&mut self, call: &ChatCall<'_>) -> Result<Prompt, ChatError> {
        self.calls += 1;
        let response = self.ports.send(chat::encode(call)).await.map_err(|error| match error {
            SendError::TimedOut => ChatError::Transient("it did not answer in time".to_owned()),
            other => ChatError::Transient(other.to_string()),
        })?;
        let answer = chat_answer::clean(&chat::decode(call, &response)?, &self.question.markers());
        check(&answer, self.question, self.prompt).map_err(|why| ChatError::Transient(why.to_owned()))
    }

    /// Takes in a failure: another model of the same key makes sense only where this one is gone.
    fn learn(&mut self, api: &ChatApi, error: &ChatError) {
        self.reason = format!("{}: {}", api.host(), api.redactor().scrub(&error.to_string()));
        let until_ms = self.ports.clock.now_ms().saturating_add(REST_MS);
        match error {
            ChatError::ModelGone(_) => return self.ports.memory.rest(&model_id(api), until_ms),
            ChatError::KeyRefused => self.ports.memory.rest(&api.key_id(), until_ms),
            _ => {}
        }
        self.done.push(api.key_id());
    }

    /// True if an API may be asked now.
    fn may_ask(&self, api: &ChatApi) -> bool {
        self.has_room() && self.is_eligible(api)
    }

    /// True if an API takes the task, is not left alone, and was not asked already.
    fn is_eligible(&self, api: &ChatApi) -> bool {
        let (key, now_ms) = (api.key_id(), self.ports.clock.now_ms());
        let memory = &self.ports.memory;
        let rests = memory.rests(&key, now_ms) || memory.rests(&model_id(api), now_ms);
        (self.question.faithful || !api.only_translates()) && !rests && !self.done.contains(&key)
    }

    /// True if there is another API to be asked after `api`, or time to ask this one again.
    fn has_another(&self, api: &ChatApi) -> bool {
        self.calls == 0 || self.apis.iter().any(|other| other.key_id() != api.key_id() && self.is_eligible(other))
    }

    /// True if there are calls and time left.
    fn has_room(&self) -> bool {
        self.calls < MAX_CALLS && self.left_ms() >= MIN_CALL_MS
    }

    /// The time limit of a call, in milliseconds: with others to come it gets five eighths, since it usually succeeds.
    fn share_ms(&self, others_follow: bool) -> u64 {
        if others_follow { self.left_ms() * 5 / 8 } else { self.left_ms() }
    }

    fn left_ms(&self) -> u64 {
        self.end_ms.saturating_sub(self.ports.clock.now_ms())
    }

    /// Waits a little before a second try. False where there is no room for it.
    async fn pause(&self) -> bool {
        let pause_ms = PAUSE_MS + self.ports.random.next_u64() % PAUSE_MS;
        let has_time = self.calls < MAX_CALLS && self.left_ms() >= pause_ms + MIN_CALL_MS;
        if has_time {
            self.ports.clock.sleep(pause_ms).await;
        }
        has_time
    }
}

/// The name of one model with one key, in the isolate's memory.
fn model_id(api: &ChatApi) -> String {
    format!("{} {}", api.key_id(), api.model)
}
