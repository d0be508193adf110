//! The progress of an image that is being made, as its maker tells it.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};

use super::lease::Place;
use crate::domain::DrawnPrompt;

/// The step at which an image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The prompt is being rewritten.
    Rewriting,
    /// It waits for a key, at this place in line.
    Waiting(Place),
    /// The image API is at work.
    Drawing {
        /// The model, as the image's record will name it.
        model: String,
        /// The vendor, if this service knows it by name.
        provider: Option<String>,
    },
    /// The bytes are being fetched.
    Fetching,
    /// The image is being kept.
    Storing,
}

impl Step {
    /// The name, as callers see it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rewriting => "rewriting",
            Self::Waiting(_) => "waiting",
            Self::Drawing { .. } => "drawing",
            Self::Fetching => "fetching",
            Self::Storing => "storing",
        }
    }
}

/// What is told of an image while it is being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It has come to this step.
    Step(Step),
    /// This is what will be drawn.
    Prompt(DrawnPrompt),
}

impl Event {
    /// The event as JSON of our own. By hand, and likewise its reader: derived ones of these enums weigh some 2 KB.
    pub fn to_json(&self) -> String {
        let step = match self {
            Self::Prompt(prompt) => return format!(r#"{{"prompt":{}}}"#, json!(prompt)),
            Self::Step(step) => step,
        };
        let more = match step {
            Step::Waiting(place) => format!(r#","place":{}"#, json!([place.position, place.ready_at_ms])),
            Step::Drawing { model, provider } => format!(r#","by":{}"#, json!([model, provider])),
            Step::Rewriting | Step::Fetching | Step::Storing => String::new(),
        };
        format!(r#"{{"step":"{}"{more}}}"#, step.name())
    }

    /// Reads what [`Event::to_json`] wrote; `None` for anything else.
    pub fn from_json(json: &str) -> Option<Self> {
        let mut value: Value = serde_json::from_str(json).ok()?;
        if let Some(prompt) = value.get_mut("prompt") {
            return serde_json::from_value(prompt.take()).ok().map(Self::Prompt);
        }
        let part = |name, at: usize| value.get(name)?.get(at);
        let text = |at| part("by", at)?.as_str().map(str::to_owned);
        Some(Self::Step(match value.get("step")?.as_str()? {
            "rewriting" => Step::Rewriting,
            "waiting" => {
                let position = usize::try_from(part("place", 0)?.as_u64()?).ok()?;
                Step::Waiting(Place { position, ready_at_ms: part("place", 1)?.as_u64() })
            }
            "drawing" => Step::Drawing { model: text(0)?, provider: text(1) },
            "fetching" => Step::Fetching,
            "storing" => Step::Storing,
            _ => return None,
        }))
    }
}

/// Hears the events of an image's making; `None` for a caller who wants the image alone.
pub type Listener<'a> = Option<&'a dyn Fn(Event)>;

/// Hears the events of [`Telling`].
pub type Tell = Rc<dyn Fn(Event)>;

/// Work that tells events before it ends.
pub struct Telling<T> {
    work: Option<LocalBoxFuture<'static, T>>,
    result: Option<T>,
    told: Rc<RefCell<Vec<Event>>>,
}

/// The next thing to be heard of such work.
pub enum News<T> {
    /// Events, at least one.
    Told(Vec<Event>),
    /// Its result.
    Ended(T),
}

impl<T> Telling<T> {
    /// The work that `start` makes, which gets the function that hears its events.
    pub fn new(start: impl FnOnce(Tell) -> LocalBoxFuture<'static, T>) -> Self {
        let told = Rc::new(RefCell::new(Vec::new()));
        let heard = Rc::clone(&told);
        let work = start(Rc::new(move |event| heard.borrow_mut().push(event)));
        Self { work: Some(work), result: None, told }
    }

    /// What is told next; `None` after the result.
    pub async fn next(&mut self) -> Option<News<T>> {
        poll_fn(|context| {
            if let Some(work) = &mut self.work
                && let Poll::Ready(result) = work.as_mut().poll(context)
            {
                self.work = None;
                self.result = Some(result);
            }
            // Events are told while the work is polled, so that its own waker is enough.
            let told = self.told.take();
            if !told.is_empty() {
                return Poll::Ready(Some(News::Told(told)));
            }
            match self.result.take() {
                None if self.work.is_some() => Poll::Pending,
                result => Poll::Ready(result.map(News::Ended)),
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Prompt, PromptStatus};

    #[test]
    fn every_event_is_the_same_again_on_the_other_side_and_a_reply_is_none() {
        let place = |position, ready_at_ms| Step::Waiting(Place { position, ready_at_ms });
        let drawing =
            |provider: Option<&str>| Step::Drawing { model: "m/\"".into(), provider: provider.map(Into::into) };
        let steps = [
            Step::Rewriting,
            place(1, None),
            place(300, Some(1_780_000_000_000)),
            drawing(None),
            drawing(Some("SiliconFlow")),
            Step::Fetching,
            Step::Storing,
        ];
        let prompt = Prompt::from_model("一只猫\n\"").unwrap_or_else(|| unreachable!());
        let prompt = Event::Prompt(DrawnPrompt { prompt, status: PromptStatus::Optimized });
        for event in steps.into_iter().map(Event::Step).chain([prompt]) {
            let json = event.to_json();
            assert!(!json.contains('\n'), "{json}");
            assert_eq!(Event::from_json(&json), Some(event), "{json}");
        }
        for other in ["", "null", "[]", r#"{"Ok":{"step":1}}"#, r#"{"step":"waiting"}"#, r#"{"step":"flying"}"#] {
            assert_eq!(Event::from_json(other), None, "{other}");
        }
    }
}
