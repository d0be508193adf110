//! The name under which an image is saved.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::{ImageId, ImageRecord};

/// The characters of an id in a file name.
const ID_CHARS: usize = 8;

/// The characters that are escaped in `filename*`: all but those of RFC 8187's `attr-char` that names have.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// What no file name has: ASCII but letters and digits, white space, punctuation of other scripts.
fn is_gap(c: char) -> bool {
    let is_sign =
        matches!(c, '\u{80}'..='\u{BF}' | '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FF0F}');
    is_sign || c.is_whitespace() || (c.is_ascii() && !c.is_ascii_alphanumeric())
}

/// The value of `Content-Disposition` (RFC 6266): the first words of the prompt that was asked for, a part of the id, and
/// the extension.
pub fn content_disposition(id: &ImageId, record: &ImageRecord) -> String {
    let words = record.asked.words.split(is_gap).filter(|word| !word.is_empty());
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
