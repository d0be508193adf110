//! Request methods and header fields.

use std::borrow::Cow;

/// The request methods that the Worker tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `DELETE`
    Delete,
    /// `OPTIONS`
    Options,
    /// Any other method: no route has it.
    Other,
}

impl Method {
    /// Reads a method's name as it stands in a request line; names are case-sensitive.
    pub fn parse(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }

    /// The method's name, for `Allow` headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other => "OTHER",
        }
    }
}

/// Fields that many answers have: a platform may make them ready once.
pub type SharedFields = &'static [(&'static str, &'static str)];

/// Header fields in order. Names are compared without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    own: Vec<(Cow<'static, str>, String)>,
    /// None of them is among its own.
    shared: SharedFields,
}

impl Headers {
    /// Sets `name` to `value`, in place of any earlier value. Control characters and non-ASCII
    /// bytes are taken out of the value, so that nothing a caller typed can start a new header.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let name = name.into();
        let mut value = value.into();
        if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            value.retain(|c| matches!(c, ' '..='~'));
        }
        if has(self.shared, &name) {
            self.own.extend(std::mem::take(&mut self.shared).iter().map(|&(name, value)| (name.into(), value.into())));
        }
        match self.own.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            Some(field) => field.1 = value,
            None => self.own.push((name, value)),
        }
    }

    /// Adds those of `fields` that are not set. It is for the last step to an answer.
    pub fn share(&mut self, fields: SharedFields) {
        if self.shared.is_empty() && !self.own.iter().any(|(name, _)| has(fields, name)) {
            self.shared = fields;
            return;
        }
        for &(name, value) in fields {
            if self.get(name).is_none() {
                self.set(name, value);
            }
        }
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All fields in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.own().chain(self.shared.iter().copied())
    }

    /// The fields that are not shared.
    pub fn own(&self) -> impl Iterator<Item = (&str, &str)> {
        self.own.iter().map(|(name, value)| (name.as_ref(), value.as_str()))
    }

    /// The fields that are shared.
    pub fn shared(&self) -> SharedFields {
        self.shared
    }
}

fn has(fields: SharedFields, name: &str) -> bool {
    fields.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
}

impl<N: Into<Cow<'static, str>>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut headers = Self::default();
        for (name, value) in fields {
            headers.set(name, value);
        }
        headers
    }
}

/// A source of a request's header fields. They are read one by one, because a request carries dozens and a handler
/// needs three.
pub trait HeaderSource {
    /// Returns the value of `name`, if the request has it.
    fn header(&self, name: &'static str) -> Option<String>;
}

impl HeaderSource for Headers {
    fn header(&self, name: &'static str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
}
