//! Text in SVG, without font metrics: escaping, estimating widths, breaking lines.

/// Marks a text that was truncated.
const CUT: char = '…';

/// The width of a CJK character, in hundredths of the font size: the unit of all widths here.
pub const EM: u32 = 100;

/// System fonts, Latin and Chinese; none is downloaded.
pub const FONTS: &str =
    "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif";

/// Escapes a text for XML elements and attributes: the five special characters become entities, and characters that XML
/// 1.0 cannot represent are removed.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if is_xml(c) => escaped.push(c),
            _ => {}
        }
    }
    escaped
}

/// True if XML 1.0 can represent the character.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Estimates the width of a text; rather too wide than too narrow.
pub fn width(text: &str) -> u32 {
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> u32 {
    match c {
        // Combining marks, joiners, variation selectors and skin tones are drawn with the character before.
        '\u{300}'..='\u{36f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{1f3fb}'..='\u{1f3ff}' => 0,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 32,
        'f' | 't' | 'r' | ' ' | '(' | ')' | '[' | ']' | '{' | '}' | '-' | '/' | '\\' | '`' => 42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '&' | '…' | '—' => 98,
        'A'..='Z' | '<' | '>' | '=' | '+' | '~' | '#' => 74,
        '\0'..='~' => 62,
        // Emoji are drawn a little wider than the font is high.
        '\u{1f000}'..='\u{1faff}' => 130,
        '\u{1100}'..='\u{11ff}'
        | '\u{2190}'..='\u{a4cf}'
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ffe6}'
        | '\u{10000}'.. => EM,
        _ => 80,
    }
}

/// Breaks a text into at most `max_lines` lines of at most `max_width` each, between words and between Chinese
/// characters; a word longer than a line is broken too. Text that does not fit is cut off and marked with `…`. Any run
/// of white space counts as one space.
pub fn wrap(text: &str, max_width: u32, max_lines: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for (piece, spaced) in pieces(text) {
        let mut glued = line.clone();
        if spaced && !line.is_empty() {
            glued.push(' ');
        }
        glued.push_str(&piece);
        if width(&glued) <= max_width {
            line = glued;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for cluster in clusters(&piece) {
            if !line.is_empty() && width(&line) + width(&cluster) > max_width {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(&cluster);
        }
        // Stops early: text that will be cut off need not be broken, however long it is.
        if lines.len() > max_lines {
            break;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > max_lines {
        lines.truncate(max_lines);
        if let Some(last) = lines.last_mut() {
            *last = cut(last, max_width);
        }
    }
    lines.retain(|line| width(line) <= max_width);
    lines
}

/// The beginning of a line followed by `…`, within the line's width.
fn cut(line: &str, max_width: u32) -> String {
    let room = max_width.saturating_sub(char_width(CUT));
    let mut kept = String::new();
    for cluster in clusters(line) {
        if width(&kept) + width(&cluster) > room {
            break;
        }
        kept.push_str(&cluster);
    }
    format!("{}{CUT}", kept.trim_end())
}

/// The unbreakable pieces of a line: words, and single Chinese characters with their punctuation. The flag is true if
/// white space precedes the piece.
fn pieces(text: &str) -> Vec<(String, bool)> {
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let mut spaced = true;
        let mut before: Option<char> = None;
        for c in word.chars() {
            let breaks = before.is_none_or(|last| may_break(last, c));
            match pieces.last_mut() {
                Some((piece, _)) if !breaks => piece.push(c),
                _ => pieces.push((c.to_string(), std::mem::take(&mut spaced))),
            }
            before = Some(c);
        }
    }
    pieces
}

/// True if a line may end between two characters that no space separates.
fn may_break(last: char, next: char) -> bool {
    let closes = "，。、！？；：）》」』】〕”’…,.!?;:)]}%".contains(next);
    let opens = "（《「『【〔“‘([{".contains(last);
    let is_wide = char_width(last) >= EM || char_width(next) >= EM;
    is_wide && !closes && !opens && !joins(last, next)
}

/// True if two characters are drawn as one: a letter and its accent, the parts of an emoji.
fn joins(last: char, next: char) -> bool {
    const JOINER: char = '\u{200d}';
    last == JOINER || (char_width(next) == 0)
}

/// The characters of a text, each with its combining marks.
fn clusters(text: &str) -> Vec<String> {
    let mut clusters: Vec<String> = Vec::new();
    let mut before = None;
    for c in text.chars() {
        match clusters.last_mut() {
            Some(cluster) if before.is_some_and(|last| joins(last, c)) => cluster.push(c),
            _ => clusters.push(c.to_string()),
        }
        before = Some(c);
    }
    clusters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_special_characters_are_escaped_or_dropped() {
        assert_eq!(escape("<a href=\"x\" b='y'>&</a>"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;&lt;/a&gt;");
        assert_eq!(escape("a\0b\u{1}c\u{1f}d\u{fffe}e\u{ffff}f"), "abcdef");
        assert_eq!(escape("猫\t\n👩‍👧\u{10ffff}"), "猫\t\n👩‍👧\u{10ffff}");
    }

    #[test]
    fn latin_breaks_between_words_and_chinese_between_characters() {
        assert_eq!(wrap("a red  cat\nsleeping", 6 * EM, 9), ["a red cat", "sleeping"]);
        assert_eq!(wrap("一位女孩在海边看日出", 4 * EM, 9), ["一位女孩", "在海边看", "日出"]);
        assert_eq!(wrap("画a cat和狗", 3 * EM, 9), ["画a", "cat和", "狗"]);
    }

    #[test]
    fn no_line_starts_with_closing_punctuation_or_ends_with_an_opening_one() {
        assert_eq!(wrap("一位女孩，日出", 4 * EM, 9), ["一位女", "孩，日出"]);
        assert_eq!(wrap("一位女（孩）", 4 * EM, 9), ["一位女", "（孩）"]);
    }

    #[test]
    fn a_word_longer_than_a_line_is_broken_and_an_emoji_is_not() {
        assert_eq!(wrap("xxxxxxxxxx", 2 * EM, 9), ["xxx", "xxx", "xxx", "x"]);
        let family = "👨\u{200d}👩\u{200d}👧";
        assert_eq!(wrap(&format!("{family}{family}"), 4 * EM, 9), [family, family]);
        assert_eq!(wrap(&"e\u{301}".repeat(4), 2 * 62, 9), ["e\u{301}e\u{301}", "e\u{301}e\u{301}"]);
    }

    #[test]
    fn text_that_does_not_fit_is_cut_and_marked() {
        assert_eq!(wrap("一位女孩在海边看日出", 4 * EM, 2), ["一位女孩", "在海边…"]);
        assert_eq!(wrap("cat", 10, 3), Vec::<String>::new());
        assert_eq!(wrap("cat", 10 * EM, 0), Vec::<String>::new());
        assert_eq!(wrap(" \n\u{3000}\u{7}", 10 * EM, 3), Vec::<String>::new());
    }

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        let texts = [
            "“size” is “猫猫x猫”; it takes WIDTHxHEIGHT, each side 64 to 2048.",
            "，，，，，，，，，，",
            "MMMMMMMM ((((((（（（（",
        ];
        for text in texts {
            for max in (40..1_200).step_by(30) {
                assert!(wrap(text, max, 4).iter().all(|line| width(line) <= max), "{text} in {max}");
            }
        }
    }
}
