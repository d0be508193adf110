//! `ACCESS_TOKENS`: a list of owners' tokens, or JSON with a name and a quota for each.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::reader::{Reader, is_header_safe};
use crate::domain::account::{ANONYMOUS, Account};

const NAME: &str = "ACCESS_TOKENS";
/// The shortest token, in characters: a shorter one is soon guessed.
const SHORTEST: usize = 8;
/// The longest name of a token, in characters: names are stored with each day's counts.
const LONGEST_NAME: usize = 64;
/// The fields of a token in JSON.
const FIELDS: [&str; 3] = ["token", "per_day", "owner"];

/// An access token. It is known by its digest: the token itself is kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    digest: [u8; 32],
    /// Its name and its quota.
    pub account: Account,
    /// True if its holder is an owner, who may refresh, remove and sign, and sees what goes on.
    pub is_owner: bool,
}

impl Token {
    fn new(token: &str, account: Account, is_owner: bool) -> Self {
        Self { digest: Sha256::digest(token).into(), account, is_owner }
    }

    /// The one of `tokens` that was `sent`. All are compared, by their digests, so that the response time reveals nothing.
    pub fn find<'a>(tokens: &'a [Self], sent: &str) -> Option<&'a Self> {
        let sent = Sha256::digest(sent);
        let differs = |token: &Self| token.digest.iter().zip(&sent).fold(0, |bits, (a, b)| bits | (a ^ b)) != 0;
        tokens.iter().fold(None, |found, token| if differs(token) { found } else { Some(token) })
    }
}

/// Reads the tokens. One that is malformed is a problem, and opens nothing.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<Token> {
    match reader.value(NAME) {
        Some(text) if text.starts_with('{') => read_json(reader, &text),
        _ => read_list(reader),
    }
}

/// A list: each token is an owner's, and its place is its name.
fn read_list(reader: &mut Reader<'_>) -> Vec<Token> {
    let tokens = reader.secrets(NAME);
    if tokens.iter().any(|token| is_short(token.expose())) {
        reader.problem(NAME, "takes tokens of at least 8 characters");
    }
    let named = tokens.iter().enumerate().map(|(at, token)| {
        let account = Account { name: format!("token {}", at + 1), per_day: None };
        Token::new(token.expose(), account, true)
    });
    named.zip(&tokens).filter(|(_, token)| !is_short(token.expose())).map(|(named, _)| named).collect()
}

/// JSON: an object from names to tokens.
fn read_json(reader: &mut Reader<'_>, text: &str) -> Vec<Token> {
    let Ok(Value::Object(entries)) = serde_json::from_str(text) else {
        reader.problem(NAME, "is neither a list nor a JSON object {\"name\":{\"token\",\"per_day\"?,\"owner\"?}}");
        return Vec::new();
    };
    if entries.is_empty() {
        reader.problem(NAME, "has no entry");
    }
    let mut tokens: Vec<Token> = Vec::new();
    for (name, entry) in &entries {
        match read_entry(name, entry) {
            Ok(token) if tokens.iter().any(|known| known.digest == token.digest) => {
                reader.problem(NAME, "has one token twice");
            }
            Ok(token) => tokens.push(token),
            Err(problem) => reader.problem(NAME, problem),
        }
    }
    tokens
}

/// Reads an entry. The error never shows a value, and not the name either: it could be a token in the wrong place.
fn read_entry(name: &str, entry: &Value) -> Result<Token, &'static str> {
    let nothing = Map::new();
    let fields = entry.as_object().unwrap_or(&nothing);
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME || name == ANONYMOUS {
        return Err("takes names of 1 to 64 characters, and not anonymous, who have no token");
    }
    if !fields.keys().all(|field| FIELDS.contains(&field.as_str())) {
        return Err("takes token, per_day and owner for each name, and nothing else");
    }
    let text = fields.get("token").and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if is_short(text) || !is_header_safe(text) {
        return Err("takes a token of at least 8 characters for each name, and no spaces in it");
    }
    let per_day = match fields.get("per_day") {
        None | Some(Value::Null) => None,
        Some(number) => Some(per_day(number).ok_or("takes a whole number from 1 as per_day")?),
    };
    let is_owner = match fields.get("owner") {
        None | Some(Value::Null) => false,
        Some(owner) => owner.as_bool().ok_or("takes true or false as owner")?,
    };
    Ok(Token::new(text, Account { name: name.to_owned(), per_day }, is_owner))
}

