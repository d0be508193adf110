//! An image's width and height.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, excerpt};

/// The shortest side, in pixels.
pub const MIN_SIDE: u32 = 64;
/// The longest side, in pixels.
pub const MAX_SIDE: u32 = 2_048;

/// The sizes of aspect ratios: those that FLUX.1-schnell lists, and 4:3.
pub const RATIOS: [(&str, u32, u32); 7] = [
    ("1:1", 1_024, 1_024),
    ("1:2", 512, 1_024),
    ("3:2", 768, 512),
    ("3:4", 768, 1_024),
    ("4:3", 1_024, 768),
    ("16:9", 1_024, 576),
    ("9:16", 576, 1_024),
];

/// The signs that may stand between the sides.
const SEPARATORS: [char; 7] = ['x', 'X', '×', '*', '＊', 'ｘ', 'Ｘ'];

/// Width and height in pixels, each [`MIN_SIDE`] to [`MAX_SIDE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// Parses `WIDTHxHEIGHT`, with one of [`SEPARATORS`] between the sides, or a ratio of [`RATIOS`].
    pub fn parse(param: &str, text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::invalid(
                param,
                format!(
                    "`{param}` is “{}”; it takes WIDTHxHEIGHT, each side {MIN_SIDE} to {MAX_SIDE}, such as 512x512, \
                     or a ratio: {}.",
                    excerpt(text),
                    RATIOS.map(|(ratio, ..)| ratio).join(", ")
                ),
            )
        };
        if let Some(size) = Self::of_ratio(text.trim()) {
            return Ok(size);
        }
        let (width, height) = text.trim().split_once(SEPARATORS).ok_or_else(wrong)?;
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

    /// The size of a ratio; `None` if it is not in the table.
    fn of_ratio(text: &str) -> Option<Self> {
        let text = text.replace('：', ":");
        let (_, width, height) = RATIOS.iter().find(|(ratio, ..)| *ratio == text)?;
        Self::of(*width, *height)
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
        for text in ["512x768", "512X768", "512×768", "512*768", "512＊768", "512ｘ768", " 512 x 768 "] {
            assert_eq!(Size::parse("size", text).map(|size| size.to_string()), Ok("512x768".into()), "{text}");
        }
    }

    #[test]
    fn a_ratio_of_the_table_is_a_size_and_another_is_none() {
        for (ratio, size) in [("16:9", "1024x576"), (" 4:3 ", "1024x768"), ("3：4", "768x1024"), ("1:1", "1024x1024")]
        {
            assert_eq!(Size::parse("size", ratio).map(|size| size.to_string()), Ok(size.into()), "{ratio}");
        }
        for ratio in ["5:4", "16:9:1", "1:", ":", "016:9"] {
            assert!(Size::parse("size", ratio).is_err(), "{ratio}");
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
