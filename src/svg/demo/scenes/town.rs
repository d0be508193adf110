//! Buildings: a skyline, a cabin in the snow, a lighthouse.

use super::super::canvas::{Canvas, fill};
use super::super::palette::{Palette, css};
use super::super::seeded_rng::SeededRng;

/// The most towers in a row: a picture may be thirty times as wide as it is high.
const MOST_IN_A_ROW: i64 = 30;

/// The light in a window.
const LAMP: &str = "#ffd98a";

impl Canvas {
    /// Draws rows of towers, the nearer the darker, with lit windows in the nearest.
    pub(super) fn city(&mut self, dice: &mut SeededRng) {
        let depth = self.h - self.horizon;
        for (nearness, down, rise, width) in [(10, 20, 34, 9), (36, 46, 30, 12), (70, 78, 26, 15), (96, 104, 14, 20)] {
            let (base, colour) = (self.horizon + depth * down / 100, css(self.air(nearness)));
            let (mut towers, mut windows, mut x) = (String::new(), String::new(), -self.unit * width / 200);
            while x < self.w {
                let wide = (self.unit * width * dice.roll(60, 130) / 10_000).max(self.w / MOST_IN_A_ROW).max(3);
                let top = base - self.unit * rise * dice.roll(40, 130) / 10_000;
                fill(&mut towers, "M% %V%", &[x, self.h, top], &[]);
                roof(&mut towers, wide, dice.roll(0, 3));
                fill(&mut towers, "V%z", &[self.h], &[]);
                for column in 1..4 {
                    if nearness > 30 && dice.roll(0, 3) > 0 {
                        let from = top + wide * dice.roll(2, 9) / 8;
                        fill(
                            &mut windows,
                            "M% %V%",
                            &[x + wide * column / 4, from, from + wide * dice.roll(1, 6)],
                            &[],
                        );
                    }
                }
                x += wide + self.unit * dice.roll(0, width / 2) / 200;
            }
            let pane = (self.unit * width / 900).max(1);
            let elements = "<path fill=\"$0\" d=\"$1\"/><path d=\"$2\" stroke=\"$3\" stroke-width=\"%\" \
                 stroke-dasharray=\"% %\" opacity=\".8\"/>";
            self.draw(elements, &[pane, pane, pane * 2], &[&colour, &towers, &windows, LAMP]);
        }
    }

    /// Draws a cabin with light in its windows, among firs.
    pub(super) fn cabin(&mut self, dice: &mut SeededRng) {
        self.land(dice, true);
        let night = self.palette.night;
        let (ground, wall, roof) =
            if night { ("#dfe6f5", "#4a2f28", "#f2f5fc") } else { ("#f0e6d2", "#8a4b33", "#54302a") };
        let (w, h, unit) = (self.w, self.h, self.unit);
        let top = h * 74 / 100;
        let fir = css(self.palette.near);
        let mut firs = String::new();
        for _ in 0..(w * 9 / unit).clamp(6, 24) {
            let (x, tall) = (dice.roll(0, w), unit * dice.roll(14, 34) / 100);
            let foot = top + unit * dice.roll(1, 4) / 100;
            for tier in 0..3 {
                let (y, half) = (foot - tall * (tier * 3) / 10, tall * (26 - tier * 6) / 100);
                fill(&mut firs, "M% %L% %L% %z", &[x - half, y, x, y - tall * 5 / 10, x + half, y], &[]);
            }
        }
        self.draw(
            "<path fill=\"$0\" d=\"$1\"/><path fill=\"$2\" d=\"M0 %Q% % % %V%H0z\"/>",
            &[top, w / 2, top - unit / 10, w, top + unit / 40, h],
            &[&fir, &firs, ground],
        );
        let at = (w * dice.roll(38, 62) / 100, top - unit * 8 / 100);
        let elements = "<path d=\"M620 330c-40 -60 50 -90 10 -150s40 -80 20 -140\" fill=\"none\" stroke=\"#fff\" stroke-width=\"26\" stroke-linecap=\"round\" opacity=\".35\"/>\
             <path d=\"M588 340h64v140h-64z\" fill=\"$0\"/><path d=\"M240 560h520v300H240z\" fill=\"$0\"/>\
             <path d=\"M240 610h520M240 660h520M240 710h520M240 760h520M240 810h520\" stroke=\"#000\" stroke-width=\"5\" opacity=\".22\"/>\
             <path d=\"M170 580L500 330L830 580l-34 34L500 396L204 614z\" fill=\"$1\"/><path d=\"M240 568L500 372L760 568z\" fill=\"$0\"/>\
             <path d=\"M300 640h110v100H300zM590 640h110v100H590zM466 470h68v56h-68z\" fill=\"$2\"/>\
             <path d=\"M355 640v100M300 690h110M645 640v100M590 690h110\" stroke=\"$0\" stroke-width=\"9\"/>\
             <path d=\"M452 660h96v200h-96z\" fill=\"#2c1b18\"/><circle cx=\"530\" cy=\"764\" r=\"8\" fill=\"$2\"/>\
             <ellipse cx=\"500\" cy=\"880\" rx=\"330\" ry=\"40\" fill=\"$2\" opacity=\".25\"/>";
        self.place(at, unit * 52 / 100, elements, &[wall, roof, LAMP]);
    }

