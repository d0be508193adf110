//! The messages between a maker and the key ring.

use serde::{Deserialize, Serialize};

use crate::config::Endpoint;
use crate::error::Cooling;

/// One endpoint with one key, by a hash of both.
pub type SlotId = String;
/// One endpoint, by a hash of its address.
pub type EndpointId = String;
/// The id of a granted lease.
pub type LeaseId = u64;

/// A slot as the ring knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Its name.
    pub id: SlotId,
    /// Its endpoint's name: what is known of models is known for the endpoint.
    pub endpoint: EndpointId,
}

impl From<&Endpoint> for Slot {
    fn from(endpoint: &Endpoint) -> Self {
        Self { id: endpoint.slot_id(), endpoint: endpoint.endpoint_id() }
    }
}

/// A request for a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseRequest {
    /// The caller's own id of this request. A repeated request with the same ticket keeps its place and its lease.
    pub ticket: String,
    /// The time at which the caller began to wait, in unix milliseconds.
    pub arrived_ms: u64,
    /// The latest time at which a key is still useful, in unix milliseconds.
    pub deadline_ms: u64,
    /// The time for which the caller may hold the key, in milliseconds from its start.
    pub lease_ms: u64,
    /// The acceptable slots, in the order of the settings.
    pub slots: Vec<Slot>,
    /// Slots of that list that are not acceptable this time.
    pub excluded: Vec<SlotId>,
    /// `KEY_IMAGES_PER_MINUTE`.
    pub per_minute: Option<u32>,
}

/// The ring's reply to a [`LeaseRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaseReply {
    /// A key was granted.
    Granted {
        /// The id of the lease, for the report.
        lease: LeaseId,
        /// The slot of the key.
        slot: SlotId,
        /// The time from which it may be used, in unix milliseconds; the caller sleeps until then.
        start_at_ms: u64,
        /// Models that this endpoint no longer has, by its own names.
        gone_models: Vec<String>,
    },
    /// Every key is in flight and the time of its return is unknown: the reply follows later.
    Queued,
    /// No key is available before the deadline.
    Exhausted {
        /// The time at which the soonest of the slots is available, in unix milliseconds; `None` if none will be (the
        /// list was empty, or all were excluded).
        retry_at_ms: Option<u64>,
        /// True if every requested slot is set aside because its upstream refused the key.
        all_refused: bool,
    },
}

/// The outcome of a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The id of the lease.
    pub lease: LeaseId,
    /// The outcome of the call.
    pub outcome: LeaseOutcome,
    /// Models that the upstream reported as gone, by its own names.
    pub gone_models: Vec<String>,
}

/// The outcome of a call with a leased key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaseOutcome {
    /// It returned an image.
    Made,
    /// It failed for a reason that is unrelated to the key.
    Failed,
    /// The upstream rate-limited the key.
    Cooling(Cooling),
    /// The upstream refused the key.
    Refused,
    /// No call was made.
    Unused,
}

/// The number of keys in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Keys that are usable now, including those in flight.
    pub ready: usize,
    /// Keys that are cooling down.
    pub cooling: usize,
    /// Keys that are set aside because their upstream refused them.
    pub disabled: usize,
}

/// A request to the key ring's object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RingRequest {
    /// Requests a key: the reply is a [`LeaseReply`].
    Lease(LeaseRequest),
    /// Returns a key.
    Report(Report),
    /// Counts the states of these keys: the reply is a [`Snapshot`].
    Snapshot(Vec<Slot>),
}
