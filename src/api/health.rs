//! `/health`: tells everyone whether images can be made and prompts rewritten, and the owner how the keys stand.

use serde_json::{Value, json};

use crate::access::Caller;
use crate::app::App;
use crate::error::Error;
use crate::http::{Request, Response};
use crate::ports::lease::Slot;

/// What to set where prompts cannot be rewritten.
const NO_CHAT_API: &str = "Prompts are drawn as they are: set PROCESS_API_KEY (a free key of open.bigmodel.cn), set \
                           IMAGE_API_KEYS, or bind Workers AI as AI.";

/// The status and the version; whether there is anything to draw with and to rewrite prompts with, and if not what to
/// set. With an owner's token also the keys and the bindings. Never a secret.
pub async fn health(app: &App, request: &Request) -> Result<Response, Error> {
    let cannot_draw = app.config.check_can_make().err().map(|error| error.message);
    let rewrites = !app.config.chats.is_empty();
    let why = cannot_draw.clone().or_else(|| (!rewrites).then(|| NO_CHAT_API.to_owned()));
    let mut health = json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "draws": cannot_draw.is_none(),
        "rewrites": rewrites,
    });
    let caller = Caller::of(&app.config.access, request, app.ports.clock.now_ms());
    if let Value::Object(fields) = &mut health {
        fields.extend(why.map(|why| ("why".to_owned(), why.into())));
        if caller.is_owner {
            fields.insert("keys".into(), keys(app).await);
            fields.insert("bindings".into(), bindings(app));
        }
    }
    Ok(Response::json(200, &health).with("Cache-Control", "no-store"))
}

/// The optional bindings, each with true if it is bound.
fn bindings(app: &App) -> Value {
    json!({
        "FLUX_API": app.ports.store.is_some(),
        "AI": app.ports.ai.is_some(),
        "RATE_LIMITER": app.rate_limiter.is_some(),
        "LOOKUP_LIMITER": app.lookup_limiter.is_some(),
        "ANALYTICS": app.analytics.is_some(),
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
