//! A request's body: JSON, and its fields by name.

use serde_json::{Map, Value};

use crate::domain::flag::parse_flag;
use crate::error::{Error, ErrorKind, excerpt};
use crate::http::{BodyError, Request};

/// The longest body that is read: the longest prompt is 24 KB of escapes, and a chat brings its
/// earlier messages along.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Up to here a float holds every whole number.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// The fields of a body that is a JSON object.
#[derive(Debug)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a request's body as JSON, whatever `Content-Type` it says.
    ///
    /// # Errors
    /// 413 over [`MAX_BODY_BYTES`], 415 for `multipart/form-data`, 400 `invalid_json`.
    pub async fn read(request: &Request) -> Result<Self, Error> {
        let content_type = request.header("Content-Type").unwrap_or_default().to_ascii_lowercase();
        if content_type.trim_start().starts_with("multipart/form-data") {
            let message = "Send the parameters as JSON, not as multipart/form-data.";
            return Err(Error::new(ErrorKind::UnsupportedMediaType, message));
        }
        let body = request.body.read(MAX_BODY_BYTES).await.map_err(|error| match error {
            BodyError::TooLarge => Error::body_too_large(MAX_BODY_BYTES),
            BodyError::Broken => Error::invalid_json("The body broke off."),
        })?;
        let text = std::str::from_utf8(&body).map_err(|_| Error::invalid_json("The body is not UTF-8."))?;
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Error::invalid_json("The body is not a JSON object.")),
            Err(error) => Err(Error::invalid_json(format!("The body is not JSON: {error}."))),
        }
    }

    /// The field `name`; `null` is the same as absent.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// What `read` makes of the field `name`.
    pub fn one<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&'static str, &Value) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.get(name).map(|value| read(name, value)).transpose()
    }

    /// What `read` makes of the fields that stand under any of `names`, which are names of one
    /// thing.
    ///
    /// # Errors
    /// What `read` says; or that two of them disagree.
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
                    return Err(Error::invalid(name, format!("`{name}` and `{other}` are the same and disagree.")));
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

/// A whole number that is not negative. In JSON `7.0` is one: some languages write it so.
pub fn natural(value: &Value) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and in range")]
    let rounded = |number: f64| (number.fract() == 0.0 && (0.0..=MAX_EXACT).contains(&number)).then_some(number as u64);
    value.as_u64().or_else(|| rounded(value.as_f64()?))
}

/// A whole number's digits.
pub fn whole(name: &str, value: &Value) -> Result<String, Error> {
    let digits = natural(value).map(|number| number.to_string());
    digits
        .or_else(|| value.as_i64().map(|number| number.to_string()))
        .ok_or_else(|| wrong_type(name, value, "a whole number"))
}

/// A number's digits.
pub fn number(name: &str, value: &Value) -> Result<String, Error> {
    value.as_number().map(ToString::to_string).ok_or_else(|| wrong_type(name, value, "a number"))
}

/// A boolean, or one of the words and numbers that a URL has for it.
pub fn flag(name: &str, value: &Value) -> Result<bool, Error> {
    let word = || value.as_str().map(str::to_owned).or_else(|| natural(value).map(|number| number.to_string()));
    let said = value.as_bool().or_else(|| parse_flag(&word()?));
    said.ok_or_else(|| wrong_type(name, value, "true or false"))
}

/// The error of a value of the wrong type.
pub fn wrong_type(name: &str, value: &Value, wanted: &str) -> Error {
    Error::invalid(name, format!("`{name}` is {}; it takes {wanted}.", excerpt(&value.to_string())))
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
            ("-1.0", None),
            ("1e300", None),
            ("\"7\"", None),
            ("true", None),
        ];
        for (json, expected) in cases {
            let value: Value = serde_json::from_str(json).unwrap_or_default();
            assert_eq!(whole("seed", &value).ok().as_deref(), expected, "{json}");
        }
    }
}
