//! The static files, by the assets binding.

use worker::{Fetcher, Request, ResponseBody, web_sys};

use crate::http::{Body, Headers, Response};
use crate::ports::{Assets, Pending};

/// Any host will do: the binding looks at the path alone.
const HOST: &str = "https://assets.local";

/// The binding `ASSETS`.
pub(super) struct StaticAssets(pub(super) Fetcher);

impl Assets for StaticAssets {
    fn fetch<'a>(&'a self, path: &'a str) -> Pending<'a, Option<Response>> {
        Box::pin(async move {
            let request = web_sys::Request::new_with_str(&format!("{HOST}{path}")).ok()?;
            let file = self.0.fetch_request(Request::from(request)).await.ok()?;
            if file.status_code() != 200 {
                return None;
            }
            let headers: Headers = file.headers().entries().collect();
            let body = match file.body() {
                ResponseBody::Stream(stream) => Body::Stream(Box::new(stream.clone())),
                ResponseBody::Body(bytes) => Body::Bytes(bytes.clone()),
                ResponseBody::Empty => Body::Empty,
            };
            Some(Response { status: 200, headers, body })
        })
    }
}
