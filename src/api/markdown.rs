//! Images in Markdown.

/// The maximum length of the image's alternative text, in characters.
const MAX_ALT_CHARS: usize = 100;

/// What some reader of Markdown takes for markup, or for the beginning of a link of its own.
const MARKUP: &str = "[]()\\`*_<>!&#|~^${}/@";

/// An image that every reader of Markdown shows with exactly this URL, whatever the prompt holds.
pub fn image(prompt: &str, url: &str) -> String {
    format!("![{}]({url})", alternative(prompt))
}

/// The beginning of the prompt, without what means anything in Markdown.
fn alternative(prompt: &str) -> String {
    let plain = prompt.chars().map(|c| if c.is_control() || MARKUP.contains(c) { ' ' } else { c });
    let text = plain.take(MAX_ALT_CHARS).collect::<String>().replace("www.", "www ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alternative_text_holds_nothing_that_markdown_reads() {
        for (prompt, alt) in [
            ("a [cat](x) ![y] <b> `z`\n*w*", "a cat x y b z w"),
            ("http://x.com](y) www.z.com 5:4", "http: x.com y www z.com 5:4"),
            ("^[note] {.class} $x$ a@b", "note .class x a b"),
            ("一只猫", "一只猫"),
        ] {
            assert_eq!(image(prompt, "u"), format!("![{alt}](u)"), "{prompt}");
        }
    }
}
