//! Where the runtime comes in: one event, one request.

use worker::web_sys::{Request, Response};
use worker::{Context, Env, event};

use super::bindings;
use super::convert;
use super::service::words;

/// Runs once in an isolate: a panic, which should not be, leaves its message in the log.
#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// Answers a request.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response, String> {
    let request = convert::request(&request).map_err(|error| words(&error))?;
    let app = bindings::app(&env);
    let response = app.handle(&request).await;
    convert::response(response, request.method).map_err(|error| words(&error))
}
