//! Host names.

/// True if `host` is `domain` or a subdomain of it. Both are in lower case.
pub fn is_under(host: &str, domain: &str) -> bool {
    let host = host.trim_end_matches('.');
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subdomain_is_under_its_domain_and_a_longer_name_is_not() {
        for (host, under) in [
            ("example.com", true),
            ("example.com.", true),
            ("a.example.com", true),
            ("notexample.com", false),
            ("com", false),
            ("", false),
        ] {
            assert_eq!(is_under(host, "example.com"), under, "{host}");
        }
    }
}
