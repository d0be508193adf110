//! `POST /v1/prompt`: what would be made of a prompt, without drawing it.

use std::rc::Rc;

use serde_json::json;

use super::image_query::ImageQuery;
use super::json_fields::{Fields, flag, text};
use crate::access::{Caller, visitor};
use crate::app::App;
use crate::domain::Prompt;
use crate::error::Error;
use crate::http::{Request, Response};
use crate::pipeline::deadline::Deadline;
use crate::pipeline::job::Job;
use crate::pipeline::rewrite_prompt::rewrite_prompt;
use crate::pipeline::tally::Tally;
use crate::ports::maker::RATE_PERIOD_SECONDS;

/// Rewrites the prompt in the body as an image's would be: the answer is drawn as it is, without `optimization`.
///
/// 1. Read the body: 400, 413, 415.
/// 2. The caller must be one who may have images made, within the rate limit: 401, 403, 429.
/// 3. Rewrite. A failure leaves the prompt as it is, and its status says so.
pub async fn rewrite(app: &App, request: &Request) -> Result<Response, Error> {
    let fields = Fields::read(request).await?;
    let prompt = fields.given("prompt").ok_or_else(|| Error::missing_prompt("prompt", "`prompt` is missing."))?;
    let query = ImageQuery {
        prompt: Some(Prompt::parse("prompt", text("prompt", prompt)?, &*app.normalizer)?),
        optimize: fields.one_of(&["optimization", "prompt_enhancement", "enhance"], flag)?,
        ..ImageQuery::default()
    };
    app.config.check()?;
    let image = query.request(&app.config, &*app.ports.random)?.ok_or_else(Error::not_found)?.request;
    let caller = Caller::of(&app.config.access, request, app.ports.clock.now_ms());
    admit(app, request, &caller).await?;
    let deadline = Deadline::after(Rc::clone(&app.ports.clock), app.config.generation_timeout_ms);
    let job = Job {
        ports: &app.ports,
        config: &app.config,
        request: &image,
        hops: caller.hops,
        step: Rc::default(),
        deadline: &deadline,
        may_stand_in: false,
        tally: &Tally::default(),
        drawn: None,
    };
    let rewritten = rewrite_prompt(&job).await;
    if let Some(reason) = &rewritten.reason {
        job.warn(&format!("the prompt was not rewritten: {reason}"));
    }
    let answer = json!({ "prompt": rewritten.drawn.prompt.as_str(), "status": rewritten.drawn.status.as_str() });
    Ok(Response::json(200, &answer).with("Cache-Control", "no-store"))
}

/// Counts the caller as for an image; a token that is no owner's as well, since no quota counts this.
async fn admit(app: &App, request: &Request, caller: &Caller) -> Result<(), Error> {
    caller.refusal.clone().map_or(Ok(()), Err)?;
    caller.hops.check()?;
    if let (Some(limiter), false) = (&app.rate_limiter, caller.is_owner)
        && !limiter.try_acquire(&visitor(request)).await
    {
        return Err(Error::rate_limited(RATE_PERIOD_SECONDS));
    }
    Ok(())
}
