//! The messages between a maker and the key ring.

use serde::{Deserialize, Serialize};

use super::tally::{EndResult, Ended, IfRefused, QuotaRequest};
use crate::config::Endpoint;
pub use crate::config::Priority;
use crate::error::Cooling;

/// One endpoint with one key, by a hash of both.
pub type SlotId = String;
/// One endpoint, by a hash of its address.
pub type EndpointId = String;
/// The id of a granted lease.
pub type LeaseId = u64;

/// One key at one address, as a request names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Its id.
    #[serde(rename = "i")]
    pub id: SlotId,
    /// Its endpoint's id: a model that is gone is gone for the endpoint.
    #[serde(rename = "e")]
    pub endpoint: EndpointId,
    /// Row of [`LeaseRequest::names`]: the endpoint's own name for each of the request's models.
    #[serde(rename = "n", default)]
    pub names: usize,
    /// Its place among the others.
    #[serde(rename = "p", default)]
    pub priority: Priority,
    /// The maximum number of calls a minute for each model. `None`: one call at a time with this key, and the rates that
    /// refusals teach.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<u32>,
    /// The maximum number of pictures a day (UTC).
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u32>,
}

impl Slot {
    /// The slot of an endpoint, for a request whose row `names` has its names of the models.
    pub fn new(endpoint: &Endpoint, names: usize, per_minute: Option<u32>) -> Self {
        let (id, endpoint_id) = (endpoint.slot_id(), endpoint.endpoint_id());
        let (priority, per_day) = (endpoint.priority, endpoint.per_day);
        Self { id, endpoint: endpoint_id, names, priority, per_minute, per_day }
    }
}

impl From<&Endpoint> for Slot {
    fn from(endpoint: &Endpoint) -> Self {
        Self::new(endpoint, 0, None)
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
    /// Our names of the acceptable models: the requested one, then its substitutes in order.
    pub models: Vec<String>,
    /// The distinct rows of the endpoints' own names for `models`, each as long as `models`; `None`: the endpoint does
    /// not have that model.
    pub names: Vec<Vec<Option<String>>>,
    /// The acceptable slots, in the order of the settings.
    pub slots: Vec<Slot>,
    /// Pairs of a slot and our name of a model that are not acceptable this time. A model is not passed over because
    /// all of its pairs are in this list: a caller that wants the next model leaves the first out of `models`.
    pub excluded: Vec<(SlotId, String)>,
    /// True if the caller named no model, so that another may be given in its place.
    pub may_stand_in: bool,
    /// What the generation has come to if it gets no key, where this is its last request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_refused: Option<IfRefused>,
}

impl IfRefused {
    /// The end by this reply; `None` if it is none.
    pub fn by(&self, reply: &LeaseReply) -> Option<Ended> {
        let result = match reply {
            LeaseReply::Exhausted { all_refused: true, .. } => EndResult::Failed(self.refused),
            LeaseReply::Exhausted { retry_at_ms: Some(_), .. } => EndResult::Failed(self.busy),
            LeaseReply::Exhausted { .. } => self.ended.result.clone(),
            LeaseReply::Gone => EndResult::Failed(self.gone),
            _ => return None,
        };
        Some(Ended { result, ..self.ended.clone() })
    }
}

/// A place in line is told at most so often, in milliseconds.
pub const PLACE_INTERVAL_MS: u64 = 1_000;

/// The place in line of a caller that waits for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its number: 1 is the next.
    pub position: usize,
    /// The time at which its turn is likely to come, in unix milliseconds, if anything is known of it.
    pub ready_at_ms: Option<u64>,
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
        /// The model to request, by our name.
        model: String,
        /// The time from which it may be used, in unix milliseconds; the caller sleeps until then.
        start_at_ms: u64,
        /// The starts of those who wait for theirs and come before this one, in unix milliseconds.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ahead_ms: Vec<u64>,
    },
    /// No key is available yet, and one may become available in time: the reply follows later. Meanwhile this is said
    /// again whenever the place has changed.
    Queued(Place),
    /// The requested model is unavailable everywhere for more than ten minutes, or its images could not be fetched, and
    /// this one is available. Only if [`LeaseRequest::may_stand_in`].
    StandIn {
        /// The other model, by our name.
        model: String,
    },
    /// None of the slots has any of the models any more.
    Gone,
    /// No key is available before the deadline.
    Exhausted {
        /// The time at which this caller could be served, behind those that wait, in unix milliseconds; `None` if it
        /// never could (the list was empty, or all were excluded).
        retry_at_ms: Option<u64>,
        /// True if every slot that has the model is set aside because its upstream refused the key.
        all_refused: bool,
    },
}

/// The outcome of a lease, and what else is to be counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The id of the lease; `None` if it was returned before, and only `gone` is new.
    pub lease: Option<LeaseId>,
    /// The outcome of the call.
    pub outcome: LeaseOutcome,
    /// Models that an endpoint does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<GoneModel>,
    /// The code of the call's failure, for the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The generation that has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// True if the store refused a write.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unstored: bool,
}

/// A model that an endpoint does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoneModel {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The endpoint's own name of the model.
    pub model: String,
    /// The reason.
    pub cause: GoneCause,
}

/// The reason for which a model counts as gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GoneCause {
    /// The endpoint no longer has it: for an hour.
    #[serde(rename = "n")]
    NoSuchModel,
    /// Its images could not be fetched: for ten minutes, for requests that another model can serve.
    #[serde(rename = "u")]
    Unfetchable,
}

/// The outcome of a call with a leased key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaseOutcome {
    /// It returned an image.
    Made,
    /// It failed for a reason that is unrelated to the key.
    Failed,
    /// The upstream rate-limited the key for this model.
    Cooling(Cooling),
    /// The upstream refused the key for this model: for an hour.
    Refused,
    /// The upstream refused the key for every model: for an hour.
    KeyInvalid,
    /// No call was made.
    #[default]
    Unused,
}

/// The number of keys in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Keys that are usable now, including those in flight.
    pub ready: usize,
    /// Keys that are cooling down for every model they were used for.
    pub cooling: usize,
    /// Keys that are set aside because their upstream refused them, for every model they were used for.
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
    /// Requests a picture of a quota: the reply is `true` where it is granted.
    Acquire(QuotaRequest),
    /// Asks for counts and the states of these keys: the reply is JSON for the owner.
    Stats(Vec<Slot>),
}
