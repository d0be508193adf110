//! Conditional requests: the validators of images, and `If-None-Match` (RFC 9110, section 13).

use crate::domain::{ImageId, ImageRecord};
use crate::http::Request;

/// The validator of an image at a URL with its id, where its record is not read.
pub fn of_id(id: &ImageId) -> String {
    format!("W/\"{id}\"")
}

/// The validator of an image; for an image that was made anew it includes the time.
pub fn of_record(id: &ImageId, record: &ImageRecord) -> String {
    if record.refreshed { format!("W/\"{id}-{}\"", record.time) } else { of_id(id) }
}

/// True if the request's tags include the image `id` in this version.
pub fn matches_record(request: &Request, id: &ImageId, record: &ImageRecord) -> bool {
    request.header("If-None-Match").is_some_and(|tags_header| {
        let current = of_record(id, record);
        tags_header.trim() == "*" || tags(&tags_header).any(|tag| tag == current.trim_start_matches("W/"))
    })
}

/// True if the request's tags include any version of the image `id`. This is enough at a URL with the id, where a copy
/// stays valid for good.
pub fn matches_id(request: &Request, id: &ImageId) -> bool {
    request.header("If-None-Match").is_some_and(|tags_header| {
        tags(&tags_header).any(|tag| {
            let tag = tag.trim_matches('"');
            tag.strip_prefix(id.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.strip_prefix('-').is_some_and(is_time))
        })
    })
}

fn is_time(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The tags of `If-None-Match`, prepared for weak comparison.
fn tags(if_none_match: &str) -> impl Iterator<Item = &str> {
    if_none_match.split(',').map(|tag| tag.trim().trim_start_matches("W/"))
}
