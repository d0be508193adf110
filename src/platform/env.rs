//! The bindings and settings that the runtime passes in.

use worker::js_sys::{JSON, Reflect};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{Env, console_warn};

/// The binding `name`; `None` if it is not bound. The look-up of `worker` compares class names, for each request and
/// each binding.
pub(super) fn bound<T: JsCast>(env: &Env, name: &str) -> Option<T> {
    let binding = Reflect::get(env, &JsValue::from_str(name)).ok()?;
    binding.is_object().then(|| binding.unchecked_into())
}

/// A variable or secret; `wrangler.toml` may also contain a number, a boolean or JSON.
pub(super) fn setting(env: &Env, name: &str) -> Option<String> {
    let value = Reflect::get(env, &JsValue::from_str(name)).ok()?;
    if value.is_undefined() || value.is_null() {
        return None;
    }
    value.as_string().or_else(|| JSON::stringify(&value).ok().map(String::from))
}

/// Logs a failure of the platform.
pub(super) fn warn(message: &str) {
    console_warn!("{message}");
}
