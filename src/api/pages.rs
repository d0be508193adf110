//! The usage page, shown at `/` if the request asks for no image.

use crate::app::App;
use crate::error::Error;
use crate::http::Response;

/// The path of the page in the static files.
const USAGE: &str = "/docs/";

/// Handles `/`: the page's file, with the headers from `assets/_headers`.
pub async fn usage(app: &App) -> Result<Response, Error> {
    let assets = app.assets.as_ref().ok_or_else(|| {
        Error::misconfigured("The binding ASSETS is missing: see [assets] in wrangler.toml.".to_owned())
    })?;
    assets.fetch(USAGE).await.ok_or(Error::not_found())
}
