//! Image formats, detected from the bytes: the content type that an upstream declares is often wrong.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::size::Size;

/// The image formats that are accepted from an upstream. SVG is not among them: it is a document that can contain
/// scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageFormat {
    /// PNG
    Png,
    /// JPEG
    Jpeg,
    /// WebP
    Webp,
    /// GIF
    Gif,
}

impl ImageFormat {
    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
        }
    }
}

/// The file extension of a stored image's media type, for permalinks and file names.
pub fn extension(content_type: &str) -> &'static str {
    match content_type {
        "image/png" => "png",
        "image/webp" => "webp",
        "image/gif" => "gif",
        SVG => "svg",
        _ => "jpg",
    }
}

/// The largest image that is accepted, in bytes: KV stores values up to 25 MiB, an isolate has 128 MB in total.
pub const MAX_IMAGE_BYTES: usize = 20 * 1024 * 1024;

/// The smallest image that is accepted, in bytes: no picture of any use is smaller.
const MIN_IMAGE_BYTES: usize = 64;

/// The sides of an image that is accepted, in pixels: beyond them a header lies, or browsers do not show the image.
const SIDES: std::ops::RangeInclusive<u64> = 16..=8_192;

/// The end of a PNG: the type of its last chunk, which is empty, and that chunk's checksum.
const PNG_END: &[u8] = b"IEND\xAEB`\x82";

/// The bytes of a RIFF file that its length does not count.
const RIFF_HEADER: usize = 8;

/// The media type of the pictures that the Worker draws itself.
pub const SVG: &str = "image/svg+xml";

/// Width and height of an image from an upstream: any numbers, unlike those of a [`Size`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pixels(pub u64, pub u64);

impl fmt::Display for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.0, self.1)
    }
}

impl From<Size> for Pixels {
    fn from(size: Size) -> Self {
        Self(size.width().into(), size.height().into())
    }
}

/// Detects the format by its magic number.
pub fn sniff(bytes: &[u8]) -> Option<ImageFormat> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(ImageFormat::Png),
        [0xFF, 0xD8, 0xFF, ..] => Some(ImageFormat::Jpeg),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(ImageFormat::Webp),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(ImageFormat::Gif),
        _ => None,
    }
}

/// Reads width and height from the image's header; `None` if they cannot be read, or are no picture's.
pub fn pixels(bytes: &[u8]) -> Option<Pixels> {
    sniff(bytes)?;
    let size = imagesize::blob_size(bytes).ok()?;
    let length = |pixels: usize| u64::try_from(pixels).ok().filter(|pixels| SIDES.contains(pixels));
    Some(Pixels(length(size.width)?, length(size.height)?))
}

