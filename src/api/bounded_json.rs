//! JSON of which only so many values are kept, read in one pass.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::Error;

/// The number of values that are kept of a conversation's message, and of all other fields together. The rest is passed
/// over: a small body may hold a million values, each of which takes 32 bytes.
const MAX_VALUES: usize = 10_000;

/// Parses a JSON object. The items of `list` are passed on one by one, and are not among the fields: it is empty there.
///
/// # Errors
/// 400 `invalid_json`.
pub fn parse(text: &str, list: Option<List<'_>>) -> Result<Map<String, Value>, Error> {
    let mut reader = Reader { left: MAX_VALUES, list };
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Node { reader: &mut reader, place: Place::Top }.deserialize(&mut json);
    match value.and_then(|value| json.end().map(|()| value)) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Error::invalid_json("The body is not a JSON object.")),
        Err(error) => Err(Error::invalid_json(format!("The body is not JSON: {error}."))),
    }
}

/// The list whose items are taken one by one.
pub type List<'a> = (&'a str, &'a mut dyn FnMut(Value));

/// Reads JSON into a [`Value`] of a limited number of values.
struct Reader<'a> {
    /// The number of values that are still kept.
    left: usize,
    list: Option<List<'a>>,
}

/// The place of a value in a body.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Top,
    /// The list whose items are taken.
    List,
    Elsewhere,
}

/// A value to be read.
struct Node<'r, 'a> {
    reader: &'r mut Reader<'a>,
    place: Place,
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        if self.reader.left == 0 && self.place != Place::List {
            return json.deserialize_ignored_any(IgnoredAny).map(|_| Value::Null);
        }
        self.reader.left = self.reader.left.saturating_sub(1);
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut kept = Vec::new();
        let Self { reader, place } = self;
        loop {
            let left = reader.left;
            if place == Place::List {
                reader.left = MAX_VALUES;
            }
            let is_kept = reader.left > 0;
            let item = items.next_element_seed(Node { reader: &mut *reader, place: Place::Elsewhere })?;
            match (item, place, &mut reader.list) {
                (None, ..) => {
                    reader.left = if place == Place::List { left } else { reader.left };
                    return Ok(Value::Array(kept));
                }
                (Some(item), Place::List, Some((_, take))) => {
                    take(item);
                    reader.left = left;
                }
                (Some(item), ..) if is_kept => kept.push(item),
                _ => {}
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut kept = Map::new();
        let Self { reader, place } = self;
        while let Some(name) = fields.next_key::<String>()? {
            let is_list = place == Place::Top && reader.list.as_ref().is_some_and(|(list, _)| *list == name);
            let is_kept = reader.left > 0;
            let place = if is_list { Place::List } else { Place::Elsewhere };
            let value = fields.next_value_seed(Node { reader: &mut *reader, place })?;
            if is_kept || is_list {
                kept.insert(name, value);
            }
        }
        Ok(Value::Object(kept))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_items_of_the_list_are_taken_and_the_others_kept() {
        let mut taken = Vec::new();
        let mut take = |item| taken.push(item);
        let body = r#"{"a":[1,-2,2.5,null,true,{"messages":[7]}],"messages":[{"b":1},[2],"c"]}"#;
        let fields = parse(body, Some(("messages", &mut take)));
        let expected = json!({ "a": [1, -2, 2.5, null, true, { "messages": [7] }], "messages": [] });
        assert_eq!(fields.map(Value::Object), Ok(expected));
        assert_eq!(taken, [json!({ "b": 1 }), json!([2]), json!("c")]);
    }

    #[test]
    fn a_body_of_many_values_is_kept_in_part() {
        fn count(value: &Value) -> usize {
            match value {
                Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
                Value::Object(fields) => 1 + fields.values().map(count).sum::<usize>(),
                _ => 1,
            }
        }
        let many = format!("[{}[]]", "[],".repeat(50_000));
        let mut taken = Vec::new();
        let body = format!(r#"{{"a":{many},"messages":[{many},{many}],"b":1}}"#);
        let fields = parse(&body, Some(("messages", &mut |item| taken.push(count(&item)))));
        assert!(fields.is_ok_and(|fields| count(&Value::Object(fields)) <= MAX_VALUES + 1));
        assert!(taken.iter().all(|count| *count <= MAX_VALUES), "{taken:?}");
    }

    #[test]
    fn the_list_is_read_behind_many_values_too() {
        let body = format!(r#"{{"a":[{}[]],"messages":[1]}}"#, "[],".repeat(50_000));
        let mut taken = Vec::new();
        let fields = parse(&body, Some(("messages", &mut |item| taken.push(item))));
        assert!(fields.is_ok_and(|fields| fields.get("messages") == Some(&json!([]))));
        assert_eq!(taken, [json!(1)]);
    }

    #[test]
    fn what_is_not_json_is_an_error() {
        for body in [
            "",
            "{",
            "[]",
            "{}x",
            "{'a':1}",
            r#"{"a":1,}"#,
            r#"{"a":NaN}"#,
            &"[".repeat(5_000),
            &r#"{"a":"#.repeat(200),
        ] {
            assert_eq!(parse(body, None).map_err(|error| error.code()), Err("invalid_json"), "{body:.20}");
        }
    }
}
