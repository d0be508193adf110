//! The number of deployments of this service that a request has passed through: one deployment can be an upstream of
//! another.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The header that carries the count from one deployment to the next.
pub const HOP_HEADER: &str = "X-Free-Flux-Hop";

/// A request that has passed through this many deployments is refused: they form a loop.
const MAX_HOPS: u8 = 3;

/// A request that has passed through this many deployments may be one of our own that came back. It must not wait for
/// anything that another request holds, since that request may be waiting for it: it joins no running generation, and
/// waits only briefly for a key.
const IMPATIENT_HOPS: u8 = 2;

/// The hop count of a request; 0 if it came straight from a caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hops(u8);

impl Hops {
    /// Reads the value of [`HOP_HEADER`]; anything but a number counts as the maximum.
    pub fn from_header(value: Option<&str>) -> Self {
        Self(value.map_or(0, |hops| hops.trim().parse().unwrap_or(u8::MAX)))
    }

    /// The header's value for a call to an upstream: the incoming count plus one.
    pub fn next(self) -> String {
        self.0.saturating_add(1).to_string()
    }

    /// True if the request may be one of our own that came back.
    pub fn is_impatient(self) -> bool {
        self.0 >= IMPATIENT_HOPS
    }

    /// Refuses a request that is in a loop of deployments.
    ///
    /// # Errors
    /// 502 if the request passed through the maximum number of deployments.
    pub fn check(self) -> Result<(), Error> {
        if self.0 >= MAX_HOPS { Err(loop_detected()) } else { Ok(()) }
    }
}

/// The error of a request that is in a loop of deployments.
pub fn loop_detected() -> Error {
    Error::upstream("This request came through a circle of image endpoints.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_goes_up_by_one_and_ends_at_three() {
        for (header, next, impatient, ends) in [
            (None, "1", false, false),
            (Some(" 1 "), "2", false, false),
            (Some("2"), "3", true, false),
            (Some("3"), "4", true, true),
            (Some("x"), "255", true, true),
        ] {
            let hops = Hops::from_header(header);
            assert_eq!((hops.next().as_str(), hops.is_impatient(), hops.check().is_err()), (next, impatient, ends));
        }
    }
}
