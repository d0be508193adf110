//! JSON from outside, bounded before it becomes a tree.

use serde_json::Value;

/// The most values in a text: a value of a few bytes takes up to a few hundred as a part of a tree. The longest request
/// that is of use, a chat's history, has some thousands.
const MAX_VALUES: usize = 20_000;
/// The deepest nesting.
const MAX_DEPTH: usize = 64;

/// True if a JSON text has few enough values, and is flat enough, to be parsed. Says nothing about a text that is no
/// JSON.
pub fn is_bounded(text: &[u8]) -> bool {
    let (mut values, mut depth) = (1_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => (values, depth) = (values + 1, depth + 1),
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if values > MAX_VALUES || depth > MAX_DEPTH {
            return false;
        }
    }
    true
}

/// Parses a JSON text; `None` if it is not JSON, or too large a tree.
pub fn parse(text: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(text).ok().filter(|text| is_bounded(text.as_bytes()))?;
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_many_values_is_no_tree() {
        let list = |count: usize| format!("{{\"images\":[{}{{}}]}}", "{},".repeat(count));
        assert!(parse(list(9_000).as_bytes()).is_some());
        assert!(parse(list(10_000).as_bytes()).is_none());
        assert!(parse(format!("[{}0]", "0,".repeat(30_000)).as_bytes()).is_none());
        let fields: Vec<String> = (0..30_000).map(|number| format!("\"{number}\":0")).collect();
        assert!(parse(format!("{{{}}}", fields.join(",")).as_bytes()).is_none());
    }

    #[test]
    fn a_text_of_many_levels_is_no_tree() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_some());
        assert!(parse(nested(MAX_DEPTH + 1).as_bytes()).is_none());
    }

    #[test]
    fn what_is_in_a_string_is_one_value() {
        let text = format!("\"{}\\\"[{{\"", "[,{\\\\".repeat(30_000));
        assert!(parse(text.as_bytes()).is_some());
        assert!(parse(&[b'"', 0xFF, b'"']).is_none());
    }
}
