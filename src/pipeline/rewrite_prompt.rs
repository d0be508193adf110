//! Rewrites the prompt with the chat APIs: translates or enriches it. This step is soft: after any failure, the original
//! prompt is used.

mod chat_round;
mod instructions;
mod plausible;

use super::job::Job;
use crate::domain::{DrawnPrompt, ImageRequest, PromptMode, PromptStatus};
use crate::ports::progress::Step;

use self::chat_round::ChatRound;
use self::instructions::Question;

/// The time limit of the whole step, in milliseconds: the free models respond within one to three seconds, or are
/// overloaded and do not respond at all.
pub const CHAT_DEADLINE_MS: u64 = 10_000;

/// The result of the step.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rewritten {
    /// The prompt to draw.
    drawn: DrawnPrompt,
    /// The reason for falling back, for the log; it may quote a chat API, without what is secret.
    reason: Option<String>,
}

/// Rewrites the prompt of a job as requested, within [`CHAT_DEADLINE_MS`] and before the job's deadline.
///
/// 1. If no rewrite is requested, or it is known to be impossible, the prompt stays unchanged.
/// 2. The chat APIs are asked, the next one after any failure or refusal of one, at most five calls in all.
/// 3. A response is cleaned, and used if it is a plausible prompt. Without one: [`PromptStatus::Fallback`].
pub async fn rewrite_prompt(job: &Job<'_>) -> DrawnPrompt {
    let Rewritten { drawn, reason } = rewrite(job).await;
    if let Some(reason) = reason {
        job.warn(&format!("the prompt was not rewritten: {reason}"));
    }
    drawn
}

async fn rewrite(job: &Job<'_>) -> Rewritten {
    let request = job.request;
    let (done, faithful) = match request.mode {
        PromptMode::Translate => (PromptStatus::Translated, true),
        PromptMode::Optimize => (PromptStatus::Optimized, false),
        PromptMode::Nothing => return unchanged(request, PromptStatus::Original, None),
        PromptMode::TranslateFallback | PromptMode::OptimizeFallback => {
            return unchanged(request, PromptStatus::Fallback, None);
        }
    };
    job.enter(Step::Rewriting);
    let question = Question::new(&request.prompt, faithful, &*job.ports.random);
    let end_ms = job.deadline.at_ms().min(job.ports.clock.now_ms().saturating_add(CHAT_DEADLINE_MS));
    let mut round = ChatRound::new(job.ports, &job.config.chats, &request.prompt, &question, end_ms);
    match round.ask().await {
        Ok(prompt) => Rewritten { drawn: DrawnPrompt { prompt, status: done }, reason: None },
        Err(reason) => unchanged(request, PromptStatus::Fallback, Some(reason)),
    }
}

fn unchanged(request: &ImageRequest, status: PromptStatus, reason: Option<String>) -> Rewritten {
    Rewritten { drawn: DrawnPrompt { prompt: request.prompt.clone(), status }, reason }
}

#[cfg(test)]
mod tests;
