//! The scenes of demo pictures, one for each subject.

mod indoors;
mod outdoors;
mod space;
mod town;

use super::canvas::Canvas;
use super::seeded_rng::SeededRng;
use super::subject::{Subject, is_night};

/// Draws the scene that a prompt asks for, at this width and height in pixels; a landscape where it names no subject.
pub(super) fn paint(prompt: &str, w: i64, h: i64, dice: &mut SeededRng) -> String {
    let mut canvas = Canvas::new(w, h, is_night(prompt), dice);
    match Subject::of(prompt) {
        Some(Subject::Space) => canvas.space(dice),
        Some(Subject::Flower) => canvas.flower(dice),
        Some(Subject::Portrait) => canvas.portrait(prompt.contains("hat") || prompt.contains('帽'), dice),
        Some(Subject::Cat) => canvas.cat(prompt, dice),
        outdoors => {
            canvas.sky(dice);
            canvas.outdoors(outdoors, prompt, dice);
        }
    }
    canvas.svg
}

impl Canvas {
    fn outdoors(&mut self, subject: Option<Subject>, prompt: &str, dice: &mut SeededRng) {
        match subject {
            Some(Subject::City) => self.city(dice),
            Some(Subject::Forest) => self.forest(prompt.contains("bamboo") || prompt.contains('竹'), dice),
            Some(Subject::Ship) => self.ship(dice),
            Some(Subject::Lighthouse) => self.lighthouse(dice),
            Some(Subject::Desert) => self.desert(dice),
            Some(Subject::Cabin) => self.cabin(dice),
            Some(Subject::Sea) => self.sea(dice),
            Some(Subject::Mountains) => self.land(dice, true),
            _ => match dice.roll(0, 2) {
                0 => self.sea(dice),
                peaks => self.land(dice, peaks == 1),
            },
        }
    }
}
