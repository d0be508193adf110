//! A cat on a windowsill, a portrait, a flower: scenes with one subject near by.

use super::super::canvas::{Canvas, fill};
use super::super::palette::css;
use super::super::seeded_rng::{SeededRng, pick};

/// Colours of fur: the coat, its shade, and the lighter parts.
const FURS: [[&str; 3]; 5] = [
    ["#e8913c", "#c06c22", "#ffe6c7"],
    ["#8d93a3", "#6a7080", "#e9ecf2"],
    ["#2f2c36", "#1d1b22", "#6b6775"],
    ["#efe2cc", "#d3bf9f", "#fffaf1"],
    ["#a9683f", "#804a29", "#f0d6bd"],
];

/// The words for each fur, in the same order.
const FUR_WORDS: [[&str; 3]; 5] = [
    ["orange", "ginger", "橘"],
    ["grey", "gray", "灰"],
    ["black", "黑", "玄"],
    ["white", "白", "cream"],
    ["brown", "棕", "褐"],
];

/// The fur that the prompt names.
fn named_fur(prompt: &str) -> Option<[&'static str; 3]> {
    let prompt = prompt.to_ascii_lowercase();
    let is_named = |words: &[&str; 3]| words.iter().any(|word| prompt.contains(word));
    FUR_WORDS.iter().zip(FURS).find(|(words, _)| is_named(words)).map(|(_, fur)| fur)
}

/// Colours of skin and of hair: a face, its shade, and the hair.
const PEOPLE: [[&str; 3]; 5] = [
    ["#f6cfae", "#e3a987", "#3a2620"],
    ["#eab98d", "#cf9366", "#1f1a1e"],
    ["#fbdcc4", "#eab39a", "#9b5a2c"],
    ["#a86f48", "#87532f", "#1b1416"],
    ["#f2c6a0", "#d99f78", "#5b3a2a"],
];

impl Canvas {
    /// Draws a cat asleep on a windowsill, a landscape behind the window.
    pub(super) fn cat(&mut self, prompt: &str, dice: &mut SeededRng) {
        self.sky(dice);
        self.land(dice, false);
        let (w, h, unit) = (self.w, self.h, self.unit);
        let wood = if self.palette.night { ["#3a2a33", "#271b23"] } else { ["#e9d7bd", "#b9936a"] };
        let (sill, bar) = (h * 78 / 100, (unit / 36).max(2));
        let elements = "<path fill=\"none\" stroke=\"$0\" stroke-width=\"%\" d=\"M% 0V%M0 %H%\"/><path fill=\"none\" stroke=\"$0\" \
             stroke-width=\"%\" d=\"M0 0H%V%H0z\"/><path fill=\"$0\" d=\"M0 %h%V%H0z\"/>\
             <path fill=\"$1\" d=\"M0 %h%V%H0z\"/>";
        self.draw(
            elements,
            &[bar, w / 2, sill, h * 26 / 100, w, bar * 4, w, sill, sill, w, h, sill + unit * 7 / 100, w, h],
            &wood,
        );
        let [coat, shade, pale] = named_fur(prompt).unwrap_or_else(|| pick(&FURS, dice));
        let eyes = if dice.roll(0, 2) == 0 {
            "<g fill=\"#2a2327\"><circle cx=\"436\" cy=\"436\" r=\"24\"/><circle cx=\"564\" cy=\"436\" r=\"24\"/></g><g fill=\"#fff\"><circle cx=\"444\" cy=\"428\" r=\"8\"/><circle cx=\"572\" cy=\"428\" r=\"8\"/></g>"
        } else {
            "<path d=\"M404 434q32 30 64 0M532 434q32 30 64 0\" fill=\"none\" stroke=\"#2a2327\" stroke-width=\"11\" stroke-linecap=\"round\"/>"
        };
        let side = unit * 72 / 100;
        let elements = "<ellipse cx=\"500\" cy=\"906\" rx=\"330\" ry=\"30\" opacity=\".22\"/>\
             <path d=\"M640 860q190 30 190 -110q0 -70 -62 -60\" fill=\"none\" stroke=\"$0\" stroke-width=\"62\" stroke-linecap=\"round\"/>\
             <path d=\"M296 906C262 690 360 560 500 560S738 690 704 906z\" fill=\"$1\"/><ellipse cx=\"500\" cy=\"764\" rx=\"96\" ry=\"136\" fill=\"$2\"/>\
             <path d=\"M326 420L330 190Q420 236 480 300zM674 420L670 190Q580 236 520 300z\" fill=\"$1\"/>\
             <path d=\"M354 360L354 240Q404 270 440 312zM646 360L646 240Q596 270 560 312z\" fill=\"#f2a6a0\"/>\
             <ellipse cx=\"500\" cy=\"440\" rx=\"204\" ry=\"172\" fill=\"$1\"/>\
             <path d=\"M500 276v62M452 284l8 48M548 284l-8 48M302 440h56M306 480l54 -10M698 440h-56M694 480l-54 -10\" stroke=\"$0\" stroke-width=\"18\" stroke-linecap=\"round\"/>\
             <ellipse cx=\"500\" cy=\"522\" rx=\"92\" ry=\"64\" fill=\"$2\"/>$3<path d=\"M480 484h40l-20 22z\" fill=\"#d8736f\"/>\
             <path d=\"M500 506q-8 34 -44 26M500 506q8 34 44 26M392 500l-130 -18M392 522l-126 20M608 500l130 -18M608 522l126 20\" fill=\"none\" stroke=\"#2a2327\" stroke-width=\"6\" stroke-linecap=\"round\" opacity=\".75\"/>\
             <ellipse cx=\"424\" cy=\"892\" rx=\"64\" ry=\"34\" fill=\"$2\"/><ellipse cx=\"576\" cy=\"892\" rx=\"64\" ry=\"34\" fill=\"$2\"/>";
        self.place((w * dice.roll(42, 58) / 100, sill - side * 38 / 100), side, elements, &[shade, coat, pale, eyes]);
    }

