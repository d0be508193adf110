//! A forest, a desert, a ship at sea.

use super::super::canvas::{Canvas, fill};
use super::super::palette::css;
use super::super::seeded_rng::{SeededRng, pick};

/// The most trees in a row: a picture may be thirty times as wide as it is high.
const MOST_IN_A_ROW: i64 = 24;

impl Canvas {
    /// Draws rows of trees, each nearer, larger and darker, with mist between them and a path through the middle.
    pub(super) fn forest(&mut self, bamboo: bool, dice: &mut SeededRng) {
        let (w, h, unit) = (self.w, self.h, self.unit);
        for (nearness, down, tall) in [(8, 6, 26), (26, 22, 38), (50, 46, 54), (80, 78, 80)] {
            let base = self.horizon + (h - self.horizon) * down / 100;
            let colour = css(self.air(nearness));
            let ground = {
                let nodes = self.nodes(dice, base, unit / 40);
                self.rolling(&nodes)
            };
            let mut trees = String::new();
            let mut x = -unit / 20;
            while x < w {
                let clear = (x - w / 2).abs() < unit * nearness / 500;
                if !clear {
                    let tall = unit * tall * dice.roll(60, 120) / 10_000;
                    trees.push_str(&if bamboo { stalk(x, base, tall, dice) } else { fir(x, base, tall) });
                }
                x += (unit * tall * dice.roll(10, 34) * if bamboo { 2 } else { 1 } / 10_000)
                    .max(w / if bamboo { MOST_IN_A_ROW / 2 } else { MOST_IN_A_ROW })
                    .max(3);
            }
            self.draw(
                "<path fill=\"$0\" d=\"$1\"/><path fill=\"$0\" d=\"$2\"/><path fill=\"url(#f)\" d=\"M0 %h%v%H0z\"/>",
                &[base - unit / 6, w, unit / 4],
                &[&colour, &trees, &ground],
            );
        }
        let haze = css(self.palette.haze);
        let (sand, far, near) = (css((40, 26, if self.palette.night { 40 } else { 72 })), unit / 60, unit / 4);
        let (top, middle) = (self.horizon + (h - self.horizon) * 30 / 100, w / 2);
        let elements = "<linearGradient id=\"f\" x2=\"0\" y2=\"1\"><stop stop-color=\"$0\" stop-opacity=\"0\"/><stop offset=\".5\" \
             stop-color=\"$0\" stop-opacity=\".3\"/><stop offset=\"1\" stop-color=\"$0\" stop-opacity=\"0\"/></linearGradient>\
             <path fill=\"$1\" opacity=\".75\" d=\"M% %C% % % % % %H%C% % % % % %z\"/>";
        self.draw(
            elements,
            &[
                middle - far,
                top,
                middle + unit / 8,
                top + (h - top) / 3,
                middle - near,
                top + (h - top) / 2,
                middle - near,
                h,
                middle + near,
                middle + near / 2,
                top + (h - top) / 2,
                middle + unit / 4,
                top + (h - top) / 3,
                middle + far,
                top,
            ],
            &[&haze, &sand],
        );
    }

    /// Draws dunes with a lit and a dark side, and a glowing tent among them.
    pub(super) fn desert(&mut self, dice: &mut SeededRng) {
        let (w, h, unit) = (self.w, self.h, self.unit);
        let hue = if self.palette.night { 262 } else { dice.roll(22, 38) };
        let light = if self.palette.night { 46 } else { 74 };
        let mut tent_at = (0, 0);
        for (row, down) in [4, 26, 54, 84].into_iter().enumerate() {
            let row = i64::try_from(row).unwrap_or_default();
            let base = self.horizon + (h - self.horizon) * down / 100;
            let (crest, rise) = (w * dice.roll(18, 82) / 100, unit * (6 + row * 2) / 100);
            let (bright, dark) = (css((hue, 58, light - row * 7)), css((hue - 10, 46, light - 14 - row * 7)));
            let (left, right) = (base + rise * dice.roll(0, 5) / 10, base + rise * dice.roll(0, 5) / 10);
            let elements = "<path fill=\"$0\" d=\"M0 %C% % % % % %C% % % % % %V%H0z\"/>\
                 <path fill=\"$1\" d=\"M% %C% % % % % %V%H%C% % % % % %z\"/>";
            self.draw(
                elements,
                &[
                    left,
                    crest / 2,
                    left,
                    crest * 8 / 10,
                    base - rise,
                    crest,
                    base - rise,
                    crest + (w - crest) / 5,
                    base - rise,
                    crest + (w - crest) / 2,
                    right,
                    w,
                    right,
                    h,
                    crest,
                    base - rise,
                    crest + (w - crest) / 5,
                    base - rise,
                    crest + (w - crest) / 2,
                    right,
                    w,
                    right,
                    h,
                    crest - unit * 2 / 10,
                    crest + unit / 10,
                    base + (h - base) / 2,
                    crest - unit / 10,
                    base + rise / 2,
                    crest,
                    base - rise,
                ],
                &[&bright, &dark],
            );
            if row == 2 {
                tent_at = (if crest < w / 2 { w * 68 / 100 } else { w * 32 / 100 }, base);
            }
        }
        let tent = "<radialGradient id=\"t\"><stop stop-color=\"#ffcf7a\" stop-opacity=\".7\"/><stop offset=\"1\" stop-color=\"#ffcf7a\" stop-opacity=\"0\"/></radialGradient>\
             <circle cx=\"500\" cy=\"640\" r=\"480\" fill=\"url(#t)\"/><path d=\"M150 800L500 260L850 800z\" fill=\"#f3a24b\"/>\
             <path d=\"M500 260L850 800H640z\" fill=\"#c9682f\"/><path d=\"M500 260L400 800h210z\" fill=\"#ffe7b0\"/>\
             <path d=\"M500 260l-12 540h24z\" fill=\"#5b2c1c\"/><path d=\"M480 220l20 44 20 -44M150 800l-60 40M850 800l60 40\" fill=\"none\" stroke=\"#5b2c1c\" stroke-width=\"10\"/>";
        self.place(tent_at, unit * 26 / 100, tent, &[]);
    }

