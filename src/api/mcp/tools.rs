//! The two tools: what they take, and what they do.

use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};

use super::envelope::Call;
use super::progress;
use super::tool_result;
use crate::access::Caller;
use crate::api::image_fields::ImageFields;
use crate::api::image_query::ResolvedRequest;
use crate::api::images::get_or_create;
use crate::api::json_fields::Fields;
use crate::app::App;
use crate::error::Error;
use crate::http::{Request, Response};

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
                let (ports, id) = (app.ports.clone(), image.request.id());
                let work = draw(app.clone(), request, image, call.knows_links);
                progress::stream(ports, id, call, work)
            }
            Ok(image) => call.result(&draw(app.clone(), request, image, call.knows_links).await),
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

/// Draws a picture, or finds it: the same call as `POST /v1/images/generations`.
fn draw(app: App, request: &Request, image: ResolvedRequest, knows_links: bool) -> LocalBoxFuture<'static, String> {
    let caller = Caller::of(&app.config.access, request, app.ports.clock.now_ms());
    let origin = app.absolute(request, "/").trim_end_matches('/').to_owned();
    Box::pin(async move {
        let prompt = image.request.prompt.as_str().to_owned();
        match get_or_create(&app, &caller, image, true).await {
            Ok(image) => tool_result::drawn(&origin, &prompt, image, knows_links).await,
            Err(error) => tool_result::failed(&error),
        }
    })
}
