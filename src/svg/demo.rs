//! Demo pictures: a scene for each prompt and seed, chosen by the prompt's words and drawn by the Worker itself, so that
//! the service can be tried without an account.

mod canvas;
mod landscape;
mod palette;
mod scenes;
mod seeded_rng;
mod subject;

use std::fmt::Write as _;

use super::text::{EM, FONTS, escape, width, wrap};
use crate::domain::Size;

use self::seeded_rng::SeededRng;

/// The length of the picture's title, taken from the prompt, in characters.
const MAX_TITLE_CHARS: usize = 120;
/// The maximum number of caption lines.
const MAX_LINES: usize = 3;
/// The smallest readable font size, in pixels.
const MIN_FONT: u32 = 9;

/// Draws an SVG of exactly this size, different for each prompt and seed, with the prompt as caption and a badge that
/// marks it as a demo. It has no script and loads nothing.
pub fn draw(prompt: &str, size: Size, seed: u64) -> String {
    let (w, h) = (size.width(), size.height());
    let scene = scenes::paint(prompt, i64::from(w), i64::from(h), &mut SeededRng::new(prompt, seed));
    let title: String = prompt.chars().take(MAX_TITLE_CHARS).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\" \
         font-family=\"{FONTS}\"><title>Demo · 演示: {}</title>{scene}{}{}</svg>",
        escape(&title),
        caption(prompt, size),
        badge(size),
    )
}

/// The prompt at the bottom, on a dark shade that keeps it readable on any scene.
fn caption(prompt: &str, size: Size) -> String {
    let (w, h) = (size.width(), size.height());
    let pad = padding(size);
    let font = ((w * h).isqrt() / 22).min(w / 6).min(h / 5).clamp(MIN_FONT, 40);
    let line_height = font * 7 / 5;
    // At most half of the height: the rest is for the scene and the badge.
    let max_lines = usize::try_from(h / 2 / line_height).unwrap_or_default().min(MAX_LINES);
    let lines = wrap(prompt, (w - 2 * pad) * EM / font, max_lines);
    let count = u32::try_from(lines.len()).unwrap_or_default();
    let shade = (count * line_height + 3 * pad).min(h);
    let mut svg = format!(
        "<linearGradient id=\"c\" x2=\"0\" y2=\"1\"><stop stop-opacity=\"0\"/><stop offset=\"1\" stop-opacity=\".62\"/>\
         </linearGradient><path fill=\"url(#c)\" d=\"M0 {}h{w}v{shade}H0z\"/><g fill=\"#fff\" font-size=\"{font}\" font-weight=\"500\">",
        h - shade
    );
    for (below, line) in (0..count).rev().zip(&lines) {
        let baseline = h - pad - below * line_height - font / 6;
        let _ = write!(svg, "<text x=\"{pad}\" y=\"{baseline}\">{}</text>", escape(line));
    }
    svg.push_str("</g>");
    svg
}

/// The badge at the top that marks the picture as a demo.
fn badge(size: Size) -> String {
    let pad = padding(size);
    let font = ((size.width() * size.height()).isqrt() / 36).min(size.height() / 6).clamp(MIN_FONT, 22);
    let room = size.width() - 2 * pad;
    // The letter spacing is a tenth of an em.
    let badge_width = |label: &str| {
        (width(label) + 10 * u32::try_from(label.chars().count()).unwrap_or_default()) * font / EM + 2 * font
    };
    let label = if badge_width("DEMO · 演示") <= room { "DEMO · 演示" } else { "DEMO" };
    let (long, high) = (badge_width(label).min(room), font * 2);
    format!(
        "<rect x=\"{pad}\" y=\"{pad}\" width=\"{long}\" height=\"{high}\" rx=\"{font}\" fill=\"#000\" fill-opacity=\".45\"/>\
         <text x=\"{}\" y=\"{}\" fill=\"#fff\" font-size=\"{font}\" font-weight=\"600\" letter-spacing=\".1em\" \
         text-anchor=\"middle\">{label}</text>",
        pad + long / 2 + font / 20,
        pad + font * 27 / 20,
    )
}

fn padding(size: Size) -> u32 {
    (size.width().min(size.height()) / 20).clamp(4, 48)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A prompt for each scene.
    const PROMPTS: [&str; 13] = [
        "a bicycle, 自行车",
        "a cabin",
        "一只猫",
        "a city",
        "沙漠",
        "a flower",
        "a forest",
        "竹林",
        "a lighthouse",
        "mountains",
        "一位女孩在海边看日出, watching the sunrise by the sea",
        "a ship",
        "a planet",
    ];

    fn size(width: u32, height: u32) -> Size {
        Size::of(width, height).unwrap_or_else(|| unreachable!())
    }

    #[test]
    fn the_same_prompt_and_seed_bring_the_same_picture_and_others_another() {
        let square = size(512, 512);
        let cat = draw("a cat", square, 1);
        assert_eq!(cat, draw("a cat", square, 1));
        assert_ne!(cat, draw("a cat", square, 2));
        // The scenes differ, not only the captions.
        let scene = |prompt: &str| scenes::paint(prompt, 512, 512, &mut SeededRng::new(prompt, 1));
        assert_ne!(scene("a cat"), scene("a dog"));
        assert_ne!(scene("a bicycle"), scene("a tricycle"));
    }

    #[test]
    fn every_size_has_its_own_width_and_height_and_says_that_it_is_a_demo() {
        for (w, h) in [(64, 64), (2_048, 64), (1_024, 128), (64, 2_048), (512, 512), (2_048, 2_048)] {
            for (seed, prompt) in (0..40).flat_map(|seed| PROMPTS.map(|prompt| (seed, prompt))) {
                let svg = draw(prompt, size(w, h), seed);
                assert!(svg.contains(&format!("width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\"")));
                assert!(svg.contains("DEMO"));
                assert!(svg.len() < 20_000, "{prompt} at {w}x{h}: {} bytes", svg.len());
            }
        }
    }

    #[test]
    fn a_prompt_cannot_be_more_than_text_and_a_long_one_is_cut() {
        let square = size(512, 512);
        let svg = draw("</text><script>alert('1')</script>\0&\"", square, 1);
        assert!(!svg.contains("<script") && !svg.contains('\0') && svg.contains("&lt;script&gt;"));
        let svg = draw(&"猫".repeat(2_000), square, 1);
        assert!(svg.contains("…</text>") && svg.len() < 9_000);
    }
}
