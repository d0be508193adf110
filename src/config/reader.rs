//! Settings read one after another, each by its form, and what is wrong with them.

use url::Url;

use super::secret::Secret;
use super::settings::SETTINGS;
use crate::domain::flag::parse_flag;

/// Reads one setting after another and notes what is wrong.
pub(super) struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl<'a> Reader<'a> {
    /// A reader of what each name is set to.
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, problems: Vec::new() }
    }

    /// What was wrong so far, a sentence for each setting.
    pub(super) fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The trimmed value of `name`, or its default.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let set = (self.lookup)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        set.or_else(|| {
            let default = SETTINGS.iter().find(|known| known.name == name).map_or("", |known| known.default);
            (!default.is_empty()).then(|| default.to_owned())
        })
    }

    /// Whether `name` has a value of its own.
    pub(super) fn is_set(&self, name: &str) -> bool {
        (self.lookup)(name).is_some_and(|text| !text.trim().is_empty())
    }

    /// Notes that the value of `name` cannot be used; `what` says what it takes, never the value.
    pub(super) fn problem(&mut self, name: &str, what: &str) {
        self.problems.push(format!("{name} {what}."));
    }

    /// What `parse` makes of the value of `name`; a problem where that is nothing.
    pub(super) fn parsed<T>(&mut self, name: &str, wanted: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.value(name)?;
        let value = parse(&text);
        if value.is_none() {
            self.problem(name, wanted);
        }
        value
    }

    /// Yes or no; no where nothing is set.
    pub(super) fn flag(&mut self, name: &str) -> bool {
        self.parsed(name, "takes 1 or 0", parse_flag).unwrap_or_default()
    }

    /// The items of a list.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let text = self.value(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// A list that is set and holds nothing is no missing one: that could open what was to be closed.
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

    /// An address.
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

/// An absolute http or https address.
pub(super) fn parse_url(text: &str) -> Option<Url> {
    Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Whether a text can stand in an `Authorization` header as it is.
pub(super) fn is_header_safe(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}
