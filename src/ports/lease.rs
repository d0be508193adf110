//! What a maker and the key ring say to each other.

use serde_json::{Map, Value};

use crate::error::Cooling;
use crate::json::{self, Json, json_object, serde_by_json};

/// One endpoint with one key, by a hash of both.
pub type SlotId = String;
/// One endpoint, by a hash of its address.
pub type EndpointId = String;
/// A lease that was handed out.
pub type LeaseId = u64;

/// A slot as the ring knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Its name.
    pub id: SlotId,
    /// Its endpoint's name: what is known of models is known for the endpoint.
    pub endpoint: EndpointId,
}

json_object!(Slot { id: "id", endpoint: "endpoint" });

/// A request for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
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

json_object!(LeaseRequest {
    ticket: "ticket",
    arrived_ms: "arrived_ms",
    deadline_ms: "deadline_ms",
    lease_ms: "lease_ms",
    slots: "slots",
    excluded: "excluded",
    per_minute: "per_minute",
});

/// What the ring answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseAnswer {
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

impl Json for LeaseAnswer {
    fn to_json(&self) -> Value {
        let mut fields = Map::new();
        match self {
            Self::Granted { lease, slot, start_at_ms, gone_models } => {
                json::write(&mut fields, "lease", lease.to_json());
                json::write(&mut fields, "slot", slot.to_json());
                json::write(&mut fields, "start_at_ms", start_at_ms.to_json());
                json::write(&mut fields, "gone_models", gone_models.to_json());
                json::variant("granted", fields.into())
            }
            Self::Queued => "queued".into(),
            Self::Exhausted { retry_at_ms, all_refused } => {
                json::write(&mut fields, "retry_at_ms", retry_at_ms.to_json());
                json::write(&mut fields, "all_refused", all_refused.to_json());
                json::variant("exhausted", fields.into())
            }
        }
    }

    fn from_json(json: &Value) -> Option<Self> {
        match json::read_variant(json)? {
            ("granted", Value::Object(fields)) => Some(Self::Granted {
                lease: json::read(fields, "lease")?,
                slot: json::read(fields, "slot")?,
                start_at_ms: json::read(fields, "start_at_ms")?,
                gone_models: json::read(fields, "gone_models")?,
            }),
            ("queued", _) => Some(Self::Queued),
            ("exhausted", Value::Object(fields)) => Some(Self::Exhausted {
                retry_at_ms: json::read(fields, "retry_at_ms")?,
                all_refused: json::read(fields, "all_refused")?,
            }),
            _ => None,
        }
    }
}

serde_by_json!(LeaseAnswer);

/// What became of a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which lease.
    pub lease: LeaseId,
    /// How it went.
    pub outcome: LeaseOutcome,
    /// Models that the upstream said it no longer has, by its own names.
    pub gone_models: Vec<String>,
}

json_object!(Report { lease: "lease", outcome: "outcome", gone_models: "gone_models" });

/// How a call with a leased key went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl Json for LeaseOutcome {
    fn to_json(&self) -> Value {
        match self {
            Self::Made => "made".into(),
            Self::Failed => "failed".into(),
            Self::Cooling(cooling) => json::variant("cooling", cooling.to_json()),
            Self::Refused => "refused".into(),
            Self::Unused => "unused".into(),
        }
    }

    fn from_json(json: &Value) -> Option<Self> {
        match json::read_variant(json)? {
            ("made", _) => Some(Self::Made),
            ("failed", _) => Some(Self::Failed),
            ("cooling", cooling) => Cooling::from_json(cooling).map(Self::Cooling),
            ("refused", _) => Some(Self::Refused),
            ("unused", _) => Some(Self::Unused),
            _ => None,
        }
    }
}

serde_by_json!(LeaseOutcome);

/// How the keys stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Keys that can be used now, those in flight included.
    pub ready: usize,
    /// Keys that rest.
    pub cooling: usize,
    /// Keys that are set aside because they were refused.
    pub disabled: usize,
}

json_object!(Snapshot { ready: "ready", cooling: "cooling", disabled: "disabled" });
