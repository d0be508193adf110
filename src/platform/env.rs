//! What the owner bound and set, as the runtime hands it over.

use worker::js_sys::{JSON, Reflect};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{Env, console_warn};

/// The binding `name`; `None` where nothing is bound. `worker`'s own look-up compares the names of classes, for each
/// request and each binding.
pub(super) fn bound<T: JsCast>(env: &Env, name: &str) -> Option<T> {
    let binding = Reflect::get(env, &JsValue::from_str(name)).ok()?;
    binding.is_object().then(|| binding.unchecked_into())
}

/// A variable or secret, which `wrangler.toml` may also have as a number, a boolean or JSON.
pub(super) fn setting(env: &Env, name: &str) -> Option<String> {
    let value = Reflect::get(env, &JsValue::from_str(name)).ok()?;
    if value.is_undefined() || value.is_null() {
        return None;
    }
    value.as_string().or_else(|| JSON::stringify(&value).ok().map(String::from))
}

/// Notes trouble of the platform's in the log.
pub(super) fn warn(message: &str) {
    console_warn!("{message}");
}