    /// Draws head and shoulders before a plain wall and a disc of light, some with a straw hat.
    pub(super) fn portrait(&mut self, hat_is_named: bool, dice: &mut SeededRng) {
        let (w, h, unit) = (self.w, self.h, self.unit);
        let [top, bottom, disc] = [self.palette.sky, self.palette.haze, self.palette.light].map(css);
        let elements = "<linearGradient id=\"s\" x2=\"0\" y2=\"1\"><stop stop-color=\"$0\"/><stop offset=\"1\" stop-color=\"$1\"/></linearGradient>\
             <path fill=\"url(#s)\" d=\"M0 0h%v%H0z\"/><circle cx=\"%\" cy=\"%\" r=\"%\" fill=\"$2\" opacity=\".65\"/>";
        self.draw(elements, &[w, h, w / 2, h * 42 / 100, unit * 38 / 100], &[&top, &bottom, &disc]);
        let [skin, shade, hair] = pick(&PEOPLE, dice);
        let hue = dice.roll(0, 359);
        let [cloth, fold, ribbon] = [(hue, 46, 48), (hue + 10, 50, 36), (hue + 150, 60, 46)].map(css);
        let is_long = dice.roll(0, 2) > 0;
        let back = if is_long {
            "M500 204C310 204 270 372 288 560C298 690 268 760 238 830H762C732 760 702 690 712 560C730 372 690 204 500 204z"
        } else {
            "M500 214C330 214 292 360 312 500C318 560 344 590 360 600H640C656 590 682 560 688 500C708 360 670 214 500 214z"
        };
        let mut hat = String::new();
        if dice.roll(0, 2) == 0 || hat_is_named {
            fill(
                &mut hat,
                "<ellipse cx=\"500\" cy=\"326\" rx=\"330\" ry=\"66\" fill=\"#e3c07c\"/><path d=\"M344 318C344 176 420 128 500 128S656 176 656 318Q500 366 344 318z\" fill=\"#f0d498\"/>\
                 <path d=\"M345 282Q500 330 655 282l1 36Q500 366 344 318z\" fill=\"$0\"/>",
                &[],
                &[&ribbon],
            );
        }
        let side = unit * 96 / 100;
        let elements = "<path d=\"$0\" fill=\"$1\"/><path d=\"M120 1120C120 850 300 780 424 744h152C700 780 880 850 880 1120z\" fill=\"$2\"/>\
             <path d=\"M430 600h140v130q-70 120 -140 0z\" fill=\"$3\"/><path d=\"M424 744q76 96 152 0l40 14q-116 150 -232 0z\" fill=\"$4\"/>\
             <path d=\"M350 430C350 640 430 690 500 690S650 640 650 430C650 310 590 262 500 262S350 310 350 430z\" fill=\"$5\"/>\
             <circle cx=\"348\" cy=\"478\" r=\"30\" fill=\"$5\"/><circle cx=\"652\" cy=\"478\" r=\"30\" fill=\"$5\"/>\
             <path d=\"M330 470C326 300 410 240 500 240S674 300 670 470C652 440 640 400 628 372C560 366 500 350 456 318C430 372 372 400 358 416C346 434 338 450 330 470z\" fill=\"$1\"/>\
             <path d=\"M398 440q34 -22 70 -4M532 436q36 -18 70 4\" fill=\"none\" stroke=\"$1\" stroke-width=\"11\" stroke-linecap=\"round\"/>\
             <path d=\"M406 492q30 24 60 0M534 492q30 24 60 0\" fill=\"none\" stroke=\"#33262a\" stroke-width=\"10\" stroke-linecap=\"round\"/>\
             <path d=\"M504 500q18 50 -10 66\" fill=\"none\" stroke=\"$3\" stroke-width=\"10\" stroke-linecap=\"round\"/>\
             <path d=\"M452 608q48 38 96 0q-48 8 -96 0z\" fill=\"#c2585a\" stroke=\"#c2585a\" stroke-width=\"8\" stroke-linejoin=\"round\"/>\
             <g fill=\"#e8796f\" opacity=\".3\"><circle cx=\"400\" cy=\"556\" r=\"38\"/><circle cx=\"600\" cy=\"556\" r=\"38\"/></g>$6";
        self.place((w / 2, h - side * 46 / 100), side, elements, &[back, hair, &cloth, shade, &fold, skin, &hat]);
    }

