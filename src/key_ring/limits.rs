//! The bounds of what the ring keeps and promises. Times are milliseconds.

/// A minute: what upstreams count by.
pub(super) const MINUTE_MS: u64 = 60_000;
/// An hour: how long a refused key is set aside, a learned rate kept to and a model taken for gone.
pub(super) const HOUR_MS: u64 = 60 * MINUTE_MS;
/// A day.
pub(super) const DAY_MS: u64 = 24 * HOUR_MS;
/// The longest rest of a key: a day, and an hour for clocks that differ.
pub(super) const MAX_COOL_MS: u64 = DAY_MS + HOUR_MS;
/// The furthest ahead a key is promised, and the longest it is held: longer than the longest
/// `GENERATION_TIMEOUT`. A start further ahead was written by a clock that was since set back.
pub(super) const MAX_AHEAD_MS: u64 = 6 * MINUTE_MS;
/// What few calls take longer than: who waits behind one is counted on to be served where that leaves the time.
pub(super) const USUAL_CALL_MS: u64 = 20_000;

/// Leases that are out at once, so that the ring's state stays small enough to be stored.
pub(super) const MAX_LEASES: usize = 1_024;
/// Slots that are remembered: several times the keys that fit into the settings.
pub(super) const MAX_SLOTS: usize = 512;
/// Callers that are held at once. The ring's memory and time are bounded; more than this would
/// wait for minutes anyway.
pub(super) const MAX_WAITERS: usize = 256;
