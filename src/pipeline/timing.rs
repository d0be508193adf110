//! The duration of each step, for `Server-Timing`.

use std::fmt::Write as _;
use std::rc::Rc;

use crate::ports::Clock;

/// The steps with their durations, in the order in which they ended.
pub struct Timing {
    clock: Rc<dyn Clock>,
    steps: Vec<(&'static str, u64)>,
}

impl Timing {
    /// Without any step yet.
    pub fn new(clock: Rc<dyn Clock>) -> Self {
        Self { clock, steps: Vec::new() }
    }

    /// Awaits `work` and adds its time to the step `name`.
    pub async fn measure<T>(&mut self, name: &'static str, work: impl Future<Output = T>) -> T {
        let start = self.clock.now_ms();
        let result = work.await;
        self.add(name, self.clock.now_ms().saturating_sub(start));
        result
    }

    /// Adds `ms` to the step `name`.
    fn add(&mut self, name: &'static str, ms: u64) {
        match self.steps.iter_mut().find(|(known, _)| *known == name) {
            Some((_, total)) => *total += ms,
            None => self.steps.push((name, ms)),
        }
    }

    /// The value of a `Server-Timing` header (W3C Server Timing), durations in milliseconds.
    pub fn header(&self) -> String {
        let mut value = String::new();
        for (name, ms) in &self.steps {
            let separator = if value.is_empty() { "" } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(value, "{separator}{name};dur={ms}");
        }
        value
    }

    /// The duration of the step `name` so far, in milliseconds.
    pub fn of(&self, name: &str) -> u64 {
        self.steps.iter().find(|(known, _)| *known == name).map_or(0, |(_, ms)| *ms)
    }
}
