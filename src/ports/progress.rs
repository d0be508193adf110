//! The progress of an image that is being made, as its maker tells it.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

use super::lease::Place;
use crate::domain::DrawnPrompt;

/// The step at which an image is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It has come to this step.
    Step(Step),
    /// This is what will be drawn.
    Prompt(DrawnPrompt),
}

/// Hears the events of an image's making.
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