/// The format of a whole image: one that has a size, and ends as its format ends. `None` for anything else, such as the
/// half of a picture whose download broke off: what is stored is served for a month.
pub fn inspect(bytes: &[u8]) -> Option<ImageFormat> {
    let format = sniff(bytes).filter(|_| bytes.len() >= MIN_IMAGE_BYTES && pixels(bytes).is_some())?;
    // Some encoders and hosts pad a file with zeros.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let content = bytes.get(..end)?;
    let ends = match format {
        ImageFormat::Png => content.ends_with(PNG_END),
        ImageFormat::Jpeg => content.ends_with(&[0xFF, 0xD9]),
        ImageFormat::Gif => content.ends_with(b";"),
        ImageFormat::Webp => {
            let length = bytes.get(4..8).and_then(|length| length.try_into().ok()).map(u32::from_le_bytes)?;
            let whole = usize::try_from(length).ok()?.checked_add(RIFF_HEADER)?;
            (end..=bytes.len()).contains(&whole)
        }
    };
    ends.then_some(format)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\0\0\0\x03\0\x08\x02\0\0\0";
    const GIF: &[u8] = b"GIF89a\x20\x00\x10\x00\0\0\0";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x04\0\0\xff\xc0\x00\x0b\x08\x00\x40\x00\x80\x01\x01\x11\x00\xff\xd9";
    const WEBP: &[u8] = b"RIFF\x1a\0\0\0WEBPVP8 \x0e\0\0\0\0\0\0\x9d\x01\x2a\x40\x00\x30\x00";

    #[test]
    fn each_format_is_known_by_its_magic_number_and_has_its_pixels() {
        for (bytes, format, content_type, sides) in [
            (PNG, ImageFormat::Png, "image/png", Pixels(512, 768)),
            (GIF, ImageFormat::Gif, "image/gif", Pixels(32, 16)),
            (JPEG, ImageFormat::Jpeg, "image/jpeg", Pixels(128, 64)),
            (WEBP, ImageFormat::Webp, "image/webp", Pixels(64, 48)),
        ] {
            assert_eq!(sniff(bytes), Some(format));
            assert_eq!(format.content_type(), content_type);
            assert_eq!(pixels(bytes), Some(sides), "{format:?}");
        }
    }

    #[test]
    fn other_bytes_have_no_format() {
        for bytes in [
            &b""[..],
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"<!doctype html>",
            b"{}",
            b"RIFF____WAVE",
            b"GIF88a",
        ] {
            assert_eq!(sniff(bytes), None);
            assert_eq!(pixels(bytes), None);
        }
    }

    #[test]
    fn an_image_that_is_cut_short_or_empty_has_no_pixels() {
        assert_eq!(pixels(PNG.get(..18).unwrap_or_default()), None);
        assert_eq!(pixels(b"GIF89a\0\0\0\0\0\0\0"), None);
    }

    /// A header, some content and an end.
    fn whole(head: &[u8], end: &[u8]) -> Vec<u8> {
        [head, &[7; 64], end].concat()
    }

    /// A WebP with the right length.
    fn webp() -> Vec<u8> {
        let mut bytes = whole(WEBP, b"\0");
        let length = u32::try_from(bytes.len() - RIFF_HEADER).unwrap_or_default();
        bytes.splice(4..8, length.to_le_bytes());
        bytes
    }

    #[test]
    fn a_whole_image_ends_as_its_format_ends_zeros_aside() {
        let png_end = [b"\0\0\0\0", PNG_END].concat();
        for (bytes, format) in [
            (whole(PNG, &png_end), ImageFormat::Png),
            (whole(GIF, b"\0;"), ImageFormat::Gif),
            (whole(JPEG.get(..JPEG.len() - 2).unwrap_or_default(), b"\xff\xd9"), ImageFormat::Jpeg),
            (webp(), ImageFormat::Webp),
        ] {
            assert_eq!(inspect(&bytes), Some(format));
            assert_eq!(inspect(&[bytes.clone(), vec![0; 9]].concat()), Some(format), "with zeros after it");
            assert_eq!(inspect(&[bytes.clone(), b"<script>".to_vec()].concat()), None, "a polyglot: {format:?}");
            assert_eq!(inspect(bytes.get(..bytes.len() - 2).unwrap_or_default()), None, "cut off: {format:?}");
        }
    }

    #[test]
    fn an_image_of_no_size_is_none() {
        let png_end = [b"\0\0\0\0", PNG_END].concat();
        let png = |width: u32, height: u32| {
            let mut bytes = whole(PNG, &png_end);
            bytes.splice(16..24, [width.to_be_bytes(), height.to_be_bytes()].concat());
            inspect(&bytes)
        };
        assert_eq!((png(16, 8_192), png(8_192, 16)), (Some(ImageFormat::Png), Some(ImageFormat::Png)));
        for (width, height) in [(15, 64), (64, 8_193), (u32::MAX, u32::MAX), (0, 64)] {
            assert_eq!(png(width, height), None, "{width}x{height}");
        }
        assert_eq!(inspect(b"GIF89a\x20\x00\x10\x00/*<script>*/\0\0\0;"), None, "too few bytes");
    }
}
