//! Where the runtime comes in: one event, one request.

use worker::{Context, Env, Request, Response, Result, event};

use super::bindings;
use super::convert;

/// Runs once in an isolate: a panic, which should not be, leaves its message in the log.
#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// Answers a request.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let request = convert::request(&request)?;
    let app = bindings::app(&env);
    let response = app.handle(&request).await;
    convert::response(response, request.method)
}
