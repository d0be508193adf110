//! Data points about hits, in Analytics Engine.

use serde_json::json;
use worker::js_sys::JSON;
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;

use super::env::warn;
use super::js_error::js_message;
use crate::ports::Analytics;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
extern "C" {
    /// The runtime's data set.
    pub(super) type DataSet;

    #[wasm_bindgen(method, catch, js_name = writeDataPoint)]
    fn write_data_point(this: &DataSet, point: &JsValue) -> Result<(), JsValue>;
}

/// The data set that is bound as `ANALYTICS`.
pub(super) struct BoundDataSet(pub(super) DataSet);

impl Analytics for BoundDataSet {
    fn hit(&self, id: &str, cache: &str, status: u16) {
        let point = json!({ "indexes": [id], "blobs": [id, cache], "doubles": [status] }).to_string();
        let written = JSON::parse(&point).and_then(|point| self.0.write_data_point(&point));
        if let Err(error) = written {
            warn(&format!("a hit cannot be counted: {}", js_message(&error)));
        }
    }
}
