//! JavaScript's errors.

use worker::js_sys;
use worker::wasm_bindgen::{JsCast, JsValue};

use crate::ports::StoreError;

/// The message of a JavaScript error.
pub(super) fn js_message(error: &JsValue) -> String {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| error.message().into());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "it failed without a message".to_owned())
}

/// Converts a JavaScript error to the core's type.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` has it")]
pub(super) fn store_error(error: JsValue) -> StoreError {
    StoreError(js_message(&error))
}