    /// Draws a ship under sail, its reflection below it.
    pub(super) fn ship(&mut self, dice: &mut SeededRng) {
        self.sea(dice);
        let sail = if self.palette.night { "#e8ebf5" } else { "#fffaf0" };
        let wood = pick(&["#5a2f24", "#3b3a55", "#6b3f22"], dice);
        let flag = css((dice.roll(0, 359), 70, 56));
        let side = self.unit * dice.roll(52, 60) / 100;
        let at = (self.w * dice.roll(40, 60) / 100, self.horizon - side * 26 / 100 + (self.h - self.horizon) / 7);
        let elements = "<path d=\"M486 90h14v640h-14zM300 190h10v540h-10zM690 220h10v510h-10z\" fill=\"$0\"/>\
             <path d=\"M500 150C640 200 650 320 628 400H496zM490 420h150c30 90 10 170 -10 230H490z\" fill=\"$1\"/>\
             <path d=\"M480 150C380 230 366 320 372 400h108zM480 420H356c-14 90 -6 170 10 230h114z\" fill=\"$1\" opacity=\".86\"/>\
             <path d=\"M296 230C210 330 190 520 200 650h96zM704 260c100 110 120 260 110 390H704z\" fill=\"$1\" opacity=\".93\"/>\
             <path d=\"M500 90c40 -20 60 20 104 0v44c-44 20 -64 -20 -104 0z\" fill=\"$2\"/>\
             <path d=\"M110 700H930l-70 60C820 830 780 870 720 870H300C220 870 160 800 110 700z\" fill=\"$0\"/>\
             <path d=\"M110 700H930l-24 22H120z\" fill=\"#fff\" opacity=\".22\"/><path d=\"M250 790h520\" stroke=\"#fff\" stroke-width=\"9\" stroke-dasharray=\"30 46\" opacity=\".4\"/>\
             <path d=\"M230 884h540M300 914h420M360 944h260\" stroke=\"$1\" stroke-width=\"10\" stroke-linecap=\"round\" opacity=\".5\"/>";
        self.place(at, side, elements, &[wood, sail, &flag]);
    }
}

/// A fir of four tiers.
fn fir(x: i64, base: i64, tall: i64) -> String {
    let mut path = String::new();
    fill(&mut path, "M% %v%h%v%z", &[x - tall / 40, base, -tall / 6, (tall / 20).max(1), tall / 6], &[]);
    for tier in 0..4 {
        let (y, half) = (base - tall / 9 - tall * tier * 2 / 10, tall * (22 - tier * 4) / 100);
        fill(&mut path, "M% %L% %L% %z", &[x - half, y, x, y - tall * 36 / 100, x + half, y], &[]);
    }
    path
}

/// A stalk of bamboo with its joints and a few leaves.
fn stalk(x: i64, base: i64, tall: i64, dice: &mut SeededRng) -> String {
    let (tall, wide) = (tall * 2, (tall / 22).max(1));
    let joint = (tall / 8).max(4);
    let mut path = String::new();
    for n in 0..8 {
        let y = base - n * joint;
        fill(&mut path, "M% %h%v%h-%z", &[x, y, wide, -(joint - (joint / 14).max(1)), wide], &[]);
        if n > 3 && dice.roll(0, 2) > 0 {
            let reach = joint * if dice.roll(0, 1) == 0 { 1 } else { -1 };
            fill(
                &mut path,
                "M% %q% % % %q% % % %z",
                &[x, y, reach / 2, -joint / 3, reach, joint / 6, -reach / 2, joint / 12, -reach, -joint / 6],
                &[],
            );
        }
    }
    path
}
