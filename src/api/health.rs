//! `/health`: whether the service is up; and to its owner, how it stands.

use serde_json::Value;

use crate::access;
use crate::app::App;
use crate::config::Endpoint;
use crate::error::Error;
use crate::http::{Request, Response};
use crate::json::{Json as _, object};
use crate::ports::Slot;

/// The status and the version; with a token also the keys and the bindings. Never a secret.
pub async fn health(app: &App, request: &Request) -> Result<Response, Error> {
    let mut health = object! { "status": "ok", "version": env!("CARGO_PKG_VERSION") };
    if access::has_token(&app.config, request)
        && let Value::Object(fields) = &mut health
    {
        fields.insert("keys".into(), keys(app).await);
        fields.insert(
            "bindings".into(),
            object! {
                "FLUX_API": app.outside.store.is_some(),
                "RATE_LIMITER": app.rate_limited,
                "ASSETS": app.assets.is_some(),
            },
        );
        let problem = app.config.check_can_make().err().map(|error| error.to_string());
        fields.insert("problem".into(), problem.into());
    }
    Ok(Response::json(200, &health).with("Cache-Control", "no-store"))
}

/// How many keys are ready, cooling and disabled; `null` where the ring cannot be asked.
async fn keys(app: &App) -> Value {
    let slots = app.config.endpoints.iter().map(Endpoint::slot).collect::<Vec<Slot>>();
    match app.outside.key_ring.snapshot(slots).await {
        Ok(snapshot) => snapshot.to_json(),
        Err(error) => {
            app.outside.log.warn(&format!("the key ring cannot be asked: {error}"));
            Value::Null
        }
    }
}
