//! The ring's stored form: the reference of its numbers, and its slots.

/// What the numbers of the stored form are relative to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base {
    /// The time of the state, in unix milliseconds.
    pub(super) now_ms: u64,
    /// The id of the last lease.
    pub(super) lease: u64,
    /// The ring's count of leases.
    pub(super) turns: u64,
}

/// A slot as text, and its leases: a ticket each, and the rest as text.
pub(super) type StoredSlot = (String, Vec<(String, String)>);
