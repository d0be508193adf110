//! The visible part of a text that somebody typed or pasted: the invisible characters of web pages and editors are taken
//! out, so that two prompts that look alike are alike, and one that shows nothing is blank.

/// The text with each run of line breaks and tabs as one space, without other control characters, soft hyphens, byte
/// order marks and bidi controls, and without white space and default-ignorable characters at either end. What an emoji
/// at the end is made of stays.
pub fn visible(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut in_break = false;
    for c in text.chars() {
        if is_break(c) {
            if !in_break {
                cleaned.push(' ');
            }
            in_break = true;
        } else if !is_removed(c) {
            cleaned.push(c);
            in_break = false;
        }
    }
    trimmed(&cleaned).to_owned()
}

/// True if a text shows nothing.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_removed(c) || is_default_ignorable(c))
}

/// The most words, and characters, that stand for a prompt in a file name or a title.
const MAX_WORDS: usize = 6;
const MAX_WORD_CHARS: usize = 32;

/// The first words of a text, cut at a word where there is one.
pub fn first_words(text: &str) -> String {
    let mut first = String::new();
    for word in text.split_whitespace().take(MAX_WORDS) {
        let chars = first.chars().count() + word.chars().count();
        if first.is_empty() {
            first.extend(word.chars().take(MAX_WORD_CHARS));
        } else if chars < MAX_WORD_CHARS {
            first.push(' ');
            first.push_str(word);
        } else {
            break;
        }
    }
    first.trim_end_matches([',', '.', ';', ':', '，', '。', '；', '：', '、']).to_owned()
}

/// Line breaks and tabs.
fn is_break(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that are taken out wherever they are.
fn is_removed(c: char) -> bool {
    let is_bidi_control =
        matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    is_bidi_control || matches!(c, '\u{AD}' | '\u{FEFF}') || (c.is_control() && !is_break(c))
}

/// Unicode's property `Default_Ignorable_Code_Point`.
fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The text without what shows nothing at either end.
fn trimmed(text: &str) -> &str {
    let shows_nothing = |c: char| c.is_whitespace() || is_default_ignorable(c);
    let text = text.trim_start_matches(shows_nothing);
    let shown = text.trim_end_matches(shows_nothing);
    let rest = text.get(shown.len()..).unwrap_or_default();
    let belongs = if shown.ends_with(is_emoji) { rest.trim_start_matches(is_part_of_emoji) } else { rest };
    text.get(..text.len() - belongs.len()).unwrap_or_default()
}

/// Variation selectors, and the tags of which some flags are made.
fn is_part_of_emoji(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0020}'..='\u{E007F}')
}

/// The blocks of emoji, arrows and symbols that have an emoji form.
fn is_emoji(c: char) -> bool {
    matches!(c,
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}'
        | 'Ⓜ' | '\u{25A0}'..='\u{27BF}' | '\u{2900}'..='\u{297F}' | '\u{2B00}'..='\u{2BFF}' | '〰' | '〽' | '㊗' | '㊙'
        | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_line_breaks_and_tabs_is_a_space() {
        for (text, shown) in
            [("a\r\n\r\n\tb", "a b"), ("a\u{2028}\u{200E}\nb", "a b"), ("a \n b", "a   b"), ("\n a b \t", "a b")]
        {
            assert_eq!(visible(text), shown, "{text:?}");
        }
    }

    #[test]
    fn what_shows_nothing_is_taken_out_and_what_joins_stays_inside() {
        for (text, shown) in [
            ("\u{FEFF}a \u{202E}cat\u{202C}\0", "a cat"),
            ("in\u{AD}visible", "invisible"),
            ("\u{200B}\u{2060} a\u{200D}b \u{3164}\u{200B} ", "a\u{200D}b"),
            ("👩\u{200D}🚀 \u{200D}", "👩\u{200D}🚀"),
            ("a ❤\u{FE0F} b", "a ❤\u{FE0F} b"),
        ] {
            assert_eq!(visible(text), shown, "{text:?}");
        }
    }

    #[test]
    fn an_emoji_at_the_end_keeps_what_it_is_made_of() {
        let scotland = "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}";
        for text in ["a ❤\u{FE0F}", "☎\u{FE0E}", scotland] {
            assert_eq!(visible(text), text, "{text:?}");
            assert_eq!(visible(&format!("{text}\u{200B} \u{FE0F}")), text, "{text:?}");
        }
        assert_eq!(visible("cat\u{FE0F}"), "cat");
    }

    #[test]
    fn the_first_words_are_short() {
        for (text, words) in [
            ("a red fox, ", "a red fox"),
            ("one two three four five six seven", "one two three four five six"),
            ("a photograph of an extraordinarily long word", "a photograph of an"),
        ] {
            assert_eq!(first_words(text), words, "{text}");
        }
        assert_eq!(first_words(&"长".repeat(100)).chars().count(), MAX_WORD_CHARS);
    }

    #[test]
    fn a_text_of_nothing_else_is_blank() {
        for text in ["", " \n", "\u{200B}\u{FEFF}", "\u{1}\u{7F}\u{AD}", "\u{3164}\u{E0001}\u{FE0F}", "\u{3000}"] {
            assert!(is_blank(text) && visible(text).is_empty(), "{text:?}");
        }
        assert!(!is_blank(" a "));
    }
}
