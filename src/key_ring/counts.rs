//! A number for each name.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::limits::MAX_NAME;
use super::names::{NameReader, NameWriter};
use super::number::{read, write};

/// The maximum number of names. A setting is 5 KB at most, which is some two hundred tokens.
const MAX_NAMES: usize = 512;

/// Names with their numbers, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NamedCounts(Vec<(Rc<str>, u32)>);

impl NamedCounts {
    /// The number of `name`.
    pub(super) fn of(&self, name: &str) -> u32 {
        self.0.iter().find(|(known, _)| **known == *name).map_or(0, |(_, count)| *count)
    }

    /// Counts one more of `name`.
    pub(super) fn add(&mut self, name: &str) {
        let has_room = self.0.len() < MAX_NAMES && name.len() <= MAX_NAME;
        match self.0.iter_mut().find(|(known, _)| **known == *name) {
            Some((_, count)) => *count = count.saturating_add(1),
            None if has_room => self.0.push((Rc::from(name), 1)),
            None => {}
        }
    }

    /// Counts one less of `name`.
    pub(super) fn remove(&mut self, name: &str) {
        for (_, count) in self.0.iter_mut().filter(|(known, _)| **known == *name) {
            *count = count.saturating_sub(1);
        }
        self.0.retain(|(_, count)| *count > 0);
    }

    /// A JSON object of the names with their numbers.
    pub(super) fn to_json(&self) -> Value {
        let mut object = Map::new();
        for (name, count) in &self.0 {
            object.insert(name.as_ref().to_owned(), (*count).into());
        }
        Value::Object(object)
    }

    /// The text form.
    pub(super) fn to_text(&self, names: &mut NameWriter) -> String {
        let entry = |(name, count): &(Rc<str>, u32)| format!("{}:{}", names.number(name), write(u64::from(*count), 0));
        self.0.iter().map(entry).collect::<Vec<_>>().join(" ")
    }

    /// Reads the text form.
    pub(super) fn from_text(text: &str, names: &NameReader) -> Option<Self> {
        let entry = |text: &str| {
            let (name, count) = text.split_once(':')?;
            Some((names.name(name)?, u32::try_from(read(count, 0)?).ok()?))
        };
        text.split(' ').filter(|text| !text.is_empty()).map(entry).collect::<Option<_>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted_up_and_down_and_no_more_of_them_than_fit() {
        let mut counts = NamedCounts::default();
        for name in ["b", "a", "b"] {
            counts.add(name);
        }
        assert_eq!(counts.to_json(), serde_json::json!({ "a": 1, "b": 2 }));
        counts.remove("a");
        counts.remove("c");
        assert_eq!((counts.of("a"), counts.of("b"), counts.0.len()), (0, 2, 1));
        (0..2_000).for_each(|number| counts.add(&number.to_string()));
        counts.add(&"x".repeat(MAX_NAME + 1));
        assert_eq!((counts.0.len(), counts.of("0"), counts.of("1999")), (MAX_NAMES, 1, 0));
    }
}
