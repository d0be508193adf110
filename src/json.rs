//! The JSON that is this service's own: what it stores, and what its parts say to each other.
//!
//! A type says here how it is written as a [`Value`] and read from one, in a few calls. A reader that serde derives
//! is compiled for each struct anew, for whatever shape it could come in, and weighs 1 to 5 KB; all of them together
//! were a fifth of the Worker. serde's own traits are given along, so that `serde_json` takes these types as any.

mod macros;

use serde_json::{Map, Value};

pub(crate) use self::macros::{json_inner, json_object, json_words, object, serde_by_json};

/// A type with a form in JSON.
pub trait Json: Sized {
    /// Its form.
    fn to_json(&self) -> Value;

    /// Reads its form; `None` where `json` is none.
    fn from_json(json: &Value) -> Option<Self>;

    /// What it means that an object has no field of this type; `None`: it needs one.
    fn absent() -> Option<Self> {
        None
    }
}

/// Reads a text; `None` where it is not the JSON of such a value.
pub fn parse<T: Json>(text: &str) -> Option<T> {
    T::from_json(&serde_json::from_str(text).ok()?)
}

/// The text of some JSON.
pub fn text(json: &Value) -> String {
    // What a Value holds can be written: the error does not occur.
    serde_json::to_string(json).unwrap_or_default()
}

/// Writes a field. One that says nothing (`null`, `false`, an empty list) is left out, to be read as what
/// [`Json::absent`] stands for.
pub(crate) fn write(fields: &mut Map<String, Value>, name: &str, value: Value) {
    let says_nothing = match &value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if !says_nothing {
        put(fields, name, value);
    }
}

/// Adds a field to an object, whatever it says.
pub(crate) fn put(fields: &mut Map<String, Value>, name: &str, value: Value) {
    fields.insert(name.to_owned(), value);
}

/// Reads a field.
pub(crate) fn read<T: Json>(fields: &Map<String, Value>, name: &str) -> Option<T> {
    match fields.get(name) {
        Some(value) => T::from_json(value),
        None => T::absent(),
    }
}

/// A variant with its content, as `{"name": content}`.
pub(crate) fn variant(name: &str, content: Value) -> Value {
    let mut fields = Map::new();
    put(&mut fields, name, content);
    Value::Object(fields)
}

/// The name and the content of a variant; one that has no content is its name alone.
pub(crate) fn read_variant(json: &Value) -> Option<(&str, &Value)> {
    match json {
        Value::String(name) => Some((name, &Value::Null)),
        Value::Object(fields) => fields.iter().next().map(|(name, content)| (name.as_str(), content)),
        _ => None,
    }
}

impl Json for bool {
    fn to_json(&self) -> Value {
        Value::Bool(*self)
    }

    fn from_json(json: &Value) -> Option<Self> {
        json.as_bool()
    }

    fn absent() -> Option<Self> {
        Some(false)
    }
}

impl Json for String {
    fn to_json(&self) -> Value {
        Value::String(self.clone())
    }

    fn from_json(json: &Value) -> Option<Self> {
        json.as_str().map(str::to_owned)
    }
}

macro_rules! json_numbers {
    ($($type:ty),+) => {$(
        impl Json for $type {
            fn to_json(&self) -> Value {
                Value::from(*self)
            }

            fn from_json(json: &Value) -> Option<Self> {
                json.as_u64().and_then(|number| number.try_into().ok())
            }
        }
    )+};
}

json_numbers!(u8, u32, u64, usize);

impl<T: Json> Json for Option<T> {
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_json)
    }

    fn from_json(json: &Value) -> Option<Self> {
        if json.is_null() { Some(None) } else { T::from_json(json).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Json> Json for Vec<T> {
    fn to_json(&self) -> Value {
        Value::Array(self.iter().map(T::to_json).collect())
    }

    fn from_json(json: &Value) -> Option<Self> {
        json.as_array()?.iter().map(T::from_json).collect()
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Sample {
        text: String,
        flag: bool,
        number: Option<u32>,
        list: Vec<u64>,
    }

    json_object!(Sample { text: "t", flag: "f", number: "n", list: "l" });

    fn full() -> Sample {
        Sample { text: "“words”".into(), flag: true, number: Some(7), list: vec![1, u64::MAX] }
    }

    #[test]
    fn what_is_written_is_read_again_by_serde_too() {
        for sample in [full(), Sample::default()] {
            let written = text(&sample.to_json());
            assert_eq!(serde_json::to_string(&sample).unwrap_or_default(), written);
            assert_eq!(serde_json::from_str::<Sample>(&written).ok().as_ref(), Some(&sample));
            assert_eq!(parse(&written), Some(sample));
        }
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        assert_eq!(text(&Sample::default().to_json()), r#"{"t":""}"#);
    }

    #[test]
    fn fields_that_are_not_known_are_passed_over_and_wrong_ones_are_not() {
        assert_eq!(parse(r#"{"t":"","n":null,"more":{}}"#), Some(Sample::default()));
        for wrong in
            ["{}", "[]", "", r#"{"t":1}"#, r#"{"t":"","n":-1}"#, r#"{"t":"","n":4294967296}"#, r#"{"t":"","l":[""]}"#]
        {
            assert_eq!(parse::<Sample>(wrong), None, "{wrong}");
        }
    }
}