fn per_day(number: &Value) -> Option<u32> {
    number.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
}

fn is_short(token: &str) -> bool {
    token.chars().count() < SHORTEST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(value: &str) -> (Vec<Token>, Vec<String>) {
        let lookup = |name: &str| (name == NAME).then(|| value.to_owned());
        let mut reader = Reader::new(&lookup);
        (read(&mut reader), reader.problems().to_vec())
    }

    #[test]
    fn a_list_is_of_owners_who_are_named_by_their_place() {
        let (tokens, problems) = tokens("token-one, token-two");
        let names: Vec<_> = tokens.iter().map(|token| (token.account.name.as_str(), token.is_owner)).collect();
        assert_eq!((names, problems), (vec![("token 1", true), ("token 2", true)], Vec::new()));
    }

    #[test]
    fn json_gives_each_token_a_name_a_quota_and_whether_it_is_an_owners() {
        let (tokens, problems) = tokens(
            r#"{"my friend \"…":{"token":"token-one","per_day":50},"me":{"token":" token-two ","owner":true},"bot":{"token":"token-333","per_day":null,"owner":null}}"#,
        );
        assert_eq!(problems, Vec::<String>::new());
        let found = |sent: &str| {
            let token = Token::find(&tokens, sent)?;
            Some((token.account.name.as_str(), token.account.per_day, token.is_owner))
        };
        assert_eq!(found("token-one"), Some(("my friend \"…", Some(50), false)));
        assert_eq!(found("token-two"), Some(("me", None, true)));
        assert_eq!(found("token-333"), Some(("bot", None, false)));
        assert_eq!(found("token-on"), None);
    }

    #[test]
    fn what_is_malformed_is_a_problem_that_shows_nothing_and_opens_nothing() {
        for entry in [
            r#""canary-token""#,
            r#"{"token":"canary"}"#,
            r#"{"token":"canary token"}"#,
            r#"{"per_day":5}"#,
            r#"{"token":"canary-token","per_day":0}"#,
            r#"{"token":"canary-token","per_day":1.5}"#,
            r#"{"token":"canary-token","per_day":"5"}"#,
            r#"{"token":"canary-token","per_day":4294967296}"#,
            r#"{"token":"canary-token","owner":"yes"}"#,
            r#"{"token":"canary-token","perday":5}"#,
        ] {
            let (tokens, problems) = tokens(&format!(r#"{{"canary":{entry},"me":{{"token":"token-one"}}}}"#));
            assert_eq!((tokens.len(), problems.len()), (1, 1), "{entry}: {problems:?}");
            assert!(problems[0].starts_with("ACCESS_TOKENS ") && !problems[0].contains("canary"), "{problems:?}");
        }
        let long = "x".repeat(65);
        for text in [
            "{",
            "{}",
            r#"{"":{"token":"canary-token"}}"#,
            r#"{"anonymous":{"token":"canary-token"}}"#,
            &format!(r#"{{"{long}":{{"token":"canary-token"}}}}"#),
        ] {
            let (tokens, problems) = tokens(text);
            assert_eq!((tokens.len(), problems.len()), (0, 1), "{text}: {problems:?}");
        }
        let (twice, problems) = tokens(r#"{"a":{"token":"token-one"},"b":{"token":"token-one"}}"#);
        assert_eq!((twice.len(), problems.len()), (1, 1), "{problems:?}");
    }
}
