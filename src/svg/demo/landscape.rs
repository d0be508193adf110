//! Landscapes: hills, mountains, woods and the sea.

use super::canvas::{Canvas, fill};
use super::palette::{Palette, css};
use super::seeded_rng::SeededRng;

impl Canvas {
    /// Draws hills behind hills, or mountains behind hills, with a forest on the nearest.
    pub(super) fn land(&mut self, dice: &mut SeededRng, peaks: bool) {
        let depth = self.h - self.horizon;
        for (nearness, down, rise) in [(6, -4, 30), (28, 12, 24), (54, 32, 18), (78, 54, 15), (100, 76, 12)] {
            let base = self.horizon + depth * down / 100;
            let colour = css(self.air(nearness));
            if peaks && nearness < 50 {
                let ridge = self.peaks(dice, base, self.unit * rise / 100);
                self.draw("<path fill=\"$0\" d=\"$1\"/>", &[], &[&colour, &ridge]);
                continue;
            }
            let hills = self.nodes(dice, base, self.unit * rise / 200);
            let (ridge, wood) =
                (self.rolling(&hills), if nearness > 70 { self.wood(dice, &hills) } else { String::new() });
            self.draw("<path fill=\"$0\" d=\"$1$2\"/>", &[], &[&colour, &ridge, &wood]);
        }
    }

    /// The high and low points of a line of hills, from beyond the left edge to beyond the right.
    pub(super) fn nodes(&self, dice: &mut SeededRng, base: i64, rise: i64) -> Vec<(i64, i64)> {
        let count = (self.w * 4 / self.unit).clamp(4, 9);
        let step = (self.w / count).max(1);
        let mut up = dice.roll(0, 1);
        let mut nodes = Vec::new();
        for at in -1..=count + 1 {
            let lift = rise * dice.roll(30, 100) / 100 * (2 * up - 1);
            nodes.push((at * step + dice.roll(-step / 4, step / 4), base - lift));
            up = 1 - up;
        }
        nodes
    }

    /// A smooth curve through the nodes, horizontal at each, closed along the bottom.
    pub(super) fn rolling(&self, nodes: &[(i64, i64)]) -> String {
        let mut path = String::new();
        let mut before: Option<(i64, i64)> = None;
        for &(x, y) in nodes {
            match before {
                None => {
                    fill(&mut path, "M% %V%", &[x, self.h, y], &[]);
                }
                Some((last_x, last_y)) => {
                    let middle = i64::midpoint(last_x, x);
                    fill(&mut path, "C% % % % % %", &[middle, last_y, middle, y, x, y], &[]);
                }
            }
            before = Some((x, y));
        }
        fill(&mut path, "V%z", &[self.h], &[]);
        path
    }

    /// Draws firs along the curve through the nodes, at eighths of each segment.
    pub(super) fn wood(&self, dice: &mut SeededRng, nodes: &[(i64, i64)]) -> String {
        let mut firs = String::new();
        for pair in nodes.windows(2) {
            let [(x0, y0), (x1, y1)] = *pair else { continue };
            if dice.roll(0, 2) == 0 {
                continue;
            }
            for t in (0..8).filter(|_| dice.roll(0, 3) > 0).collect::<Vec<i64>>() {
                // A cubic Bézier curve whose inner control points are at the middle, evaluated at t/8: 512 is 8³.
                let x = x0 + (x1 - x0) * (96 * t - 12 * t * t + t * t * t) / 512;
                let y = y0 + (y1 - y0) * (24 * t * t - 2 * t * t * t) / 512;
                let tall = (self.unit * dice.roll(26, 62) / 1_000).max(3);
                let half = (tall / 4).max(1);
                fill(&mut firs, "M% %l% %l% %z", &[x - half, y + tall / 6, half, -tall, half, tall], &[]);
            }
        }
        firs
    }

    /// A jagged line of mountains, closed along the bottom.
    fn peaks(&self, dice: &mut SeededRng, base: i64, rise: i64) -> String {
        let count = (self.w * 6 / self.unit).clamp(5, 13);
        let step = (self.w / count).max(1);
        let mut path = String::new();
        fill(&mut path, "M% %", &[-step, self.h], &[]);
        for at in -1..=count + 1 {
            let lift = if at % 2 == 0 { dice.roll(45, 100) } else { dice.roll(-10, 35) };
            fill(&mut path, "L% %", &[at * step + dice.roll(-step / 3, step / 3), base - rise * lift / 100], &[]);
        }
        fill(&mut path, "V%z", &[self.h], &[]);
        path
    }

    /// Draws distant islands, the light on the water, and hills in the foreground.
    pub(super) fn sea(&mut self, dice: &mut SeededRng) {
        let (w, h, horizon, unit) = (self.w, self.h, self.horizon, self.unit);
        let islands = self.nodes(dice, horizon + unit / 60, unit / 22);
        let (ridge, far) = (self.rolling(&islands), css(self.air(12)));
        let Palette { sky, haze, .. } = *self.palette;
        let (top, bottom) = (css((sky.0, sky.1, (2 * sky.2 + haze.2) / 3)), css(self.air(62)));
        let elements = "<path fill=\"$0\" d=\"$1\"/><linearGradient id=\"w\" x2=\"0\" y2=\"1\"><stop stop-color=\"$2\"/>\
             <stop offset=\"1\" stop-color=\"$3\"/></linearGradient><path fill=\"url(#w)\" d=\"M0 %h%V%H0z\"/>";
        self.draw(elements, &[horizon, w, h], &[&far, &ridge, &top, &bottom]);
        let (light, thick) = (css(self.palette.light), (unit / 130).max(1));
        let mut glitter = String::new();
        for row in 1..=9 {
            let y = horizon + (h - horizon) * row * row / 120;
            let long = unit * dice.roll(3, 9) / 100 + self.sun.2 * (10 - row) / 8;
            fill(
                &mut glitter,
                "M% %h%",
                &[self.sun.0 - long / 2 + unit * dice.roll(-20, 20) * row / 5_000, y, long],
                &[],
            );
            fill(&mut glitter, "M% %h%", &[dice.roll(0, w), y, unit * dice.roll(2, 8) / 100], &[]);
        }
        self.draw(
            "<path d=\"$0\" stroke=\"$1\" stroke-width=\"%\" stroke-linecap=\"round\" opacity=\".55\"/>",
            &[thick],
            &[&glitter, &light],
        );
        let shore = self.nodes(dice, h - (h - horizon) * 16 / 100, unit / 12);
        let (ridge, wood, near) = (self.rolling(&shore), self.wood(dice, &shore), css(self.palette.near));
        self.draw("<path fill=\"$0\" d=\"$1$2\"/>", &[], &[&near, &ridge, &wood]);
    }
}
