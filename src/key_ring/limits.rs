//! The bounds of the ring's state and reservations. Times are milliseconds.

/// A minute: the period of the upstreams' rate limits.
pub(super) const MINUTE_MS: u64 = 60_000;
/// An hour: the time for which a refused key is set aside, a learned rate applies and a model counts as gone.
pub(super) const HOUR_MS: u64 = 60 * MINUTE_MS;
/// A day.
pub(super) const DAY_MS: u64 = 24 * HOUR_MS;
/// The longest cool-down of a key: a day, plus an hour for clocks that differ.
pub(super) const MAX_COOL_MS: u64 = DAY_MS + HOUR_MS;
/// The maximum time until a reservation starts, and the longest lease: longer than the longest `GENERATION_TIMEOUT`. A
/// start further ahead was written before the clock was set back.
pub(super) const MAX_AHEAD_MS: u64 = 6 * MINUTE_MS;
/// The duration that few calls exceed. A caller that waits behind a call is expected to be served if this leaves it
/// enough time.
pub(super) const USUAL_CALL_MS: u64 = 20_000;

/// The maximum number of active leases, so that the ring's state stays small enough to be stored.
pub(super) const MAX_LEASES: usize = 1_024;
/// The maximum number of remembered slots: several times the number of keys that fit into the settings.
pub(super) const MAX_SLOTS: usize = 512;
/// The maximum number of waiting callers. It bounds the ring's memory and time; a caller beyond it would wait for
/// minutes anyway.
pub(super) const MAX_WAITERS: usize = 256;
