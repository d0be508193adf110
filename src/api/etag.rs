//! Conditional requests: the validators of images, and `If-None-Match` (RFC 9110, section 13).

use crate::domain::{ImageId, ImageRecord};
use crate::http::Request;

/// The validator of an image at a URL that carries its id, where its record is not looked at.
pub fn of_id(id: &ImageId) -> String {
    format!("W/\"{id}\"")
}

/// The validator of an image: one that was made anew under its id says when.
pub fn of_record(id: &ImageId, record: &ImageRecord) -> String {
    if record.refreshed { format!("W/\"{id}-{}\"", record.time) } else { of_id(id) }
}

/// Whether a request names the image `id` as it is recorded.
pub fn matches_record(request: &Request, id: &ImageId, record: &ImageRecord) -> bool {
    let own = of_record(id, record);
    request
        .header("If-None-Match")
        .is_some_and(|known| known.trim() == "*" || tags(&known).any(|tag| tag == own.trim_start_matches("W/")))
}

/// Whether a request names any version of the image `id`: enough at a URL that carries the
/// id, where a copy holds for good.
pub fn matches_id(request: &Request, id: &ImageId) -> bool {
    request.header("If-None-Match").is_some_and(|known| {
        tags(&known).any(|tag| {
            let tag = tag.trim_matches('"');
            tag.strip_prefix(id.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.strip_prefix('-').is_some_and(is_time))
        })
    })
}

fn is_time(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The tags of `If-None-Match`, compared weakly.
fn tags(if_none_match: &str) -> impl Iterator<Item = &str> {
    if_none_match.split(',').map(|tag| tag.trim().trim_start_matches("W/"))
}
