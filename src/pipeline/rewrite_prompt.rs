//! Rewrites the prompt with the chat API: translates or enriches it. This step is soft: after any failure, the original
//! prompt is used.

mod instructions;

use super::job::Job;
use crate::config::ChatApi;
use crate::domain::prompt::MAX_PROMPT_CHARS;
use crate::domain::{ImageRequest, Prompt, PromptMode, PromptStatus};
use crate::http::SendError;
use crate::ports::{Clock, HttpClient, Random};
use crate::upstream::chat::{self, ChatCall, ChatError};
use crate::upstream::chat_answer;

use self::instructions::Question;

/// The time limit of the whole step, in milliseconds: the free models respond within one to three seconds, or are
/// overloaded and do not respond at all.
pub const CHAT_DEADLINE_MS: u64 = 8_000;

/// No call is started with less time than this, in milliseconds: no model responds that fast.
const MIN_CALL_MS: u64 = 500;

/// The minimum pause before the second try, in milliseconds; up to as much again is added at random, so that requests
/// that failed together do not return together.
const PAUSE_MS: u64 = 200;

/// The maximum length of a translation, in characters per character of the original. Chinese grows about fourfold in
/// English.
const MAX_GROWTH: usize = 12;

/// The length that is accepted however short the original is, in characters.
const MAX_SHORT: usize = 300;

/// The result of the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// The prompt to use.
    pub prompt: Prompt,
    /// The treatment it received.
    pub status: PromptStatus,
    /// The reason for falling back, for the log; it may quote the chat API, without what is secret.
    pub reason: Option<String>,
}

/// Rewrites the prompt of `request` as requested, within [`CHAT_DEADLINE_MS`] and before the job's deadline.
///
/// 1. If no rewrite is requested, or it is known to be impossible, the prompt stays unchanged.
/// 2. The chat API is called. A transient failure is retried once; refused parameters are retried once without the
///    fields that the API does not know.
/// 3. The response is cleaned, and used if it is a plausible prompt: otherwise [`PromptStatus::Fallback`].
pub async fn rewrite_prompt(job: &Job<'_>) -> Rewritten {
    let (http, clock, random) = (&*job.ports.http, &*job.ports.clock, &*job.ports.random);
    let rewriter = Rewriter { http, clock, random, chat: job.config.chat.as_ref() };
    rewriter.rewrite(job.request, job.deadline.at_ms()).await
}

/// The parameters of a rewrite.
struct Rewriter<'a> {
    http: &'a dyn HttpClient,
    clock: &'a dyn Clock,
    random: &'a dyn Random,
    chat: Option<&'a ChatApi>,
}

impl Rewriter<'_> {
    async fn rewrite(&self, request: &ImageRequest, deadline_ms: u64) -> Rewritten {
        let prompt = &request.prompt;
        let (done, faithful) = match request.mode {
            PromptMode::Translate => (PromptStatus::Translated, true),
            PromptMode::Optimize => (PromptStatus::Optimized, false),
            PromptMode::Nothing => return unchanged(prompt, PromptStatus::Original, None),
            PromptMode::TranslateFallback | PromptMode::OptimizeFallback => {
                return unchanged(prompt, PromptStatus::Fallback, None);
            }
        };
        let question = Question::new(prompt, faithful, self.random);
        match self.ask(prompt, &question, faithful, deadline_ms).await {
            Ok(prompt) => Rewritten { prompt, status: done, reason: None },
            Err(reason) => {
                let reason = self.chat.map_or(reason.clone(), |chat| chat.redactor().scrub(&reason));
                unchanged(prompt, PromptStatus::Fallback, Some(reason))
            }
        }
    }

    /// Calls the chat API until there is a prompt, or no reason to try again.
    async fn ask(
        &self,
        prompt: &Prompt,
        question: &Question,
        faithful: bool,
        deadline_ms: u64,
    ) -> Result<Prompt, String> {
        let api = self.chat.ok_or("no chat API is set")?;
        let end = deadline_ms.min(self.clock.now_ms().saturating_add(CHAT_DEADLINE_MS));
        let left = || end.saturating_sub(self.clock.now_ms());
        let (mut plain, mut tries) = (false, 2_u32);
        let mut reason = "there was no time for it".to_owned();
        while tries > 0 && left() >= MIN_CALL_MS {
            // The first try leaves time for a second one: it gets five eighths, since it usually succeeds.
            let timeout_ms = if tries > 1 { left() * 5 / 8 } else { left() };
            let call = ChatCall { api, system: question.system, user: &question.user, faithful, plain, timeout_ms };
            match self.try_once(&call, question, prompt).await {
                Ok(prompt) => return Ok(prompt),
                // A call with fewer fields is a different one, and does not count as the second try.
                Err(ChatError::BadParameters(_)) if call.has_extras() => plain = true,
                Err(error @ (ChatError::Refused(_) | ChatError::KeyRefused | ChatError::BadParameters(_))) => {
                    return Err(error.to_string());
                }
                Err(error @ (ChatError::Busy | ChatError::Transient(_))) => {
                    reason = error.to_string();
                    tries -= 1;
                    let pause = PAUSE_MS + self.random.next_u64() % PAUSE_MS;
                    if tries > 0 && left() >= pause + MIN_CALL_MS {
                        self.clock.sleep(pause).await;
                    }
                }
            }
        }
        Err(reason)
    }

    async fn try_once(&self, call: &ChatCall<'_>, question: &Question, prompt: &Prompt) -> Result<Prompt, ChatError> {
        let response = self.http.send(chat::encode(call)).await.map_err(|error| match error {
            SendError::TimedOut => ChatError::Transient("it did not answer in time".to_owned()),
            other => ChatError::Transient(other.to_string()),
        })?;
        let answer = chat_answer::clean(&chat::decode(&response)?, &question.markers());
        check(&answer, question, prompt).map_err(|what| ChatError::Transient(what.to_owned()))
    }
}

fn unchanged(prompt: &Prompt, status: PromptStatus, reason: Option<String>) -> Rewritten {
    Rewritten { prompt: prompt.clone(), status, reason }
}

/// Accepts a response as the new prompt if it is plausible: not empty, not too long, not about the instructions, and
/// mainly ASCII. The last is for both modes: both promise English, and other languages give no better image than the
/// original. Letters such as é are accepted, and a few words in another script, as on a sign.
fn check(answer: &str, question: &Question, original: &Prompt) -> Result<Prompt, &'static str> {
    let chars = answer.chars().filter(|c| !c.is_whitespace()).count();
    let foreign = answer.chars().filter(|c| !c.is_whitespace() && !c.is_ascii()).count();
    let longest = if question.faithful {
        MAX_SHORT.saturating_add(original.as_str().chars().count().saturating_mul(MAX_GROWTH))
    } else {
        MAX_PROMPT_CHARS
    };
    if chars > longest {
        return Err("its answer is too long for a prompt");
    }
    if foreign * 2 > chars {
        return Err("its answer is not in English");
    }
    if question.is_quoted_in(answer) {
        return Err("its answer is about the instructions");
    }
    Prompt::from_model(answer).ok_or("its answer is empty")
}

#[cfg(test)]
mod tests;
