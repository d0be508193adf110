//! Reads the values of settings and collects the problems with them.

use url::Url;

use super::secret::Secret;
use super::settings::SETTINGS;
use crate::domain::flag::parse_flag;

/// What separates the items of a list, as people type it.
const SEPARATORS: [char; 6] = [',', '，', ';', '；', '\n', '\r'];

/// Reads one setting after another and collects the problems.
pub(super) struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl<'a> Reader<'a> {
    /// Creates a reader from a look-up of raw values by name.
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, problems: Vec::new() }
    }

    /// The problems so far, one sentence per setting.
    pub(super) fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The value of `name` without spaces and quotation marks around it, or its default.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let set = (self.lookup)(name).map(|text| unquoted(&text).to_owned()).filter(|text| !text.is_empty());
        set.or_else(|| {
            let default = SETTINGS.iter().find(|known| known.name == name).map_or("", |known| known.default);
            (!default.is_empty()).then(|| default.to_owned())
        })
    }

    /// True if `name` is set, rather than left at its default.
    pub(super) fn is_set(&self, name: &str) -> bool {
        (self.lookup)(name).is_some_and(|text| !unquoted(&text).is_empty())
    }

    /// Records that the value of `name` is invalid; `expected` says what is accepted and never contains the value.
    pub(super) fn problem(&mut self, name: &str, expected: &str) {
        self.problems.push(format!("{name} {expected}."));
    }

    /// The value of `name`, parsed by `parse`; records a problem if it does not parse.
    pub(super) fn parsed<T>(&mut self, name: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.value(name)?;
        let value = parse(&text);
        if value.is_none() {
            self.problem(name, expected);
        }
        value
    }

    /// A boolean; false if it is not set.
    pub(super) fn flag(&mut self, name: &str) -> bool {
        self.parsed(name, "takes 1 or 0", parse_flag).unwrap_or_default()
    }

    /// The items of a list.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let text = self.value(name).unwrap_or_default();
        let items = text.split(SEPARATORS).map(|item| item.trim_matches(is_quote_or_space));
        items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// The items of a list that needs one.
    pub(super) fn names(&mut self, name: &str) -> Vec<String> {
        let list = self.list(name);
        self.check_entries(name, list.len());
        list
    }

    /// Records a problem for a list that is set but empty. It must not count as missing: that could open a deployment
    /// that was meant to be closed.
    fn check_entries(&mut self, name: &str, count: usize) {
        if count == 0 && self.is_set(name) {
            self.problem(name, "has no entry");
        }
    }

    /// A list of keys or tokens.
    pub(super) fn secrets(&mut self, name: &str) -> Vec<Secret> {
        let list = self.list(name);
        self.check_entries(name, list.len());
        if list.iter().any(|item| !is_header_safe(item)) {
            self.problem(name, "has characters that no key has");
        }
        list.into_iter().map(Secret::new).collect()
    }

    /// A URL.
    pub(super) fn url(&mut self, name: &str) -> Option<Url> {
        self.parsed(name, "takes an http or https address", parse_url)
    }

    /// A list of host names, in lower case.
    pub(super) fn hosts(&mut self, name: &str) -> Vec<String> {
        let bare = |host: &String| host.trim_matches('.').to_ascii_lowercase();
        let hosts: Vec<String> = self.list(name).iter().map(bare).collect();
        self.check_entries(name, hosts.len());
        let named = |host: &String| {
            !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        };
        if !hosts.iter().all(named) {
            self.problem(name, "takes host names, such as example.com");
        }
        hosts
    }
}

/// True for a quotation mark that people or programs put around a value, and for a space.
fn is_quote_or_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '“' | '”' | '‘' | '’')
}

/// A value without spaces around it, and without quotation marks that enclose all of it. JSON may hold more of them.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inside = |(open, close)| Some(text.strip_prefix(open)?.strip_suffix(close)?.trim());
    let pairs = [('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’')];
    let Some((inside, (open, _))) = pairs.into_iter().find_map(|pair| Some((inside(pair)?, pair))) else { return text };
    if inside.starts_with(['[', '{']) || !inside.contains(open) { inside } else { text }
}

/// Parses an absolute http or https URL.
pub(super) fn parse_url(text: &str) -> Option<Url> {
    Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// True if a text can be sent unchanged in an `Authorization` header.
pub(super) fn is_header_safe(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}
