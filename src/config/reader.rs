//! Settings read one after another, each by its form, and what is wrong with them.

use url::Url;

use super::endpoint::{self, Api, Endpoint, EndpointModels};
use super::secret::Secret;
use super::{ChatApi, SETTINGS, parse_flag};

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

    /// What was wrong, a sentence for each setting.
    pub(super) fn problems(self) -> Vec<String> {
        self.problems
    }

    /// The trimmed value of `name`, or its default.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let set = (self.lookup)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        set.or_else(|| {
            let default = SETTINGS.iter().find(|known| known.name == name).map_or("", |known| known.default);
            (!default.is_empty()).then(|| default.to_owned())
        })
    }

    pub(super) fn is_set(&self, name: &str) -> bool {
        (self.lookup)(name).is_some_and(|text| !text.trim().is_empty())
    }

    pub(super) fn problem(&mut self, name: &str, what: &str) {
        self.problems.push(format!("{name} {what}."));
    }

    pub(super) fn parsed<T>(&mut self, name: &str, wanted: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.value(name)?;
        let value = parse(&text);
        if value.is_none() {
            self.problem(name, wanted);
        }
        value
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        self.parsed(name, "takes 1 or 0", parse_flag).unwrap_or_default()
    }

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

    pub(super) fn secrets(&mut self, name: &str) -> Vec<Secret> {
        let list = self.list(name);
        self.check_entries(name, list.len());
        if list.iter().any(|item| !endpoint::is_header_safe(item)) {
            self.problem(name, "has characters that no key has");
        }
        list.into_iter().map(Secret::new).collect()
    }

    pub(super) fn url(&mut self, name: &str) -> Option<Url> {
        self.parsed(name, "takes an http or https address", endpoint::parse_url)
    }

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

    pub(super) fn chat(&mut self) -> Option<ChatApi> {
        let url = self.url("PROCESS_API_URL");
        let model = self.value("PROCESS_MODEL")?;
        let key = self.secrets("PROCESS_API_KEY").into_iter().next()?;
        Some(ChatApi { url: url?, model, key })
    }

    pub(super) fn endpoints(&mut self) -> Vec<Endpoint> {
        let mut endpoints: Vec<Endpoint> = Vec::new();
        let keys = self.secrets("IMAGE_API_KEYS");
        if let Some(url) = self.url("IMAGE_API_URL") {
            match Api::of(&url) {
                Some(api) => endpoints.extend(keys.into_iter().map(|key| Endpoint {
                    url: url.clone(),
                    key: Some(key),
                    api,
                    models: EndpointModels::All,
                })),
                None => {
                    self.problem("IMAGE_API_URL", "does not show which API it is: use IMAGE_ENDPOINTS and say its api");
                }
            }
        }
        if let Some(text) = self.value("IMAGE_ENDPOINTS") {
            match endpoint::parse_endpoints(&text) {
                Ok(more) => endpoints.extend(more),
                Err(problems) => problems.iter().for_each(|problem| self.problem("IMAGE_ENDPOINTS", problem)),
            }
        }
        let mut known = Vec::new();
        endpoints.retain(|endpoint| {
            let slot = endpoint.slot_id();
            let is_new = !known.contains(&slot);
            known.extend(is_new.then_some(slot));
            is_new
        });
        endpoints
    }
}