    /// Draws a large flower and two small ones before lights that are out of focus.
    pub(super) fn flower(&mut self, dice: &mut SeededRng) {
        let (w, h, unit) = (self.w, self.h, self.unit);
        let ground = dice.roll(96, 190);
        let [top, bottom] = [(ground, 30, 26), (ground + 24, 34, 56)].map(css);
        let elements = "<linearGradient id=\"s\" x2=\"0\" y2=\"1\"><stop stop-color=\"$0\"/><stop offset=\"1\" stop-color=\"$1\"/></linearGradient>\
             <path fill=\"url(#s)\" d=\"M0 0h%v%H0z\"/>";
        self.draw(elements, &[w, h], &[&bottom, &top]);
        for _ in 0..14 {
            let (left, top, radius) = (dice.roll(0, w), dice.roll(0, h), unit * dice.roll(3, 13) / 100);
            self.draw(
                "<circle cx=\"%\" cy=\"%\" r=\"%\" fill=\"#fff\" opacity=\".%\"/>",
                &[left, top, radius, dice.roll(10, 19)],
                &[],
            );
        }
        let hue = pick(&[344, 8, 36, 276, 318, 210], dice);
        let [outer, inner, core] = [(hue, 72, 66), (hue + 8, 80, 78), (44, 92, 58)].map(css);
        let (leaf, vein) = (css((ground, 40, 30)), css((ground, 44, 44)));
        let petals = pick(&[6, 8, 10, 13], dice);
        let mut wheel = String::new();
        for (ring, colour, count, scale) in
            [(0, &outer, petals, "1"), (1, &inner, petals, ".72"), (2, &outer, petals - 1, ".46")]
        {
            fill(&mut wheel, "<g fill=\"$0\">", &[], &[colour]);
            for n in 0..count {
                let turn = 360 * n / count + ring * 180 / petals;
                let petal = "<use href=\"#l\" transform=\"translate(500 380)rotate(%)scale($0)\"/>";
                fill(&mut wheel, petal, &[turn], &[scale]);
            }
            wheel.push_str("</g>");
        }
        let at = (w * dice.roll(46, 54) / 100, h * 52 / 100);
        let elements = "<defs><path id=\"l\" d=\"M0 0C-110 -90 -120 -250 0 -320C120 -250 110 -90 0 0z\" stroke=\"#000\" stroke-opacity=\".1\" stroke-width=\"5\"/><g id=\"k\">\
             <path d=\"M500 400C520 700 470 900 500 1400\" fill=\"none\" stroke=\"$0\" stroke-width=\"30\"/>\
             <path d=\"M500 980C620 960 700 840 900 830C880 960 720 1080 500 1060zM496 860C380 850 330 740 150 720C170 850 300 950 496 940z\" fill=\"$0\"/>\
             <path d=\"M505 1020q190 -20 370 -170M490 900q-170 -30 -320 -160\" fill=\"none\" stroke=\"$1\" stroke-width=\"8\"/>\
             $2<circle cx=\"500\" cy=\"380\" r=\"64\" fill=\"$3\"/><circle cx=\"500\" cy=\"380\" r=\"46\" fill=\"none\" stroke=\"#8a4b12\" stroke-width=\"26\" stroke-dasharray=\"5 12\" opacity=\".6\"/></g></defs>\
             <use href=\"#k\" transform=\"translate(-120 470)scale(.5)\"/><use href=\"#k\" transform=\"translate(640 400)scale(.56)\"/><use href=\"#k\"/>";
        self.place(at, unit * 88 / 100, elements, &[&leaf, &vein, &wheel, &core]);
    }
}
