//! The sizes that a model takes.

use crate::domain::Size;

/// The sizes that a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sizes {
    /// Every size.
    Any,
    /// These widths and heights.
    Listed(&'static [(u32, u32)]),
    /// Sides within a range.
    Sides {
        /// The shortest side.
        min: u32,
        /// The longest side.
        max: u32,
        /// Each side is a multiple of this, and so are the two above.
        step: u32,
        /// The most pixels of the whole.
        max_pixels: u32,
    },
}

impl Sizes {
    /// The width and height that come nearest to `size`: nearest in shape first, then in pixels, since a page has room of
    /// a given shape for its picture.
    pub fn nearest(self, size: Size) -> (u32, u32) {
        let (width, height) = (size.width(), size.height());
        match self {
            Self::Any => (width, height),
            Self::Listed(sizes) => sizes
                .iter()
                .copied()
                .min_by_key(|sides| (distortion((width, height), *sides), pixels(*sides).abs_diff(width * height)))
                .unwrap_or((width, height)),
            Self::Sides { min, max, step, max_pixels } => within((width, height), (min, max), step, max_pixels),
        }
    }
}

/// The number of pixels.
fn pixels((width, height): (u32, u32)) -> u32 {
    width.saturating_mul(height)
}

/// How much longer one side becomes than the other when a picture of the shape `from` gets the shape `to`, in
/// thousandths: 1,000 means not at all.
fn distortion(from: (u32, u32), to: (u32, u32)) -> u64 {
    let one = u64::from(from.0) * u64::from(to.1);
    let other = u64::from(from.1) * u64::from(to.0);
    one.max(other) * 1_000 / one.min(other).max(1)
}

/// Scales a size until it is within the limits, keeping its shape as far as they allow.
fn within((width, height): (u32, u32), (min, max): (u32, u32), step: u32, max_pixels: u32) -> (u32, u32) {
    let (mut width, mut height) = (width.max(1), height.max(1));
    let shortest = width.min(height);
    if shortest < min {
        (width, height) = (width * min / shortest, height * min / shortest);
    }
    let longest = width.max(height);
    if longest > max {
        (width, height) = (width * max / longest, height * max / longest);
    }
    // Where the area is the limit, rounding up would exceed it.
    let mut half = step / 2;
    if pixels((width, height)) > max_pixels {
        let (wide, high) = (u64::from(width), u64::from(height));
        let scaled = (u64::from(max_pixels) * wide / high).isqrt();
        (width, height) = (narrow(scaled), narrow(scaled * high / wide.max(1)));
        half = 0;
    }
    let fit = |side: u32| ((side + half) / step * step).clamp(min, max);
    let (mut width, mut height) = (fit(width), fit(height));
    while pixels((width, height)) > max_pixels && width.max(height) > min {
        let longer = if width >= height { &mut width } else { &mut height };
        *longer -= step;
    }
    (width, height)
}

/// A side that is known to be short.
fn narrow(side: u64) -> u32 {
    u32::try_from(side).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::provider::PROVIDERS;

    fn size(width: u32, height: u32) -> Size {
        Size::of(width, height).unwrap_or_else(|| unreachable!("{width}x{height}"))
    }

    const COGVIEW: Sizes = Sizes::Sides { min: 512, max: 2_048, step: 16, max_pixels: 1 << 21 };

    #[test]
    fn a_size_that_is_taken_stays_and_another_becomes_the_nearest() {
        let wide: &[(u32, u32)] = &[(2_048, 2_048), (2_496, 1_664), (1_664, 2_496), (2_752, 1_536)];
        for (sizes, asked, sent) in [
            (Sizes::Any, (500, 333), (500, 333)),
            (Sizes::Listed(wide), (512, 512), (2_048, 2_048)),
            (Sizes::Listed(wide), (512, 768), (1_664, 2_496)),
            (Sizes::Listed(wide), (1_024, 576), (2_752, 1_536)),
            (COGVIEW, (512, 512), (512, 512)),
            (COGVIEW, (1_024, 768), (1_024, 768)),
            (COGVIEW, (500, 500), (512, 512)),
            (COGVIEW, (1_001, 1_001), (1_008, 1_008)),
            (COGVIEW, (256, 512), (512, 1_024)),
            (COGVIEW, (2_048, 1_024), (2_048, 1_024)),
            (COGVIEW, (2_048, 2_048), (1_440, 1_440)),
            (COGVIEW, (64, 2_048), (512, 2_048)),
        ] {
            assert_eq!(sizes.nearest(size(asked.0, asked.1)), sent, "{asked:?}");
        }
    }

    #[test]
    fn whatever_is_asked_for_the_size_that_is_sent_is_within_the_limits() {
        let providers = PROVIDERS.iter().map(|provider| provider.sizes);
        for sizes in providers.chain([COGVIEW]) {
            for (width, height) in (64..=2_048).step_by(31).flat_map(|w| (64..=2_048).step_by(31).map(move |h| (w, h)))
            {
                let sent = sizes.nearest(size(width, height));
                let is_taken = match sizes {
                    Sizes::Any => sent == (width, height),
                    Sizes::Listed(list) => list.contains(&sent),
                    Sizes::Sides { min, max, step, max_pixels } => {
                        let side = |side: u32| (min..=max).contains(&side) && side.is_multiple_of(step);
                        side(sent.0) && side(sent.1) && pixels(sent) <= max_pixels
                    }
                };
                assert!(is_taken, "{width}x{height}: {sent:?}");
            }
        }
    }
}
