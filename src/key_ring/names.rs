//! The names in the ring's stored form: each is written once, and referred to by its number.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::number::{read, write};

/// The names while the state is written.
#[derive(Default)]
pub(super) struct NameWriter {
    numbers: BTreeMap<String, usize>,
    names: Vec<String>,
}

impl NameWriter {
    /// The number of a name, as text.
    pub(super) fn number(&mut self, name: &str) -> String {
        let next = self.names.len();
        let number = *self.numbers.entry(name.to_owned()).or_insert(next);
        if number == next {
            self.names.push(name.to_owned());
        }
        write(u64::try_from(number).unwrap_or(u64::MAX), 0)
    }

    /// All names, in the order of their numbers.
    pub(super) fn into_names(self) -> Vec<String> {
        self.names
    }
}

/// The names while the state is read.
pub(super) struct NameReader(Vec<Rc<str>>);

impl NameReader {
    /// The names that were written.
    pub(super) fn new(names: Vec<String>) -> Self {
        Self(names.into_iter().map(Rc::from).collect())
    }

    /// The name with this number.
    pub(super) fn name(&self, number: &str) -> Option<Rc<str>> {
        let at = usize::try_from(read(number, 0)?).ok()?;
        self.0.get(at).map(Rc::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_written_once_and_read_by_its_number() {
        let mut writer = NameWriter::default();
        let numbers = ["a", "b", "a"].map(|name| writer.number(name));
        assert_eq!(numbers, ["0", "1", "0"]);
        let names = writer.into_names();
        assert_eq!(names, ["a", "b"]);
        let reader = NameReader::new(names);
        assert_eq!(reader.name("1").as_deref(), Some("b"));
        for wrong in ["2", "-1", "", "x y"] {
            assert_eq!(reader.name(wrong), None, "{wrong}");
        }
    }
}
