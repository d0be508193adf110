//! Lists of texts as the form of small messages: what serde derives to read a struct weighs ten times as much.

use std::str::FromStr;

/// The texts of a message that were not read yet.
pub(super) struct Fields(std::vec::IntoIter<String>);

impl Fields {
    pub(super) fn new(fields: Vec<String>) -> Self {
        Self(fields.into_iter())
    }

    /// The number of texts that were not read yet.
    pub(super) fn left(&self) -> usize {
        self.0.len()
    }

    /// The next text.
    pub(super) fn text(&mut self) -> Option<String> {
        self.0.next()
    }

    /// The next text as a number, or as whatever can be parsed.
    pub(super) fn parsed<T: FromStr>(&mut self) -> Option<T> {
        self.text()?.parse().ok()
    }

    /// The next text, parsed unless it is blank. `None` for a text that cannot be parsed.
    #[expect(clippy::option_option, reason = "a blank one is a valid value")]
    pub(super) fn optional<T: FromStr>(&mut self) -> Option<Option<T>> {
        let text = self.text()?;
        if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
    }
}

/// The text of an optional number.
pub(super) fn optional(number: Option<impl ToString>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}
