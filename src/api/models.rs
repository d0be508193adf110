//! `GET /v1/models`: the offered models, in OpenAI's format.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::Error;
use crate::http::Response;

use super::image_query::no_model;

/// Lists `IMAGE_MODELS`, the default first.
pub fn list(app: &App) -> Result<Response, Error> {
    app.config.default_model()?;
    let models: Vec<Value> = app.config.models_on_offer().into_iter().map(describe).collect();
    Ok(Response::json(200, &json!({ "object": "list", "data": models })).with("Cache-Control", "no-store"))
}

/// Describes one model, named in the path: a name may contain slashes, encoded or not.
pub fn one(app: &App, encoded: &str) -> Result<Response, Error> {
    let name = percent_decode_str(encoded).decode_utf8_lossy();
    let on_offer = app.config.models_on_offer();
    let known = app.config.model_named(&name).filter(|known| on_offer.contains(known));
    let known = known.ok_or_else(|| no_model(&name, &app.config))?;
    Ok(Response::json(200, &describe(known)).with("Cache-Control", "no-store"))
}

/// Describes a model; the part of its name before the slash is the owner.
fn describe(name: &str) -> Value {
    let owner = name.split_once('/').map_or("free-flux-api", |(owner, _)| owner);
    json!({ "id": name, "object": "model", "created": 0, "owned_by": owner })
}
