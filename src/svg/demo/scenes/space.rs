//! A planet among the stars.

use super::super::canvas::{Canvas, fill};
use super::super::palette::css;
use super::super::seeded_rng::SeededRng;

impl Canvas {
    /// Draws a planet with bands and a ring, its moon, a nebula behind it and a small station before it.
    pub(super) fn space(&mut self, dice: &mut SeededRng) {
        let (w, h, unit) = (self.w, self.h, self.unit);
        let (hue, glow) = (dice.roll(200, 290), dice.roll(0, 359));
        let (deep, cloud) = (css((hue, 60, 7)), css((glow, 70, 46)));
        let far = css((hue + 40, 60, 40));
        let elements = "<radialGradient id=\"n\"><stop stop-color=\"$0\" stop-opacity=\".5\"/><stop offset=\"1\" stop-color=\"$0\" \
             stop-opacity=\"0\"/></radialGradient><radialGradient id=\"m\"><stop stop-color=\"$1\" stop-opacity=\".6\"/>\
             <stop offset=\"1\" stop-color=\"$1\" stop-opacity=\"0\"/></radialGradient><path fill=\"$2\" d=\"M0 0h%v%H0z\"/>\
             <ellipse cx=\"%\" cy=\"%\" rx=\"%\" ry=\"%\" fill=\"url(#n)\"/><circle cx=\"%\" cy=\"%\" r=\"%\" fill=\"url(#m)\"/>";
        self.draw(
            elements,
            &[
                w,
                h,
                w * dice.roll(10, 40) / 100,
                h * dice.roll(20, 50) / 100,
                unit * 8 / 10,
                unit / 2,
                w * dice.roll(65, 95) / 100,
                h * dice.roll(50, 90) / 100,
                unit * 7 / 10,
            ],
            &[&cloud, &far, &deep],
        );
        for (count, size, opacity) in [(60, 360, 5), (26, 210, 8), (7, 120, 9)] {
            let mut dots = String::new();
            for _ in 0..count {
                fill(&mut dots, "M% %h0", &[dice.roll(0, w), dice.roll(0, h)], &[]);
            }
            let size = (unit / size).max(1);
            self.draw(
                "<path d=\"$0\" stroke=\"#fff\" stroke-width=\"%\" stroke-linecap=\"round\" opacity=\".%\"/>",
                &[size, opacity],
                &[&dots],
            );
        }
        self.planet(dice);
    }

    fn planet(&mut self, dice: &mut SeededRng) {
        let hue = dice.roll(0, 359);
        let [light, body, band, dark, ring] =
            [(hue, 80, 78), (hue + 8, 64, 60), (hue + 16, 58, 48), (hue + 30, 60, 16), (hue + 60, 60, 80)].map(css);
        let mut bands = String::new();
        let mut y = 250;
        while y < 760 {
            let thick = dice.roll(14, 46);
            let band = [y, dice.roll(10, 60), thick, dice.roll(-60, -10)];
            fill(&mut bands, "M200 %q300 % 600 0v%q-300 % -600 0z", &band, &[]);
            y += thick + dice.roll(30, 80);
        }
        let front = "M214 560C150 640 150 690 240 690C420 690 900 440 876 356C866 320 800 324 762 342";
        let at = (self.w / 2, self.h * 46 / 100);
        let elements = "<radialGradient id=\"p\" cx=\".32\" cy=\".3\" r=\".8\"><stop stop-color=\"$0\"/><stop offset=\".45\" stop-color=\"$1\"/>\
             <stop offset=\"1\" stop-color=\"$2\"/></radialGradient><clipPath id=\"d\"><circle cx=\"500\" cy=\"500\" r=\"270\"/></clipPath>\
             <radialGradient id=\"v\" cx=\".3\" cy=\".28\" r=\".85\"><stop offset=\".5\" stop-opacity=\"0\"/><stop offset=\"1\" stop-opacity=\".7\"/></radialGradient>\
             <circle cx=\"500\" cy=\"500\" r=\"270\" fill=\"url(#p)\"/><path clip-path=\"url(#d)\" d=\"$3\" fill=\"$4\" opacity=\".6\"/>\
             <circle cx=\"500\" cy=\"500\" r=\"271\" fill=\"url(#v)\"/>\
             <path d=\"$5\" fill=\"none\" stroke=\"$6\" stroke-width=\"30\" stroke-linecap=\"round\" opacity=\".85\"/>\
             <path d=\"$5\" fill=\"none\" stroke=\"$2\" stroke-width=\"5\" opacity=\".5\"/>\
             <circle cx=\"842\" cy=\"206\" r=\"46\" fill=\"url(#p)\"/>\
             <g fill=\"#dfe6f2\"><path d=\"M150 236h90v8h-90zM176 214h38v52h-38z\"/><path d=\"M108 216h34v48h-34zM248 216h34v48h-34z\" fill=\"$1\"/></g>";
        self.place(
            at,
            self.unit * dice.roll(92, 112) / 100,
            elements,
            &[&light, &body, &dark, &bands, &band, front, &ring],
        );
    }
}