    /// Draws a lighthouse on a rock in the sea, its beam over the water.
    pub(super) fn lighthouse(&mut self, dice: &mut SeededRng) {
        self.sea(dice);
        let Palette { near, light, .. } = *self.palette;
        let (rock, stone, beam) = (css((near.0, near.1, near.2 + 4)), css(near), css(light));
        let side = self.unit * 78 / 100;
        let elements = "<linearGradient id=\"b\"><stop stop-color=\"$0\" stop-opacity=\".75\"/><stop offset=\"1\" stop-color=\"$0\" stop-opacity=\"0\"/></linearGradient>\
             <path d=\"M520 176L1500 40v330z\" fill=\"url(#b)\"/>\
             <path d=\"M430 260h140l40 520H390z\" fill=\"#f7f4ee\"/><path d=\"M423 350h154l10 120H413zM405 580h190l9 120H396z\" fill=\"#c9483c\"/>\
             <path d=\"M520 260h50l40 520h-70z\" opacity=\".14\"/><path d=\"M412 240h176v24H412z\" fill=\"$1\"/>\
             <path d=\"M450 140h100v100H450z\" fill=\"$2\"/><path d=\"M440 144q60 -90 120 0z\" fill=\"#c9483c\"/>\
             <path d=\"M450 140h100v100H450zM500 140v100\" fill=\"none\" stroke=\"$1\" stroke-width=\"9\"/>\
             <path d=\"M120 1000C180 880 260 800 340 780q160 -30 320 0C760 810 840 900 900 1000z\" fill=\"$3\"/>\
             <path d=\"M340 780q70 60 40 220H120C180 880 260 800 340 780z\" opacity=\".2\"/>";
        self.place(
            (self.w * dice.roll(30, 46) / 100, self.h - side * 44 / 100),
            side,
            elements,
            &[&beam, &stone, LAMP, &rock],
        );
    }
}

/// Draws the roof of a tower, from its left edge to its right.
fn roof(path: &mut String, wide: i64, form: i64) {
    let (half, quarter) = (wide / 2, wide / 4);
    match form {
        0 => fill(path, "h%", &[wide], &[]),
        1 => fill(path, "l% %l% %", &[half, -half, wide - half, half], &[]),
        2 => fill(path, "h%v%h%v%h%", &[quarter, -half, wide - quarter * 2, half, quarter], &[]),
        _ => {
            let mast = (wide / 14).max(1);
            fill(path, "h%v%h%v%h%", &[half, -wide, mast, wide, wide - half - mast], &[]);
        }
    }
}
