//! The colours of a demo picture.

use super::seeded_rng::SeededRng;

/// Hue in degrees, saturation and lightness in percent.
pub(super) type Colour = (i64, i64, i64);

/// The colours of one landscape.
pub(super) struct Palette {
    /// The top of the sky.
    pub(super) sky: Colour,
    /// The sky at the horizon.
    pub(super) haze: Colour,
    /// The sun or the moon.
    pub(super) light: Colour,
    /// The foreground.
    pub(super) near: Colour,
    /// True if there are stars.
    pub(super) night: bool,
}

const fn palette(sky: Colour, haze: Colour, light: Colour, near: Colour, night: bool) -> Palette {
    Palette { sky, haze, light, near, night }
}

/// Combinations of a sky and matching hills.
static PALETTES: [Palette; 10] = [
    palette((206, 62, 62), (38, 85, 90), (46, 100, 88), (158, 36, 20), false),
    palette((262, 38, 44), (18, 88, 76), (34, 100, 82), (288, 34, 15), false),
    palette((222, 52, 16), (206, 46, 44), (52, 60, 92), (220, 44, 9), true),
    palette((340, 48, 66), (32, 96, 86), (24, 100, 94), (330, 38, 20), false),
    palette((186, 44, 56), (56, 70, 90), (50, 100, 92), (182, 50, 16), false),
    palette((16, 68, 52), (44, 94, 76), (52, 100, 90), (352, 48, 16), false),
    palette((272, 46, 18), (318, 44, 48), (40, 80, 88), (262, 50, 9), true),
    palette((198, 40, 74), (14, 70, 92), (8, 84, 90), (212, 34, 24), false),
    palette((168, 34, 36), (88, 40, 76), (64, 88, 90), (174, 46, 11), false),
    palette((232, 44, 58), (330, 62, 88), (344, 90, 94), (246, 34, 20), false),
];

impl Palette {
    /// Chooses a palette, one of the night where that is asked for.
    pub(super) fn choose(dice: &mut SeededRng, night: bool) -> &'static Self {
        let fitting: Vec<&'static Self> = PALETTES.iter().filter(|palette| palette.night || !night).collect();
        let last = i64::try_from(fitting.len()).unwrap_or(1) - 1;
        let chosen = usize::try_from(dice.roll(0, last)).unwrap_or_default();
        fitting.get(chosen).copied().unwrap_or(&PALETTES[0])
    }
}

/// The colour `share` hundredths of the way from `from` to `to`.
pub(super) fn mix(from: Colour, to: Colour, share: i64) -> Colour {
    let between = |a: i64, b: i64| a + (b - a) * share / 100;
    let turn = (to.0 - from.0 + 540).rem_euclid(360) - 180;
    (from.0 + turn * share / 100, between(from.1, to.1), between(from.2, to.2))
}

/// The colour as CSS.
pub(super) fn css((hue, saturation, lightness): Colour) -> String {
    format!("hsl({},{saturation}%,{lightness}%)", hue.rem_euclid(360))
}
