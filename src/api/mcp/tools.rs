//! The two tools: what they take, and what they do.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};

use super::envelope::Call;
use super::progress;
use super::tool_result;
use crate::access::Caller;
use crate::api::image_fields::ImageFields;
use crate::api::image_query::ResolvedRequest;
use crate::api::images::{get_or_create, read_again};
use crate::api::json_fields::Fields;
use crate::app::App;
use crate::error::Error;
use crate::http::{Body, Request, Response};
use crate::ports::progress::{Tell, Telling};

/// The tools, as `tools/list` has them.
pub(super) const DESCRIPTIONS: &str = include_str!("tools.json");
/// The arguments of `generate_image`.
const ARGUMENTS: [&str; 6] = ["prompt", "size", "seed", "optimization", "model", "negative_prompt"];

/// Calls a tool. An error of the service is a result as well, which the client's model reads.
pub(super) async fn call(app: &App, request: &Request, call: Call) -> Response {
    let arguments = call.params.get("arguments");
    match call.params.get("name").and_then(Value::as_str) {
        Some("list_models") => call.result(&list_models(app, arguments)),
        Some("generate_image") => match prepare(app, arguments) {
            Ok(image) if progress::is_wanted(&call, request) => {
                let knows_links = call.knows_links;
                let work = Telling::new(|tell| draw(app.clone(), request, image, knows_links, Some(tell)));
                progress::stream(Rc::clone(&app.ports.clock), call, work)
            }
            Ok(image) => call.result(&draw(app.clone(), request, image, call.knows_links, None).await),
            Err(error) => call.result(&tool_result::failed(&error)),
        },
        _ => call.invalid_params("unknown tool"),
    }
}

/// The arguments, which must be of those names.
fn read(arguments: Option<&Value>, names: &[&str]) -> Result<Map<String, Value>, Error> {
    let arguments = match arguments {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(arguments)) => arguments.clone(),
        Some(_) => return Err(Error::invalid("arguments", "`arguments` is no object.")),
    };
    match arguments.keys().find(|name| !names.contains(&name.as_str())) {
        Some(unknown) => Err(Error::invalid(unknown, format!("`{unknown}` is no argument of this tool."))),
        None => Ok(arguments),
    }
}

fn list_models(app: &App, arguments: Option<&Value>) -> String {
    match read(arguments, &[]).and_then(|_| app.config.default_model()) {
        Ok(_) => tool_result::models(&app.config.models_on_offer()),
        Err(error) => tool_result::failed(&error),
    }
}

/// The image that is asked for.
fn prepare(app: &App, arguments: Option<&Value>) -> Result<ResolvedRequest, Error> {
    let fields = Fields(read(arguments, &ARGUMENTS)?);
    let query = ImageFields::parse(&fields, &app.config, &*app.normalizer)?.query;
    let image = query.request(&app.config, &*app.ports.random)?;
    image.ok_or_else(|| Error::missing_prompt("prompt", "`prompt` is missing."))
}

/// Draws a picture, or finds it: the same call as `POST /v1/images/generations`. A listener is told how it goes.
fn draw(
    app: App,
    request: &Request,
    image: ResolvedRequest,
    knows_links: bool,
    listener: Option<Tell>,
) -> LocalBoxFuture<'static, String> {
    let caller = Caller::of(&app.config.access, request, app.ports.clock.now_ms());
    let origin = app.origin(request);
    Box::pin(async move {
        let prompt = image.request.prompt.as_str().to_owned();
        // A caller who listens gets the bytes in base64: only a small picture is worth that, and it is read afterwards.
        let with_bytes = listener.is_none();
        match get_or_create(&app, &caller, image, with_bytes, listener.as_deref()).await {
            Ok(mut image) => {
                if matches!(image.body, Body::Empty) && tool_result::is_shown(&image.record) {
                    image.body = read_again(&app, &image.id).await;
                }
                tool_result::drawn(&origin, &prompt, image, knows_links).await
            }
            Err(error) => tool_result::failed(&error),
        }
    })
}
