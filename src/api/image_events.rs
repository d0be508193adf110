//! An image's making as it happens: `GET` of a prompt URL by a caller who takes a stream of events.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};

use super::error_reply::envelope;
use super::events::{self, KEEP_ALIVE, KEEP_ALIVE_MS, event};
use super::image_query::ResolvedRequest;
use super::image_reply::{FoundImage, permalink};
use super::images::create;
use super::markdown;
use super::template::quoted;
use crate::access::Caller;
use crate::app::App;
use crate::domain::Pixels;
use crate::error::Error;
use crate::http::{Body, Live, Method, Request, Response, Segment};
use crate::ports::Clock;
use crate::ports::maker::{MakerCommand, MakerReply};
use crate::ports::progress::{Event, News, Step, Telling};
use crate::ports::timeout::within;

/// True if the caller takes the image's making as events.
pub fn are_wanted(request: &Request) -> bool {
    request.method == Method::Get && events::are_accepted(request)
}

/// The stream about an image that was there already: one `done`.
pub fn found(app: &App, request: &Request, prompt: &str, image: &FoundImage) -> Response {
    stream(Body::Text(Description::new(app, request, prompt).done(image).into()))
}

/// Has the image made, or joins a running generation, and tells how it goes.
///
/// # Errors
/// What is known before anything is begun: the refusal of this caller, settings that are missing.
pub async fn make(
    app: &App,
    request: &Request,
    caller: &Caller,
    image: ResolvedRequest,
    refresh: bool,
) -> Result<Response, Error> {
    let description = Description::new(app, request, image.request.prompt.as_str());
    let command = if refresh { MakerCommand::Refresh } else { MakerCommand::Create };
    let (clock, app, caller) = (Rc::clone(&app.ports.clock), app.clone(), caller.clone());
    let mut work =
        Telling::new(|tell| Box::pin(async move { create(&app, &caller, image, command, Some(&*tell)).await }));
    Ok(match work.next().await {
        Some(News::Told(first)) => stream(Body::Live(Box::new(Making { clock, description, work, first }))),
        Some(News::Ended(reply)) => stream(Body::Text(description.end(Ok(reply?)).into())),
        None => stream(Body::Empty),
    })
}

fn stream(body: Body) -> Response {
    events::reply(body).with("Vary", "Accept")
}

/// An image that is being made.
struct Making {
    clock: Rc<dyn Clock>,
    description: Description,
    work: Telling<Result<MakerReply, Error>>,
    /// What was told before the response began.
    first: Vec<Event>,
}

impl Live for Making {
    fn next(&mut self) -> LocalBoxFuture<'_, Option<Vec<Segment>>> {
        Box::pin(async {
            let first = std::mem::take(&mut self.first);
            if !first.is_empty() {
                return Some(self.told(first));
            }
            let Some(news) = within(&*self.clock, KEEP_ALIVE_MS, self.work.next()).await else {
                return Some(vec![Segment::Text(KEEP_ALIVE.into())]);
            };
            Some(match news? {
                News::Told(events) => self.told(events),
                News::Ended(reply) => vec![self.description.end(reply).into()],
            })
        })
    }
}

impl Making {
    fn told(&self, events: Vec<Event>) -> Vec<Segment> {
        let now_ms = self.clock.now_ms();
        let text = |told| match told {
            Event::Step(step) => event("step", &step_data(&step, now_ms)),
            Event::Prompt(drawn) => {
                let (prompt, status) = (quoted(drawn.prompt.as_str()), drawn.status.as_str());
                event("prompt", &format!(r#"{{"prompt":{prompt},"status":"{status}"}}"#))
            }
        };
        events.into_iter().map(|told| text(told).into()).collect()
    }
}

/// A step as JSON.
fn step_data(step: &Step, now_ms: u64) -> String {
    let more = match step {
        Step::Waiting(place) => {
            let ready = place.ready_at_ms.map(|at_ms| format!(r#","ready_in_ms":{}"#, at_ms.saturating_sub(now_ms)));
            format!(r#","position":{}{}"#, place.position, ready.unwrap_or_default())
        }
        Step::Drawing { model, provider } => {
            let provider = provider.as_deref().map(|name| format!(r#","provider":{}"#, quoted(name)));
            format!(r#","model":{}{}"#, quoted(model), provider.unwrap_or_default())
        }
        Step::Rewriting | Step::Fetching | Step::Storing => String::new(),
    };
    format!(r#"{{"step":"{}"{more}}}"#, step.name())
}

/// What the last event says of an image beside its record.
struct Description {
    /// The origin of its URL.
    origin: String,
    /// The prompt that was asked for.
    prompt: String,
}

impl Description {
    fn new(app: &App, request: &Request, prompt: &str) -> Self {
        Self { origin: app.origin(request), prompt: prompt.to_owned() }
    }

    /// The last event of a generation. One whose image was removed meanwhile has no image to point at.
    fn end(&self, reply: Result<MakerReply, Error>) -> String {
        let image = reply.and_then(FoundImage::of);
        match image.and_then(|image| if image.is_kept { Ok(image) } else { Err(Error::image_not_found()) }) {
            Ok(image) => self.done(&image),
            Err(error) => failed(&error),
        }
    }

    fn done(&self, image: &FoundImage) -> String {
        let FoundImage { id, record, hit, .. } = image;
        let url = format!("{}{}", self.origin, permalink(id, record));
        let Pixels(width, height) = record.size();
        let seed = record.seed.map_or(Value::Null, Value::from);
        let data = format!(
            r#"{{"id":"{id}","url":{},"markdown":{},"width":{width},"height":{height},"model":{},"seed":{seed},"prompt":{},"prompt_status":"{}","cached":{hit},"content_type":{},"bytes":{}}}"#,
            quoted(&url),
            quoted(&markdown::image(&self.prompt, &url)),
            quoted(&record.model),
            quoted(&record.prompt),
            record.status.as_str(),
            quoted(&record.content_type),
            record.bytes,
        );
        event("done", &data)
    }
}

/// The event of an error: its fields, its status, and when to come back.
fn failed(error: &Error) -> String {
    let mut data = envelope(error).get_mut("error").map(Value::take).unwrap_or_default();
    if let Value::Object(fields) = &mut data {
        fields.insert("status".into(), json!(error.status()));
        if let Some(seconds) = error.retry_after {
            fields.insert("retry_after".into(), json!(seconds));
        }
    }
    event("error", &data.to_string())
}
