//! The static files, by the assets binding.

use worker::{Fetcher, Request, web_sys};

use super::convert::body;
use crate::http::{Headers, Response};
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
            Some(Response { status: 200, headers, body: body(&file) })
        })
    }
}
