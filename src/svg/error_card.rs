//! Error cards: errors as pictures, for a browser that expects an image.

use std::fmt::Write as _;

use super::text::{EM, FONTS, escape, width, wrap};
use crate::domain::Size;

/// The smallest readable font size, in pixels.
const MIN_FONT: u32 = 9;
/// The minimum card height for the picture frame above the status; it is illegible on smaller cards.
const FRAME_MIN_SIDE: u32 = 220;
/// The longest wait that is shown as a progress bar, in seconds. A longer one is only written as text.
const MAX_SHOWN_WAIT: u64 = 300;

/// The colours, light and dark, and the progress bar of the wait.
const STYLE: &str = "\
    .b{fill:#f7f7f5}.g{fill:#ecebe6}.s{fill:#3a3d45}.m{fill:#4c505a}.c{fill:#8b8f98}.l{stroke:#b9bcc3}.a{fill:#c9784f}.t{fill:#e2e0d9}\
    @media (prefers-color-scheme:dark){\
    .b{fill:#16181d}.g{fill:#1d2027}.s{fill:#e6e7ea}.m{fill:#b9bdc6}.c{fill:#7d828d}.l{stroke:#4a4f5a}.a{fill:#d98f66}.t{fill:#2a2e37}}\
    @keyframes w{from{transform:scaleX(0)}}@media (prefers-reduced-motion:reduce){.w{animation:none!important}}";

/// Draws an SVG of exactly this size, without scripts and external resources. It shows the status, the message and the
/// code, as far as there is room. `retry_after` is in seconds.
pub fn error_card(status: u16, code: &str, message: &str, retry_after: Option<u64>, size: Size) -> String {
    let card = Card::new(size, &status.to_string(), message, code, retry_after);
    let (w, h) = (size.width(), size.height());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\" \
         font-family=\"{FONTS}\"><title>{status} {code}: {message}</title><style>{STYLE}</style>\
         <path class=\"b\" d=\"M0 0h{w}v{h}H0z\"/><circle class=\"g\" cx=\"{w}\" cy=\"{h}\" r=\"{radius}\"/>",
        code = escape(code),
        message = escape(message),
        radius = w.min(h) * 3 / 5,
    );
    card.draw(&mut svg);
    svg.push_str("</svg>");
    svg
}

/// Lines of text in one font size.
struct Block {
    lines: Vec<String>,
    font: u32,
}

impl Block {
    /// Fits the text in the largest font size at which all of it fits, or truncates it if even the smallest is too
    /// large.
    fn fit(text: &str, room: (u32, u32), largest: u32) -> Self {
        let mut font = largest.max(MIN_FONT);
        loop {
            let max_lines = room.1 / line_height(font);
            let max_width = room.0 * EM / font;
            // One more line than fits shows if text would be cut.
            let lines = wrap(text, max_width, usize_of(max_lines) + 1);
            if lines.len() <= usize_of(max_lines) && !lines.is_empty() {
                return Self { lines, font };
            }
            if font <= MIN_FONT {
                return Self { lines: wrap(text, max_width, usize_of(max_lines)), font };
            }
            font -= 1;
        }
    }

    fn height(&self) -> u32 {
        line_height(self.font) * u32::try_from(self.lines.len()).unwrap_or_default()
    }

    /// Draws the lines downwards from `top`.
    fn draw(&self, svg: &mut String, class: &str, place: &str, top: u32) {
        let mut baseline = top + self.font;
        for line in &self.lines {
            text(svg, class, &format!("{place} font-size=\"{}\"", self.font), baseline, line);
            baseline += line_height(self.font);
        }
    }
}

fn line_height(font: u32) -> u32 {
    font * 3 / 2
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or_default()
}

fn text(svg: &mut String, class: &str, attributes: &str, baseline: u32, line: &str) {
    let _ = write!(svg, "<text class=\"{class}\" {attributes} y=\"{baseline}\">{}</text>", escape(line));
}

/// The parts of the card, measured.
struct Card {
    size: Size,
    pad: u32,
    /// True if the message is beside the status and not below it.
    is_row: bool,
    status: String,
    status_font: u32,
    message: Block,
    footer: Option<(String, u32)>,
    frame: u32,
    wait: Option<u64>,
}

