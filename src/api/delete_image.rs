//! `DELETE /i/{id}`: removes a stored image.

use super::lookup::nowhere;
use super::params::decode;
use crate::access::Caller;
use crate::app::App;
use crate::domain::ImageId;
use crate::error::Error;
use crate::http::{Request, Response};
use crate::ports::{Order, Want};

/// Removes the image from the library and from its maker. Whether it was there is not said: a copy
/// that is cached somewhere may outlive it in any case.
pub async fn delete_image(app: &App, request: &Request, name: &str) -> Result<Response, Error> {
    let caller = Caller::of(&app.config, request, app.outside.clock.now_ms());
    caller.require_token()?;
    let name = decode("id", name)?;
    let id = ImageId::parse(name.split_once('.').map_or(&*name, |(id, _)| id)).ok_or(Error::ImageNotFound)?;
    // The maker first: it waits until it writes the image into the library no more, and forgets it.
    let order = Order {
        id: id.clone(),
        request: None,
        want: Want::Forget,
        refusal: None,
        visitor: None,
        hops: 0,
        deadline_ms: None,
    };
    app.outside.image_maker.ask(order).await?;
    if let Some(store) = &app.outside.store
        && let Err(error) = store.delete(&id).await
    {
        app.outside.log.warn(&format!("image {id} could not be removed: {error}"));
        return Err(nowhere(true));
    }
    Ok(Response::new(204))
}
