//! An image's width and height.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, excerpt};

/// The shortest side, in pixels.
pub const MIN_SIDE: u32 = 64;
/// The longest side, in pixels.
pub const MAX_SIDE: u32 = 2_048;

/// Width and height in pixels, each [`MIN_SIDE`] to [`MAX_SIDE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// Parses `WIDTHxHEIGHT`; the separator is `x`, `X`, `×` or `*`.
    pub fn parse(param: &str, text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::invalid(
                param,
                format!(
                    "`{param}` is “{}”; it takes WIDTHxHEIGHT, each side {MIN_SIDE} to {MAX_SIDE}, such as 512x512.",
                    excerpt(text)
                ),
            )
        };
        let (width, height) = text.trim().split_once(['x', 'X', '×', '*']).ok_or_else(wrong)?;
        Self::of(side(width).ok_or_else(wrong)?, side(height).ok_or_else(wrong)?).ok_or_else(wrong)
    }

    /// Parses `width` and `height` given as two parameters.
    pub fn parse_sides(width: &str, height: &str) -> Result<Self, Error> {
        let read = |param: &str, text: &str| {
            side(text).filter(|side| (MIN_SIDE..=MAX_SIDE).contains(side)).ok_or_else(|| {
                Error::invalid(param, format!("`{param}` is “{}”; it takes {MIN_SIDE} to {MAX_SIDE}.", excerpt(text)))
            })
        };
        Ok(Self { width: read("width", width)?, height: read("height", height)? })
    }

    /// A size with these sides; `None` if one is out of range.
    pub fn of(width: u32, height: u32) -> Option<Self> {
        let range = MIN_SIDE..=MAX_SIDE;
        (range.contains(&width) && range.contains(&height)).then_some(Self { width, height })
    }

    /// The width in pixels.
    pub fn width(self) -> u32 {
        self.width
    }

    /// The height in pixels.
    pub fn height(self) -> u32 {
        self.height
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// Parses decimal digits only: `u32::from_str` would accept a sign too.
fn side(text: &str) -> Option<u32> {
    let text = text.trim();
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_between_the_sides_is_read() {
        for text in ["512x768", "512X768", "512×768", "512*768", " 512 x 768 "] {
            assert_eq!(Size::parse("size", text).map(|size| size.to_string()), Ok("512x768".into()), "{text}");
        }
    }

    #[test]
    fn an_invalid_size_is_an_error_that_names_the_parameter_and_the_value() {
        for text in
            ["", "512", "x", "512x", "63x64", "64x2049", "-64x64", "+64x64", "1e3x64", "64x64x64", "99999999999x64"]
        {
            let error = Size::parse("size", text).err();
            assert_eq!(error.as_ref().and_then(|error| error.param.as_deref()), Some("size"), "{text}");
            assert!(error.is_some_and(|e| e.to_string().contains(text)), "{text}");
        }
    }
}
