//! What an isolate remembers from one request to the next. It lives and dies with the isolate, and costs no call.

use std::cell::RefCell;

/// Entries of each kind that are remembered at most: the settings name a handful.
const MAX_ENTRIES: usize = 64;

/// Upstreams that are to be left alone for a while, and addresses that were found to have moved.
#[derive(Debug, Default)]
pub struct IsolateMemory {
    /// Names, each with the end of its rest in unix milliseconds.
    resting: RefCell<Vec<(String, u64)>>,
    moved: RefCell<Vec<String>>,
}

impl IsolateMemory {
    /// Leaves `name` alone until `until_ms`, in unix milliseconds.
    pub fn rest(&self, name: &str, until_ms: u64) {
        let mut resting = self.resting.borrow_mut();
        resting.retain(|(known, _)| known != name);
        resting.push((name.to_owned(), until_ms));
        if resting.len() > MAX_ENTRIES {
            resting.remove(0);
        }
    }

    /// True while `name` is left alone.
    pub fn rests(&self, name: &str, now_ms: u64) -> bool {
        self.resting.borrow().iter().any(|(known, until_ms)| known == name && now_ms < *until_ms)
    }

    /// Remembers that what was at `address` is elsewhere.
    pub fn set_moved(&self, address: &str) {
        let mut moved = self.moved.borrow_mut();
        if !moved.iter().any(|known| known == address) && moved.len() < MAX_ENTRIES {
            moved.push(address.to_owned());
        }
    }

    /// True if what was at `address` is elsewhere.
    pub fn has_moved(&self, address: &str) -> bool {
        self.moved.borrow().iter().any(|known| known == address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_ends_and_a_later_one_takes_its_place() {
        let memory = IsolateMemory::default();
        memory.rest("chat", 1_000);
        assert!(memory.rests("chat", 999) && !memory.rests("chat", 1_000) && !memory.rests("other", 0));
        memory.rest("chat", 500);
        assert!(!memory.rests("chat", 600));
    }

    #[test]
    fn no_more_is_remembered_than_a_deployment_can_name() {
        let memory = IsolateMemory::default();
        (0..1_000).for_each(|number| memory.rest(&number.to_string(), u64::MAX));
        assert!(memory.rests("999", 0) && !memory.rests("1", 0));
    }
}
