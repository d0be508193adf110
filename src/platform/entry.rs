//! The entry point of the Worker.

use worker::web_sys::{Request, Response};
use worker::{Context, Env, event};

use super::js_error::js_message;
use super::{app, convert};
use crate::router;

/// Runs once per isolate: a panic, which should never happen, leaves its message in the log.
#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// Handles a request.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response, String> {
    let asked = convert::request(&request).map_err(|error| js_message(&error))?;
    let app = app::app(&env);
    let response = router::handle(&app, &asked).await;
    convert::response(response, asked.method, Some(&request)).await.map_err(|error| js_message(&error))
}
