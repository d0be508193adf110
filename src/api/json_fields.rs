//! The fields of a JSON request body, by name.

use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};

use super::json_body;
use crate::domain::flag::parse_flag;
use crate::domain::visible_text::is_blank;
use crate::error::{Error, excerpt};
use crate::http::Request;

/// The greatest value up to which a float represents every whole number exactly.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// The fields of a body that is a JSON object.
#[derive(Debug)]
pub struct Fields(pub Map<String, Value>);

impl Fields {
    /// Reads a request's body as JSON.
    ///
    /// # Errors
    /// As [`json_body::read`].
    pub fn read(request: &Request) -> LocalBoxFuture<'_, Result<Self, Error>> {
        // Boxed, so that its code is not in each handler.
        Box::pin(async { json_body::read(request).await.map(Self) })
    }

    /// The field `name`; `null` and a blank text count as absent.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.given(name).filter(|value| !value.as_str().is_some_and(is_blank))
    }

    /// The field `name`, which may be a blank text; `null` counts as absent.
    pub fn given(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// The field `name`, parsed by `read`.
    pub fn one<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&'static str, &Value) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.get(name).map(|value| read(name, value)).transpose()
    }

    /// The value of a parameter with several `names`, parsed by `read`.
    ///
    /// # Errors
    /// The errors of `read`; 400 if two of the fields disagree.
    pub fn one_of<T: PartialEq>(
        &self,
        names: &[&'static str],
        read: impl Fn(&'static str, &Value) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut found: Option<(&str, T)> = None;
        for name in names {
            let Some(value) = self.get(name) else { continue };
            let value = read(name, value)?;
            match &found {
                Some((other, known)) if *known != value => {
                    return Err(Error::disagreement(name, other));
                }
                _ => found = Some((name, value)),
            }
        }
        Ok(found.map(|(_, value)| value))
    }
}

/// A field's value as text.
pub fn text<'a>(name: &str, value: &'a Value) -> Result<&'a str, Error> {
    value.as_str().ok_or_else(|| wrong_type(name, value, "a text"))
}

/// A non-negative whole number, which may be written as a text. `7.0` is accepted: some languages write whole numbers
/// so.
pub fn natural(value: &Value) -> Option<u64> {
    let digits = digits(value)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// The digits of a whole number; another text is returned as it is.
pub fn whole(name: &str, value: &Value) -> Result<String, Error> {
    digits(value).ok_or_else(|| wrong_type(name, value, "a whole number"))
}

/// A text, or a whole number as text, without zeros behind a point.
fn digits(value: &Value) -> Option<String> {
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
    let rounded = |number: f64| (number.fract() == 0.0 && number.abs() <= MAX_EXACT).then_some(number as i64);
    match value {
        Value::String(text) => Some(without_decimals(text.trim()).to_owned()),
        Value::Number(number) if number.is_f64() => rounded(number.as_f64()?).map(|number| number.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn without_decimals(text: &str) -> &str {
    let is_zeros = |zeros: &str| !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0');
    let whole = text.split_once('.').filter(|(whole, zeros)| !whole.is_empty() && is_zeros(zeros));
    whole.map_or(text, |(whole, _)| whole)
}

/// The digits of a number; a text is returned as it is.
pub fn number(name: &str, value: &Value) -> Result<String, Error> {
    let text = value.as_str().map(str::to_owned).or_else(|| value.as_number().map(ToString::to_string));
    text.ok_or_else(|| wrong_type(name, value, "a number"))
}

/// A boolean, or one of the strings and numbers that stand for one in a URL.
pub fn flag(name: &str, value: &Value) -> Result<bool, Error> {
    let word = || value.as_str().map(str::to_owned).or_else(|| natural(value).map(|number| number.to_string()));
    let flag_value = value.as_bool().or_else(|| parse_flag(&word()?));
    flag_value.ok_or_else(|| wrong_type(name, value, "true or false"))
}

/// The error for a value of the wrong type.
pub fn wrong_type(name: &str, value: &Value, expected: &str) -> Error {
    Error::invalid(name, format!("`{name}` is {}; it takes {expected}.", excerpt(&value.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_what_it_is_in_a_url_or_json_s_own() {
        for (json, expected) in [
            ("true", Some(true)),
            ("1", Some(true)),
            ("\"on\"", Some(true)),
            ("0", Some(false)),
            ("2", None),
            ("[]", None),
        ] {
            let value: Value = serde_json::from_str(json).unwrap_or_default();
            assert_eq!(flag("optimization", &value).ok(), expected, "{json}");
        }
    }

    #[test]
    fn a_whole_number_may_be_written_as_a_float() {
        let cases = [
            ("7", Some("7")),
            ("7.0", Some("7")),
            ("7e2", Some("700")),
            ("0.0", Some("0")),
            ("-1", Some("-1")),
            ("18446744073709551615", Some("18446744073709551615")),
            ("9007199254740992.0", Some("9007199254740992")),
            ("9007199254740994.0", None),
            ("7.5", None),
            ("-1.0", Some("-1")),
            ("-1.5", None),
            ("1e300", None),
            ("-1e300", None),
            ("\"7\"", Some("7")),
            ("\" 7.0 \"", Some("7")),
            ("\"-1.00\"", Some("-1")),
            ("\"7.5\"", Some("7.5")),
            ("\"7.\"", Some("7.")),
            ("\".0\"", Some(".0")),
            ("true", None),
        ];
        for (json, expected) in cases {
            let value: Value = serde_json::from_str(json).unwrap_or_default();
            assert_eq!(whole("seed", &value).ok().as_deref(), expected, "{json}");
        }
    }
}
