//! A type for secrets, so that no log line, message or response contains one by accident.

use std::fmt;

/// The shortest fragment of a secret that is redacted, in bytes: shorter ones may be ordinary words.
pub(super) const PIECE: usize = 8;

/// A key or a token. `Debug` is redacted and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: only for the header or the signature that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Redacts known secrets, and every fragment of them of eight bytes or more, in a text that came from an upstream.
#[derive(Debug, Clone, Default)]
pub struct Redactor(Vec<Secret>);

impl Redactor {
    /// A redactor of these secrets.
    pub fn new(secrets: Vec<Secret>) -> Self {
        Self(secrets)
    }

    /// True if the text contains a fragment of eight bytes or more of a secret. A shorter secret does not count: it may
    /// be an ordinary word of the text.
    pub fn finds(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let pieces = || self.0.iter().flat_map(|secret| secret.expose().as_bytes().windows(PIECE));
        bytes.windows(PIECE).any(|window| pieces().any(|piece| piece == window))
    }

    /// The text with `***` in place of each secret.
    pub fn scrub(&self, text: &str) -> String {
        let bytes = text.as_bytes();
        let mut is_secret = vec![false; bytes.len()];
        for secret in self.0.iter().map(|secret| secret.expose().as_bytes()) {
            let piece = PIECE.min(secret.len()).max(1);
            for (at, window) in bytes.windows(piece).enumerate() {
                if secret.windows(piece).any(|part| part == window) {
                    is_secret.iter_mut().skip(at).take(piece).for_each(|mark| *mark = true);
                }
            }
        }
        let mut scrubbed = String::with_capacity(text.len());
        let mut was_hidden = false;
        for (at, character) in text.char_indices() {
            let hidden = is_secret.get(at).copied().unwrap_or(false);
            if !hidden {
                scrubbed.push(character);
            } else if !was_hidden {
                scrubbed.push_str("***");
            }
            was_hidden = hidden;
        }
        scrubbed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::new("sk-canary")), "Secret(…)");
    }

    #[test]
    fn whole_keys_and_pieces_of_them_are_struck_out() {
        let redactor = Redactor::new(vec![Secret::new("sk-abcdefghijklmnop"), Secret::new("short")]);
        assert_eq!(redactor.scrub("key sk-abcdefghijklmnop refused"), "key *** refused");
        assert_eq!(redactor.scrub("key sk-abcdef…ijklmnop refused, 猫"), "key ***…*** refused, 猫");
        assert_eq!(redactor.scrub("too short"), "too ***");
        assert_eq!(redactor.scrub("nothing of it: abcdef"), "nothing of it: abcdef");
    }

    #[test]
    fn a_piece_of_a_key_is_found_and_a_word_is_not() {
        let redactor = Redactor::new(vec![Secret::new("sk-abcdefghijklmnop"), Secret::new("cat")]);
        assert!(redactor.finds("a cat, efghijkl"));
        assert!(!redactor.finds("a cat, efghijk"));
    }
}
