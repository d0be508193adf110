//! The usage page, which `/` shows to whoever asks for no image.

use crate::app::App;
use crate::error::Error;
use crate::http::Response;

/// Where the page is among the static files.
const USAGE: &str = "/docs/";

/// `/`: the page's file, with the headers that `assets/_headers` gives it.
pub async fn usage(app: &App) -> Result<Response, Error> {
    let assets = app.assets.as_ref().ok_or_else(|| {
        Error::misconfigured("The binding ASSETS is missing: see [assets] in wrangler.toml.".to_owned())
    })?;
    assets.fetch(USAGE).await.ok_or(Error::not_found())
}
