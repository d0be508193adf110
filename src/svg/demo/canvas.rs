//! The canvas of a demo picture: its measures and colours, and the sky that all outdoor scenes begin with.

use super::palette::{Colour, Palette, css, mix};
use super::seeded_rng::SeededRng;

/// A picture while it is drawn, from back to front.
pub(super) struct Canvas {
    pub(super) w: i64,
    pub(super) h: i64,
    /// The length of the shorter side, which all sizes are derived from.
    pub(super) unit: i64,
    pub(super) horizon: i64,
    pub(super) sun: (i64, i64, i64),
    pub(super) palette: &'static Palette,
    pub(super) svg: String,
}

/// Appends a template, its `%` in turn replaced by the numbers, its `$0`, `$1`, … by the texts. Scenes are mostly such
/// templates: each as code that formats would weigh several times as much.
pub(super) fn fill(svg: &mut String, template: &str, numbers: &[i64], texts: &[&str]) {
    let mut numbers = numbers.iter();
    let mut chars = template.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => svg.push_str(&numbers.next().map(i64::to_string).unwrap_or_default()),
            '$' => {
                let at = chars.next().and_then(|digit| digit.to_digit(10)).and_then(|at| usize::try_from(at).ok());
                svg.push_str(at.and_then(|at| texts.get(at)).copied().unwrap_or_default());
            }
            c => svg.push(c),
        }
    }
}

impl Canvas {
    pub(super) fn new(w: i64, h: i64, night: bool, dice: &mut SeededRng) -> Self {
        let unit = w.min(h);
        let horizon = h * dice.roll(54, 62) / 100;
        let radius = unit * dice.roll(7, 11) / 100;
        let sun = (w * dice.roll(20, 80) / 100, horizon - unit * dice.roll(6, 30) / 100, radius);
        Self { w, h, unit, horizon, sun, palette: Palette::choose(dice, night), svg: String::new() }
    }

    /// Adds elements in a square of 1,000 by 1,000 whose middle is at `(x, y)` and whose sides are `side` long.
    pub(super) fn place(&mut self, (x, y): (i64, i64), side: i64, template: &str, texts: &[&str]) {
        let scale = format!("{}.{:03}", side / 1_000, side % 1_000);
        self.draw("<g transform=\"translate(% %)scale($0)\">", &[x - side / 2, y - side / 2], &[&scale]);
        self.draw(template, &[], texts);
        self.svg.push_str("</g>");
    }

    /// Adds elements: the template's `%` are the numbers, `$0`, `$1`, … the texts.
    pub(super) fn draw(&mut self, template: &str, numbers: &[i64], texts: &[&str]) {
        fill(&mut self.svg, template, numbers, texts);
    }

    /// Draws the sky with its sun or moon, its clouds or stars.
    pub(super) fn sky(&mut self, dice: &mut SeededRng) {
        let Palette { sky, haze, light, night, .. } = *self.palette;
        let (w, h, (x, y, radius)) = (self.w, self.h, self.sun);
        // In the sky's own hue: the midpoint of two hues may be a colour that no sky has.
        let middle = (sky.0, sky.1, i64::midpoint(sky.2, haze.2));
        let (sky, middle, haze, light) = (css(sky), css(middle), css(haze), css(light));
        let elements = "<defs><linearGradient id=\"s\" x2=\"0\" y2=\"1\"><stop stop-color=\"$0\"/><stop offset=\".36\" \
             stop-color=\"$1\"/><stop offset=\".64\" stop-color=\"$2\"/></linearGradient><radialGradient id=\"g\">\
             <stop offset=\".2\" stop-color=\"$3\" stop-opacity=\".75\"/><stop offset=\".5\" stop-color=\"$3\" \
             stop-opacity=\".2\"/><stop offset=\"1\" stop-color=\"$3\" stop-opacity=\"0\"/></radialGradient></defs>\
             <path fill=\"url(#s)\" d=\"M0 0h%v%H0z\"/>";
        self.draw(elements, &[w, h], &[&sky, &middle, &haze, &light]);
        if night {
            self.stars(dice);
        }
        self.draw(
            "<circle cx=\"%\" cy=\"%\" r=\"%\" fill=\"url(#g)\"/><circle cx=\"%\" cy=\"%\" r=\"%\" fill=\"$0\"/>",
            &[x, y, radius * 4, x, y, radius],
            &[&light],
        );
        self.clouds(dice, if night { 12 } else { 42 });
        if !night {
            self.birds(dice);
        }
    }

    /// Draws stars above the horizon.
    pub(super) fn stars(&mut self, dice: &mut SeededRng) {
        let mut dots = String::new();
        for _ in 0..36 {
            fill(&mut dots, "M% %h0", &[dice.roll(0, self.w), dice.roll(0, self.horizon * 8 / 10)], &[]);
        }
        let size = (self.unit / 200).max(1);
        self.draw(
            "<path d=\"$0\" stroke=\"#fff\" stroke-width=\"%\" stroke-linecap=\"round\" opacity=\".7\"/>",
            &[size],
            &[&dots],
        );
    }

    /// Draws clouds of three rounded bars each.
    fn clouds(&mut self, dice: &mut SeededRng, opacity: i64) {
        for _ in 0..dice.roll(2, 4) {
            let (x, y) = (dice.roll(-5, 85) * self.w / 100, dice.roll(10, 76) * self.horizon / 100);
            let (long, thick) = (self.unit * dice.roll(20, 44) / 100, (self.unit * dice.roll(26, 42) / 1_000).max(2));
            let (up, down, right) = (y - thick * 3 / 4, y + thick * 3 / 4, long / 4);
            let elements = "<path d=\"M% %h%M% %h%M% %h%\" stroke=\"#fff\" stroke-width=\"%\" \
                 stroke-linecap=\"round\" opacity=\".%\"/>";
            self.draw(
                elements,
                &[x, y, long, x + right, up, long * 2 / 5, x - right / 2, down, long * 3 / 5, thick, opacity],
                &[],
            );
        }
    }

    fn birds(&mut self, dice: &mut SeededRng) {
        let (x, y) = (dice.roll(15, 75) * self.w / 100, dice.roll(25, 55) * self.horizon / 100);
        let mut flock = String::new();
        for _ in 0..dice.roll(0, 5) {
            let wing = (self.unit * dice.roll(12, 20) / 1_000).max(2);
            let (left, top) = (x + self.unit * dice.roll(-14, 14) / 100, y + self.unit * dice.roll(-7, 7) / 100);
            fill(&mut flock, "M% %q% % % 0q% % % 0", &[left, top, wing / 2, -wing, wing, wing / 2, -wing, wing], &[]);
        }
        let (colour, thin) = (css(self.palette.near), (self.unit / 220).max(1));
        self.draw(
            "<path d=\"$0\" fill=\"none\" stroke=\"$1\" stroke-width=\"%\" stroke-linecap=\"round\" opacity=\".6\"/>",
            &[thin],
            &[&flock, &colour],
        );
    }

    /// The colour of an object at `nearness` hundredths of the way from the horizon to the viewer.
    pub(super) fn air(&self, nearness: i64) -> Colour {
        let Palette { sky, haze, near, .. } = *self.palette;
        let far = (sky.0, sky.1 * 3 / 4, i64::midpoint(sky.2, haze.2));
        mix(far, near, nearness)
    }
}
