//! The name under which an image is saved.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::{ImageId, ImageRecord};

/// The characters of an id in a file name.
const ID_CHARS: usize = 8;

/// The characters that are escaped in `filename*`: all but those of RFC 8187's `attr-char` that names have.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// The value of `Content-Disposition` (RFC 6266): the first words of the prompt that was asked for, a part of the id, and
/// the extension.
pub fn content_disposition(id: &ImageId, record: &ImageRecord) -> String {
    let words = record.asked.words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words = words.collect::<Vec<_>>().join("-");
    let end = format!("{}.{}", id.as_str().get(..ID_CHARS).unwrap_or_default(), record.extension());
    if words.is_empty() {
        return format!("inline; filename=\"{end}\"");
    }
    if words.is_ascii() {
        return format!("inline; filename=\"{words}-{end}\"");
    }
    let encoded = utf8_percent_encode(&words, ESCAPED);
    format!("inline; filename=\"image-{end}\"; filename*=UTF-8''{encoded}-{end}")
}
