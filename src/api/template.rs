//! JSON put together from texts: as values in code, a large object weighs several KB in the Worker.

use crate::http::Segment;

/// A text in JSON, without the sign of a place.
pub fn quoted(text: &str) -> String {
    plain(&serde_json::Value::from(text))
}

/// A value's JSON, without the sign of a place.
pub fn plain(value: &serde_json::Value) -> String {
    value.to_string().replace('$', "\\u0024")
}

/// The template with each place, such as `$id`, filled.
pub fn put(template: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(template.to_owned(), |text, (place, value)| text.replace(place, value))
}

/// The text with `bodies` in each `place`.
pub fn filled(text: &str, place: &str, bodies: impl IntoIterator<Item = Segment>) -> Vec<Segment> {
    let mut parts = text.split(place);
    let mut pieces: Vec<Segment> = vec![parts.next().unwrap_or_default().to_owned().into()];
    for (body, part) in bodies.into_iter().zip(parts) {
        pieces.push(body);
        pieces.push(part.to_owned().into());
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_holds_a_place_is_not_filled() {
        let text = put(r#"{"a":$text,"b":"$id"}"#, &[("$text", &quoted("$id \" $b")), ("$id", "7")]);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        assert_eq!(value, serde_json::json!({ "a": "$id \" $b", "b": "7" }));
    }
}
