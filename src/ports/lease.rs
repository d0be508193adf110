//! What a maker and the key ring say to each other.

use serde::{Deserialize, Serialize};

use crate::config::Endpoint;
use crate::error::Cooling;

/// One endpoint with one key, by a hash of both.
pub type SlotId = String;
/// One endpoint, by a hash of its address.
pub type EndpointId = String;
/// A lease that was handed out.
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
    /// The caller's own name for this request. Asked again under the same name, it keeps its place
    /// and its lease.
    pub ticket: String,
    /// When the caller began to wait, in unix milliseconds.
    pub arrived_ms: u64,
    /// The latest time at which a key is of use, in unix milliseconds.
    pub deadline_ms: u64,
    /// How long the caller may hold the key, in milliseconds from its start.
    pub lease_ms: u64,
    /// The slots that will do, in the order of the settings.
    pub slots: Vec<Slot>,
    /// Those of them that will not do this time.
    pub excluded: Vec<SlotId>,
    /// `KEY_IMAGES_PER_MINUTE`.
    pub per_minute: Option<u32>,
}

/// What the ring answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaseReply {
    /// A key.
    Granted {
        /// The name under which it is given back.
        lease: LeaseId,
        /// Which key.
        slot: SlotId,
        /// When it may be used, in unix milliseconds; the caller sleeps until then.
        start_at_ms: u64,
        /// Models that this endpoint no longer has, by its own names.
        gone_models: Vec<String>,
    },
    /// Every key is in flight and nobody knows for how long: the ring answers later.
    Queued,
    /// No key can be had before the deadline.
    Exhausted {
        /// When the soonest of the slots is back, in unix milliseconds; `None` where none will be
        /// (no slot was named, or all were excluded).
        retry_at_ms: Option<u64>,
        /// Whether every slot that was named was refused by its upstream and is set aside.
        all_refused: bool,
    },
}

/// What became of a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Which lease.
    pub lease: LeaseId,
    /// How it went.
    pub outcome: LeaseOutcome,
    /// Models that the upstream said it no longer has, by its own names.
    pub gone_models: Vec<String>,
}

/// How a call with a leased key went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaseOutcome {
    /// It gave an image.
    Made,
    /// It failed, and that says nothing about the key.
    Failed,
    /// The upstream wants the key to rest.
    Cooling(Cooling),
    /// The upstream refuses the key.
    Refused,
    /// No call was made with it.
    Unused,
}

/// How the keys stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Keys that can be used now, those in flight included.
    pub ready: usize,
    /// Keys that rest.
    pub cooling: usize,
    /// Keys that are set aside because they were refused.
    pub disabled: usize,
}

/// What the ring's object is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RingRequest {
    /// For a key: the reply is a [`LeaseReply`].
    Lease(LeaseRequest),
    /// To take a key back.
    Report(Report),
    /// How these keys stand: the reply is a [`Snapshot`].
    Snapshot(Vec<Slot>),
}
