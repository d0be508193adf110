//! Booleans in URLs, bodies and settings.

/// Reads `1/true/yes/on` and `0/false/no/off`, in any case.
pub fn parse_flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_words_in_any_case_are_flags() {
        for (text, flag) in [("1", Some(true)), (" Yes ", Some(true)), ("OFF", Some(false)), ("2", None), ("", None)] {
            assert_eq!(parse_flag(text), flag, "{text}");
        }
    }
}
