//! Looking an image up where it may be.

use crate::domain::ImageId;
use crate::error::Error;
use crate::pipeline::library;
use crate::pipeline::memory::STORE_RETRY_SECONDS;
use crate::ports::{Answer, How, Order, Outside, StoredImage, Want};

/// What the library says of an image.
pub enum Found {
    /// It is there.
    Image(StoredImage),
    /// It is not there; in a place that looked before, it may be there by now.
    Missing,
    /// The library could not be read, twice.
    Unreadable,
}

/// Reads the library: one read, and one more where the first failed.
pub async fn in_library(outside: &Outside, id: &ImageId) -> Found {
    for _ in 0..2 {
        match library::read(outside, id).await {
            Ok(Some(image)) => return Found::Image(image),
            Ok(None) => return Found::Missing,
            Err(error) => outside.log.warn(&format!("the library cannot be read: {error}")),
        }
    }
    Found::Unreadable
}

/// Asks the image's maker for what it still keeps; nothing is made.
pub async fn at_maker(outside: &Outside, id: &ImageId, want: Want) -> Result<Option<Answer>, Error> {
    let order = Order { id: id.clone(), request: None, want, refusal: None, visitor: None, hops: 0, deadline_ms: None };
    let answer = outside.image_maker.ask(order).await?;
    Ok((answer.how != How::Absent).then_some(answer))
}

/// The error of an image that is nowhere, when the library said `unreadable`.
pub fn nowhere(unreadable: bool) -> Error {
    if unreadable { Error::StoreUnavailable { retry_after: STORE_RETRY_SECONDS } } else { Error::ImageNotFound }
}
