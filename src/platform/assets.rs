//! The static files, from the assets binding.

use futures_util::future::LocalBoxFuture;
use worker::js_sys::Array;
use worker::web_sys;

use super::convert::body;
use super::fetcher::Fetcher;
use crate::http::{Headers, Response};
use crate::ports::Assets;

/// Any host will do: the binding uses only the path.
const HOST: &str = "https://assets.local";

/// The binding `ASSETS`.
pub(super) struct StaticAssets(pub(super) Fetcher);

impl Assets for StaticAssets {
    fn fetch<'a>(&'a self, path: &'a str) -> LocalBoxFuture<'a, Option<Response>> {
        Box::pin(async move {
            let request = web_sys::Request::new_with_str(&format!("{HOST}{path}")).ok()?;
            let file = self.0.send(&request).await.ok()?;
            if file.status() != 200 {
                return None;
            }
            let mut headers = Headers::default();
            for field in Array::from(&file.headers()).iter() {
                let field = Array::from(&field);
                headers.set(field.get(0).as_string()?, field.get(1).as_string()?);
            }
            Some(Response { status: 200, headers, body: body(&file) })
        })
    }
}
