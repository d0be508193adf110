//! Rewriting the prompt with the chat API: translated, or made richer. It is soft: whatever goes
//! wrong, the original prompt is drawn.

mod instructions;

use super::job::Job;
use crate::config::{ChatApi, Redactor};
use crate::domain::prompt::MAX_PROMPT_CHARS;
use crate::domain::{ImageRequest, Prompt, PromptMode, PromptStatus};
use crate::http::SendError;
use crate::ports::{Clock, HttpClient, Random};
use crate::upstream::chat::{self, ChatCall, ChatError};
use crate::upstream::chat_answer;

use self::instructions::Question;

/// What the whole of it may take: the free models answer in one to three seconds, or are overrun
/// and do not answer at all.
pub const CHAT_DEADLINE_MS: u64 = 8_000;

/// A call with less time than this is not begun: no model answers so fast.
const MIN_CALL_MS: u64 = 500;

/// The shortest pause before the other try, in milliseconds; as much again at most is added by chance,
/// so that those who failed together do not come back together.
const PAUSE_MS: u64 = 200;

/// Whoever writes more than this many characters for each of the original's is not translating it.
/// Chinese grows about fourfold in English.
const MAX_GROWTH: usize = 12;

/// What even the shortest original may become, in characters.
const MAX_SHORT: usize = 300;

/// What became of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// The prompt to draw.
    pub prompt: Prompt,
    /// How it came about.
    pub status: PromptStatus,
    /// Why it fell back, for the log; it may quote the chat API.
    pub reason: Option<String>,
}

/// Rewrites the prompt of `request` as it asks for, within [`CHAT_DEADLINE_MS`] and before the job's deadline.
///
/// 1. Where nothing is to be done, or it is known that it cannot be done, the prompt is as it was.
/// 2. The chat API is asked; after a failure that may pass once more, and once more without the
///    fields that it does not know.
/// 3. The answer is cleaned, and taken if it can be the prompt: else [`PromptStatus::Fallback`].
pub async fn rewrite_prompt(job: &Job<'_>) -> Rewritten {
    let (http, clock, random) = (&*job.ports.http, &*job.ports.clock, &*job.ports.random);
    let rewriter = Rewriter { http, clock, random, chat: job.config.chat.as_ref(), redactor: job.config.redactor() };
    rewriter.rewrite(job.request, job.deadline.at_ms()).await
}

/// What rewriting needs.
struct Rewriter<'a> {
    http: &'a dyn HttpClient,
    clock: &'a dyn Clock,
    random: &'a dyn Random,
    chat: Option<&'a ChatApi>,
    redactor: Redactor,
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
            Err(reason) => unchanged(prompt, PromptStatus::Fallback, Some(reason)),
        }
    }

    /// Asks until there is a prompt, or no reason to ask again.
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
            // The first try leaves time for another: five eighths for the one that mostly works.
            let timeout_ms = if tries > 1 { left() * 5 / 8 } else { left() };
            let call = ChatCall { api, system: question.system, user: &question.user, faithful, plain, timeout_ms };
            match self.try_once(&call, question, prompt).await {
                Ok(prompt) => return Ok(prompt),
                // Without the fields it is another question, and no second try of the same.
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
        check(&answer, question, prompt)
            .and_then(
                |prompt| if self.redactor.finds(prompt.as_str()) { Err("its answer holds a key") } else { Ok(prompt) },
            )
            .map_err(|what| ChatError::Transient(what.to_owned()))
    }
}

fn unchanged(prompt: &Prompt, status: PromptStatus, reason: Option<String>) -> Rewritten {
    Rewritten { prompt: prompt.clone(), status, reason }
}

/// Takes an answer as the new prompt, where it can be one: it says something, is not an essay, does
/// not talk about the question, and is mainly ASCII. The last is for both jobs: both promise English,
/// and an answer that is not English draws no better than the original. Letters such as é may be in it,
/// and a few words of another script, as on a sign.
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
