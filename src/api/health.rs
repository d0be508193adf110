//! `/health`: the service's status, with details for the owner.

use serde_json::{Value, json};

use crate::access::Caller;
use crate::app::App;
use crate::error::Error;
use crate::http::{Request, Response};
use crate::ports::lease::Slot;

/// The status and the version; with a token also the keys and the bindings. It never contains a secret.
pub async fn health(app: &App, request: &Request) -> Result<Response, Error> {
    let mut health = json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") });
    let caller = Caller::of(&app.config.access, request, app.ports.clock.now_ms());
    if let (true, Value::Object(fields)) = (caller.has_token, &mut health) {
        fields.insert("keys".into(), keys(app).await);
        fields.insert("bindings".into(), bindings(app));
        let problem = app.config.check_can_make().err().map(|error| error.message);
        fields.insert("problem".into(), problem.into());
    }
    Ok(Response::json(200, &health).with("Cache-Control", "no-store"))
}

/// The optional bindings, each with true if it is bound.
fn bindings(app: &App) -> Value {
    json!({
        "FLUX_API": app.ports.store.is_some(),
        "RATE_LIMITER": app.rate_limited,
        "LOOKUP_LIMITER": app.lookup_limiter.is_some(),
        "ASSETS": app.assets.is_some(),
    })
}

/// The number of ready, cooling and disabled keys; `null` if the ring cannot be asked.
async fn keys(app: &App) -> Value {
    let slots = app.config.endpoints.iter().map(Slot::from).collect();
    match app.ports.key_ring.snapshot(slots).await {
        Ok(snapshot) => serde_json::to_value(snapshot).unwrap_or_default(),
        Err(error) => {
            app.ports.log.warn(&format!("the key ring cannot be asked: {error}"));
            Value::Null
        }
    }
}
