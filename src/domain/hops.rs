//! How many deployments of this service a request came through: one deployment can be an upstream of another.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The header that carries the count from one deployment to the next.
pub const HOP_HEADER: &str = "X-Free-Flux-Hop";

/// A request that came through this many deployments goes no further: they are chained in a circle.
const MAX_HOPS: u8 = 3;

/// A request that came through this many may be one of our own that came back. It waits for nothing that another
/// request holds, which may be waiting for it: neither for a generation under way nor, for long, for a key.
const IMPATIENT_HOPS: u8 = 2;

/// The count of one request; 0 for one that came straight from a caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hops(u8);

impl Hops {
    /// The count in [`HOP_HEADER`]; what is no number counts as the highest.
    pub fn from_header(value: Option<&str>) -> Self {
        Self(value.map_or(0, |hops| hops.trim().parse().unwrap_or(u8::MAX)))
    }

    /// The header's value for a call to an upstream: one more than came in.
    pub fn next(self) -> String {
        self.0.saturating_add(1).to_string()
    }

    /// Whether the request may be one of our own that came back.
    pub fn is_impatient(self) -> bool {
        self.0 >= IMPATIENT_HOPS
    }

    /// # Errors
    /// 502 where the request has come round in a circle.
    pub fn check(self) -> Result<(), Error> {
        if self.0 >= MAX_HOPS { Err(loop_detected()) } else { Ok(()) }
    }
}

/// The error of a request that goes round in a circle.
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
