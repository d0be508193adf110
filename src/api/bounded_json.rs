//! JSON of which only so many values are kept, read in one pass.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::json_node::{Name, Node};
use crate::error::Error;

/// The number of fields that are kept of a conversation's message, and of the body, and of values inside of them. The rest
/// is passed over: a small body may hold a million values, each of which takes some 30 bytes.
const MAX_VALUES: usize = 10_000;

/// Parses a JSON object. The items of `list` are passed on one by one, and are not among the fields: it is empty there.
///
/// # Errors
/// 400 `invalid_json`.
pub fn parse(text: &str, list: Option<List<'_>>) -> Result<Map<String, Value>, Error> {
    let mut reader = Reader { left: Budget::default(), list };
    let mut json = serde_json::Deserializer::from_str(text);
    let node = Slot { reader: &mut reader, place: Place::Top }.deserialize(&mut json);
    match node.and_then(|node| json.end().map(|()| Value::from(&node))) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Error::invalid_json("The body is not a JSON object.")),
        Err(error) => Err(Error::invalid_json(format!("The body is not JSON: {error}."))),
    }
}

/// The list whose items are taken one by one.
pub type List<'a> = (&'a str, &'a mut dyn FnMut(&Node<'_>));

/// The numbers of values that are still kept: a field is not lost behind one that holds many.
#[derive(Clone, Copy)]
struct Budget {
    fields: usize,
    inside: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { fields: MAX_VALUES, inside: MAX_VALUES }
    }
}

/// Reads JSON into a [`Node`] of a limited number of values.
struct Reader<'a> {
    left: Budget,
    list: Option<List<'a>>,
}

impl Reader<'_> {
    /// The number of values that are still kept at a place.
    fn left_at(&mut self, place: Place) -> &mut usize {
        if place == Place::Field { &mut self.left.fields } else { &mut self.left.inside }
    }

    /// Passes the items of the list on, each with a budget of its own.
    fn pass_on<'de, A: SeqAccess<'de>>(&mut self, mut items: A) -> Result<(), A::Error> {
        let left = self.left;
        loop {
            self.left = Budget::default();
            let item = items.next_element_seed(Slot { reader: &mut *self, place: Place::Item })?;
            self.left = left;
            let (Some(item), Some((_, take))) = (item, &mut self.list) else { return Ok(()) };
            take(&item);
        }
    }
}

/// The place of a value in a body.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Top,
    /// The list whose items are taken.
    List,
    /// One of its items.
    Item,
    /// A field of the body or of an item.
    Field,
    Inside,
}

/// The place of a value to be read.
struct Slot<'r, 'a> {
    reader: &'r mut Reader<'a>,
    place: Place,
}

impl<'de> DeserializeSeed<'de> for Slot<'_, '_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Node<'de>, D::Error> {
        let left = self.reader.left_at(self.place);
        if *left == 0 && self.place != Place::List {
            return json.deserialize_ignored_any(IgnoredAny).map(|_| Node::Null);
        }
        *left = left.saturating_sub(1);
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Slot<'_, '_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Number::from_f64(value).map_or(Node::Null, Node::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(text.to_owned().into()))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node<'de>, A::Error> {
        let Self { reader, place } = self;
        if place == Place::List {
            reader.pass_on(items)?;
            return Ok(Node::List(Vec::new()));
        }
        let mut kept = Vec::new();
        while reader.left.inside > 0 {
            match items.next_element_seed(Slot { reader: &mut *reader, place: Place::Inside })? {
                Some(item) => kept.push(item),
                None => return Ok(Node::List(kept)),
            }
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Node::List(kept))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Node<'de>, A::Error> {
        let mut kept = Vec::new();
        let Self { reader, place } = self;
        let of_fields = if matches!(place, Place::Top | Place::Item) { Place::Field } else { Place::Inside };
        while let Some(name) = fields.next_key_seed(Name)? {
            let is_list = place == Place::Top && reader.list.as_ref().is_some_and(|(list, _)| *list == name);
            let is_kept = is_list || *reader.left_at(of_fields) > 0;
            let place = if is_list { Place::List } else { of_fields };
            let value = fields.next_value_seed(Slot { reader: &mut *reader, place })?;
            if is_kept {
                kept.push((name, value));
            }
        }
        Ok(Node::Object(kept))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_items_of_the_list_are_taken_and_the_others_kept() {
        let mut taken = Vec::new();
        let mut take = |item: &Node<'_>| taken.push(Value::from(item));
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
        let fields = parse(&body, Some(("messages", &mut |item| taken.push(count(&item.into())))));
        assert!(fields.is_ok_and(|fields| count(&Value::Object(fields)) <= 2 * MAX_VALUES));
        assert!(taken.iter().all(|count| *count <= MAX_VALUES + 1), "{taken:?}");
    }

    #[test]
    fn a_field_is_kept_behind_one_of_many_values() {
        let many = format!("[{}[]]", "[],".repeat(50_000));
        let body = format!(r#"{{"a":{many},"size":"64x64","messages":[{{"b":{many},"content":"a cat"}}]}}"#);
        let mut taken = Vec::new();
        let fields = parse(&body, Some(("messages", &mut |item| taken.push(Value::from(item)))));
        assert!(fields.is_ok_and(|fields| fields.get("size") == Some(&json!("64x64"))));
        assert_eq!(taken.first().and_then(|message| message.get("content")), Some(&json!("a cat")));
    }

    #[test]
    fn the_list_is_read_behind_many_values_too() {
        let body = format!(r#"{{"a":[{}[]],"messages":[1]}}"#, "[],".repeat(50_000));
        let mut taken = Vec::new();
        let fields = parse(&body, Some(("messages", &mut |item| taken.push(Value::from(item)))));
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
