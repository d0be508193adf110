//! A caller who reads an image's making as it happens.

use std::cell::RefCell;
use std::rc::Rc;

use free_flux_api::http::{Body, Headers};
use free_flux_api::router;
use serde_json::Value;

use super::reply::TestRequest;
use super::tasks::Task;
use super::test_app::TestApp;

/// An event, or a comment, that was heard.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Heard {
    /// The time since the request was sent.
    pub(crate) at_ms: u64,
    /// The event's name; `:` for a comment.
    pub(crate) name: String,
    pub(crate) data: Value,
}

impl Heard {
    /// The event in brief: `waiting 2`, `drawing`, `prompt`, `error`.
    pub(crate) fn brief(&self) -> String {
        match (self.data["step"].as_str(), &self.data["position"]) {
            (Some(step), Value::Null) => step.to_owned(),
            (Some(step), position) => format!("{step} {position}"),
            (None, _) => self.name.clone(),
        }
    }
}

/// The caller.
pub(crate) struct Watcher {
    heard: Rc<RefCell<Vec<Heard>>>,
    task: Task<(u16, Headers)>,
}

impl Watcher {
    /// What was heard so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.borrow().clone()
    }

    /// The events that were heard so far, in brief.
    pub(crate) fn briefly(&self) -> Vec<String> {
        self.heard().iter().filter(|heard| heard.name != ":").map(Heard::brief).collect()
    }

    /// The caller leaves.
    pub(crate) fn leave(&self) {
        self.task.leave();
    }
}

impl TestApp {
    /// Asks for the making of the image at `path`.
    pub(crate) fn watch(&self, path: &str) -> Watcher {
        self.watch_by(TestRequest::get(path))
    }

    pub(crate) fn watch_by(&self, request: TestRequest) -> Watcher {
        let app = self.core(request.place);
        let time = Rc::clone(self.tasks.time());
        let heard = Rc::new(RefCell::new(Vec::new()));
        let hearing = Rc::clone(&heard);
        let task = self.tasks.start(async move {
            let from_ms = time.now_ms();
            let hear = |text: &str| {
                let at_ms = time.now_ms() - from_ms;
                hearing.borrow_mut().extend(events(text).into_iter().map(|(name, data)| Heard { at_ms, name, data }));
            };
            let response = router::handle(&app, &request.with("Accept", "text/event-stream").sent()).await;
            match response.body {
                Body::Live(mut live) => {
                    while let Some(pieces) = live.next().await {
                        let bytes = Body::Live(Box::new(pieces)).into_bytes().await.expect("pieces that are there");
                        hear(&String::from_utf8(bytes).expect("text"));
                    }
                }
                body => hear(&String::from_utf8(body.into_bytes().await.expect("a whole body")).expect("text")),
            }
            (response.status, response.headers)
        });
        Watcher { heard, task }
    }

    /// Waits until the stream ends: the status, the headers, and all that was heard.
    pub(crate) fn end(&self, watcher: &Watcher) -> (u16, Headers, Vec<Heard>) {
        let (status, headers) = self.tasks.finish(&watcher.task);
        let heard = watcher.heard();
        self.texts.borrow_mut().push(format!("{heard:?}"));
        (status, headers, heard)
    }
}

/// The events of a text; each is whole.
fn events(text: &str) -> Vec<(String, Value)> {
    let blocks = text.split("\n\n").filter(|block| !block.is_empty());
    blocks.map(|block| event(block).unwrap_or_else(|| panic!("no event: {block}"))).collect()
}

fn event(block: &str) -> Option<(String, Value)> {
    if block.starts_with(':') {
        return Some((":".to_owned(), Value::Null));
    }
    if block.starts_with('{') {
        return Some(("answer".to_owned(), serde_json::from_str(block).ok()?));
    }
    let (name, data) = block.strip_prefix("event: ")?.split_once("\ndata: ")?;
    Some((name.to_owned(), serde_json::from_str(data).ok()?))
}
