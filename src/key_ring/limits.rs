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
/// The duration that few calls exceed.
pub(super) const USUAL_CALL_MS: u64 = 20_000;
/// A rest that is imposed for longer than this is a long one: a refusal, or a day's quota.
pub(super) const LONG_REST_MS: u64 = 10 * MINUTE_MS;
/// A long rest that ends sooner than this is waited for.
pub(super) const SHORT_WAIT_MS: u64 = MINUTE_MS;
/// The time after a caller's arrival for which a key in flight is awaited before a slot of the last priority is used.
pub(super) const PATIENCE_MS: u64 = 2_000;
/// The maximum remaining duration of leases that were restored from storage: their holders may have died together with
/// the ring, and whoever still waits asks again.
pub(super) const RESTORED_LEASE_MS: u64 = 3_000;

/// The maximum number of active leases, so that the ring's state stays small enough to be stored.
pub(super) const MAX_LEASES: usize = 1_024;
/// The maximum number of remembered slots: several times the number of keys that fit into the settings.
pub(super) const MAX_SLOTS: usize = 512;
/// The maximum number of waiting callers. It bounds the ring's memory and time; a caller beyond it would wait for
/// minutes anyway.
pub(super) const MAX_WAITERS: usize = 256;
/// The maximum number of models of a request, and of models that a slot remembers; the settings list only a few.
pub(super) const MAX_MODELS: usize = 32;
/// The longest model name that is accepted, in bytes.
pub(super) const MAX_NAME: usize = 256;
