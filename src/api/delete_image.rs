//! `DELETE /i/{id}`: removes a stored image.

use super::images;
use crate::access::Caller;
use crate::app::App;
use crate::domain::ImageId;
use crate::error::Error;
use crate::http::{Request, Response};

/// Removes the image from the store and from its maker. The response does not say if it existed: a cached copy may
/// outlive it in any case.
pub async fn delete_image(app: &App, request: &Request, name: &str) -> Result<Response, Error> {
    Caller::of(&app.config.access, request, app.ports.clock.now_ms()).require_owner()?;
    images::delete(&app.ports, &ImageId::from_path(name)?).await?;
    Ok(Response::new(204))
}
