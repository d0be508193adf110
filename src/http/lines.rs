//! A body that is read line by line, as it comes.

use super::body::{Body, BodyStream};

/// The lines of a body.
pub struct Lines {
    stream: Option<Box<dyn BodyStream>>,
    /// The bytes that were read, but belong to no line that was returned.
    rest: Vec<u8>,
}

impl Lines {
    /// The lines of `body`; none of one that is no stream of the platform.
    pub fn of(body: Body) -> Self {
        let stream = if let Body::Stream(stream) = body { Some(stream) } else { None };
        Self { stream, rest: Vec::new() }
    }

    /// The next line; `None` at the end. What no line break ends is no line: the body broke off there.
    pub async fn next(&mut self) -> Option<String> {
        let mut searched = 0;
        loop {
            let unsearched = self.rest.get(searched..).unwrap_or_default();
            if let Some(at) = unsearched.iter().position(|byte| *byte == b'\n') {
                let rest = self.rest.split_off(searched + at + 1);
                let mut line = std::mem::replace(&mut self.rest, rest);
                line.pop();
                return String::from_utf8(line).ok();
            }
            searched = self.rest.len();
            let read = self.stream.as_mut()?.read().await;
            match read {
                Some(bytes) => self.rest.extend(bytes),
                None => self.stream = None,
            }
        }
    }
}
