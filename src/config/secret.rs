//! A type for secrets, so that no log line, message or response contains one by accident.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

/// The shortest fragment of a longer secret that is struck out, in bytes. Whoever can have a text echoed could find a
/// secret fragment by fragment if short ones counted: nobody guesses sixteen bytes at once.
const PIECE: usize = 16;
/// The number of bytes that must stay hidden where the end of a secret is shown.
const HINTED_FROM: usize = 6;
/// The shortest user name, password or query value of an address that counts as a secret, in bytes: shorter ones, such as
/// `v=1`, are ordinary words of a text.
const SHORTEST_VALUE: usize = 8;
/// The shortest part of an address's path that counts as a secret, in bytes: shorter ones are names, such as
/// `generations`.
const SHORTEST_PATH_PART: usize = 20;

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

    /// The last four characters, by which the owner knows it; none of a short one, of which they would tell too much.
    pub fn hint(&self) -> &str {
        let start = self.0.char_indices().rev().nth(3).map(|(at, _)| at);
        start.filter(|at| *at >= HINTED_FROM).and_then(|at| self.0.get(at..)).unwrap_or_default()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Strikes the secrets that were sent to an upstream out of a text that came back from it.
///
/// There is one for each upstream: a secret that an upstream was never told cannot be in its texts, and a comparison with
/// it would tell whoever can choose the text if a guess was right.
#[derive(Debug, Clone, Default)]
pub struct Redactor(Vec<Secret>);

impl Redactor {
    /// A redactor of what a call with `key` tells the upstream; `None` for a binding, which has no `url`.
    pub fn of_call(url: Option<&Url>, key: Option<&Secret>) -> Self {
        let of_address = url.into_iter().flat_map(secrets_in);
        Self(key.cloned().into_iter().chain(of_address).collect())
    }

    /// The text with `***` in place of each secret, and of each fragment of one of sixteen bytes or more.
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

/// What is secret in an address, as it is written and decoded.
fn secrets_in(url: &Url) -> impl Iterator<Item = Secret> {
    let user = [url.username(), url.password().unwrap_or_default()];
    let values = url.query().into_iter().flat_map(|query| query.split('&'));
    let values = values.map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
    let parts = url.path().split('/').filter(|part| part.len() >= SHORTEST_PATH_PART);
    let texts = user.into_iter().chain(values).filter(|text| text.len() >= SHORTEST_VALUE).chain(parts);
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    texts.flat_map(move |text| [text.to_owned(), decoded(text)]).map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-abcdefghijklmnopqrstuvwxyz";

    fn redactor(url: &str, key: &str) -> Redactor {
        let url = Url::parse(url).unwrap_or_else(|_| unreachable!("{url}"));
        Redactor::of_call(Some(&url), Some(&Secret::new(key)))
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::new("sk-canary")), "Secret(…)");
    }

    #[test]
    fn the_end_of_a_secret_is_shown_where_most_of_it_stays_hidden() {
        let hints =
            [KEY, "image-key1", "image-key", "key", "", "密钥密钥密钥"].map(|key| Secret::new(key).hint().to_owned());
        assert_eq!(hints, ["wxyz", "key1", "", "", "", "密钥密钥"]);
    }

    #[test]
    fn whole_keys_and_long_pieces_of_them_are_struck_out() {
        let redactor = redactor("https://a.test/v1/images/generations", KEY);
        assert_eq!(redactor.scrub(&format!("key {KEY} refused")), "key *** refused");
        assert_eq!(redactor.scrub("key sk-abcdefghijklmn…, 猫"), "key ***…, 猫");
        assert_eq!(super::tests::redactor("https://a.test/", "short").scrub("too short"), "too ***");
    }

    #[test]
    fn no_piece_that_can_be_guessed_tells_anything() {
        let redactor = redactor("https://a.test/", KEY);
        for length in 1..PIECE {
            for piece in KEY.as_bytes().windows(length) {
                let text = format!("you said: {}", String::from_utf8_lossy(piece));
                assert_eq!(redactor.scrub(&text), text);
            }
        }
    }

    #[test]
    fn what_is_secret_in_an_address_is_struck_out_and_its_names_are_not() {
        let address =
            "https://owner-name:pass%20word@a.test/v1/tenant-0123456789abcdef/images/generations?v=1&key=canary-6";
        let redactor = redactor(address, "k");
        for secret in ["owner-name", "pass word", "pass%20word", "tenant-0123456789abcdef", "canary-6"] {
            assert_eq!(redactor.scrub(&format!("no “{secret}” here")), "no “***” here");
        }
        let text = "v1 images/generations a.test";
        assert_eq!(redactor.scrub(text), text);
    }
}