impl Card {
    fn new(size: Size, status: &str, message: &str, code: &str, wait: Option<u64>) -> Self {
        let (w, h) = (size.width(), size.height());
        let pad = (w.min(h) / 10).clamp(4, 56);
        let (room_w, room_h) = (w - 2 * pad, h - 2 * pad);
        let mean = (w * h).isqrt();
        let largest = (mean / 22).clamp(12, 34).min(room_w / 6);
        let is_row = w >= 3 * h;
        let digits = width(status).max(1);
        if is_row {
            let status_font = (room_h * 3 / 5).min(room_w * EM / digits / 3).min(120);
            let taken = status_font * digits / EM + 2 * pad;
            let message = Block::fit(message, (room_w.saturating_sub(taken), room_h), largest.min(room_h / 2));
            return Self {
                size,
                pad,
                is_row,
                status: status.to_owned(),
                status_font,
                message,
                footer: None,
                frame: 0,
                wait,
            };
        }
        let status_font = (mean / 7).clamp(18, 96).min(room_w * EM / digits);
        let footer_text = wait.map_or_else(|| code.to_owned(), |seconds| format!("{code} · {seconds} s"));
        let footer_font = (mean / 36).clamp(MIN_FONT, 16);
        // The footer's letters are spaced wider than the rest.
        let footer_fits = width(&footer_text) * footer_font * 6 / 5 / EM <= room_w && room_h >= 150;
        let footer = footer_fits.then_some((footer_text, footer_font));
        let frame = if w.min(h) >= FRAME_MIN_SIDE { w.min(h) / 9 } else { 0 };
        let taken = status_font + 2 * frame + footer.as_ref().map_or(0, |(_, font)| 3 * font) + pad / 2;
        let message = Block::fit(message, (room_w, room_h.saturating_sub(taken)), largest);
        Self { size, pad, is_row, status: status.to_owned(), status_font, message, footer, frame, wait }
    }

    fn draw(&self, svg: &mut String) {
        if self.is_row {
            self.draw_row(svg);
        } else {
            self.draw_column(svg);
        }
        if let Some(seconds) = self.wait.filter(|seconds| (1..=MAX_SHOWN_WAIT).contains(seconds)) {
            let (w, h) = (self.size.width(), self.size.height());
            let thick = (h / 128).clamp(2, 6);
            let _ = write!(
                svg,
                "<path class=\"t\" d=\"M0 {top}h{w}v{thick}H0z\"/><path class=\"a w\" d=\"M0 {top}h{w}v{thick}H0z\" \
                 style=\"animation:w {seconds}s linear\"/>",
                top = h - thick,
            );
        }
    }

    fn draw_row(&self, svg: &mut String) {
        let middle = self.size.height() / 2;
        let status = format!("x=\"{}\" font-size=\"{}\" font-weight=\"300\"", 2 * self.pad, self.status_font);
        // Digits are about seven tenths of the font size high.
        text(svg, "s", &status, middle + self.status_font * 7 / 20, &self.status);
        let x = 3 * self.pad + self.status_font * width(&self.status) / EM;
        let top = middle.saturating_sub(self.message.height() / 2);
        self.message.draw(svg, "m", &format!("x=\"{x}\""), top);
    }

    fn draw_column(&self, svg: &mut String) {
        let gap = if self.message.lines.is_empty() { 0 } else { self.pad / 2 };
        let content = 2 * self.frame + self.status_font + gap + self.message.height();
        let footer_height = self.footer.as_ref().map_or(0, |(_, font)| 2 * font);
        let mut y = (self.size.height() - footer_height).saturating_sub(content) / 2;
        let middle = self.size.width() / 2;
        let centred = format!("x=\"{middle}\" text-anchor=\"middle\"");
        if self.frame > 0 {
            self.draw_frame(svg, middle, y);
            y += 2 * self.frame;
        }
        let status = format!("{centred} font-size=\"{}\" font-weight=\"300\" letter-spacing=\"1\"", self.status_font);
        text(svg, "s", &status, y + self.status_font * 17 / 20, &self.status);
        self.message.draw(svg, "m", &centred, y + self.status_font + gap);
        if let Some((line, font)) = &self.footer {
            let mono =
                format!("{centred} font-size=\"{font}\" style=\"font-family:ui-monospace,Menlo,Consolas,monospace\"");
            text(svg, "c", &mono, self.size.height() - self.pad, line);
        }
    }

    /// Draws an empty picture frame with hills and a sun, in one thin line.
    fn draw_frame(&self, svg: &mut String, middle: u32, top: u32) {
        let unit = self.frame;
        let (left, thin) = (middle.saturating_sub(unit), (unit / 24).max(2));
        let _ = write!(
            svg,
            "<g class=\"l\" fill=\"none\" stroke-width=\"{thin}\" stroke-linecap=\"round\" stroke-linejoin=\"round\" \
             transform=\"translate({left} {top})\"><rect width=\"{}\" height=\"{height}\" rx=\"{}\"/>\
             <circle cx=\"{}\" cy=\"{}\" r=\"{}\"/><path d=\"M{} {base}L{} {}L{} {}L{} {}L{} {base}\"/></g>",
            2 * unit,
            unit / 6,
            unit / 2,
            unit / 2,
            unit / 6,
            unit / 4,
            unit * 3 / 4,
            unit * 7 / 10,
            unit * 21 / 20,
            unit,
            unit * 27 / 20,
            unit * 3 / 5,
            unit * 7 / 4,
            height = unit * 3 / 2,
            base = unit * 5 / 4,
        );
    }
}

#[cfg(test)]
mod tests;
