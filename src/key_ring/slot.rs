//! The state of one slot: its leases, its cool-down, its rate.

use serde::{Deserialize, Serialize};

use super::cool_down::cool_until_ms;
use super::limits::{HOUR_MS, MAX_AHEAD_MS, MAX_COOL_MS, USUAL_CALL_MS};
use super::window::Window;
use crate::error::Cooling;
use crate::ports::lease::{EndpointId, LeaseId, LeaseOutcome};

/// A lease of the slot. Times are unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lease {
    pub(super) id: LeaseId,
    pub(super) ticket: String,
    /// The time from which its holder may call.
    pub(super) start_ms: u64,
    /// The time at which it expires.
    pub(super) end_ms: u64,
    /// True if a refusal of this call teaches the slot's rate, i.e. no rate is set.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) learns: bool,
}

/// A rate that was learned from a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Learned {
    per_minute: u32,
    until_ms: u64,
}

/// One slot. Times are unix milliseconds; 0 means none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SlotState {
    pub(super) endpoint: EndpointId,
    /// The time of the last request that listed it.
    pub(super) named_ms: u64,
    /// The ring's count of leases when it was last granted.
    pub(super) turn: u64,
    cool_until_ms: u64,
    refused_until_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    learned: Option<Learned>,
    /// The starts of its calls, past and future.
    #[serde(default, skip_serializing_if = "Window::is_empty")]
    starts: Window,
    /// The starts of successful calls that may teach its rate.
    #[serde(default, skip_serializing_if = "Window::is_empty")]
    made: Window,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    leases: Vec<Lease>,
    /// Only in a projection: the time by which a caller that waits for it and comes first will most likely be done.
    #[serde(skip)]
    claimed_until_ms: Option<u64>,
}

impl SlotState {
    /// Records that a request listed the slot.
    pub(super) fn register(&mut self, now_ms: u64, endpoint: &EndpointId) {
        self.named_ms = now_ms;
        self.endpoint.clone_from(endpoint);
    }

    /// The earliest start that its cool-down and its rate allow, whether or not it is in flight.
    pub(super) fn soonest_ms(&self, now_ms: u64, per_minute: Option<u32>) -> u64 {
        let promised = self.leases.iter().map(|lease| lease.start_ms).max().filter(|_| per_minute.is_none());
        let from = now_ms.max(self.ready_at_ms()).max(promised.unwrap_or(0));
        let learned = self.learned.filter(|learned| now_ms < learned.until_ms).map(|learned| learned.per_minute);
        per_minute.or(learned).map_or(from, |rate| self.starts.soonest(from, rate))
    }

    /// The time by which it will most likely be returned, if it is in flight or claimed by an earlier waiting caller;
    /// `None` if it is free. It is an estimate: a caller without a set rate is queued until the slot is returned.
    pub(super) fn back_by_ms(&self, now_ms: u64) -> Option<u64> {
        let likely = |lease: &Lease| match lease.start_ms.saturating_add(USUAL_CALL_MS) {
            usual if usual > now_ms => usual.min(lease.end_ms),
            _ => lease.end_ms,
        };
        let leases = self.leases.iter().map(likely);
        leases.chain(self.claimed_until_ms).max()
    }

    /// Only in a projection: adds the claim of an earlier waiting caller that may start at `start_ms`. `takes` is true
    /// if the caller will almost certainly use it.
    pub(super) fn claim(&mut self, start_ms: u64, back_by_ms: u64, takes: bool) {
        let until = back_by_ms.max(start_ms).saturating_add(USUAL_CALL_MS);
        self.claimed_until_ms = self.claimed_until_ms.max(Some(until));
        if takes {
            self.starts.add(start_ms);
        }
    }

    /// The end of its cool-down.
    pub(super) fn ready_at_ms(&self) -> u64 {
        self.cool_until_ms.max(self.refused_until_ms)
    }

    pub(super) fn is_refused(&self, now_ms: u64) -> bool {
        self.refused_until_ms > now_ms
    }

    pub(super) fn is_cooling(&self, now_ms: u64) -> bool {
        self.cool_until_ms > now_ms
    }

    pub(super) fn in_flight(&self) -> usize {
        self.leases.len()
    }

    /// The time at which the first of its leases expires.
    pub(super) fn next_end_ms(&self) -> Option<u64> {
        self.leases.iter().map(|lease| lease.end_ms).min()
    }

    pub(super) fn holds(&self, lease: LeaseId) -> bool {
        self.leases.iter().any(|known| known.id == lease)
    }

    pub(super) fn lease_of(&self, ticket: &str) -> Option<&Lease> {
        self.leases.iter().find(|lease| lease.ticket == ticket)
    }

    /// Adds a lease.
    pub(super) fn lease(&mut self, turn: u64, lease: Lease) {
        self.turn = turn;
        self.starts.add(lease.start_ms);
        self.leases.push(lease);
    }

    /// Returns a lease.
    pub(super) fn give_back(&mut self, now_ms: u64, lease: LeaseId, outcome: LeaseOutcome) {
        let Some(at) = self.leases.iter().position(|known| known.id == lease) else {
            return;
        };
        let lease = self.leases.swap_remove(at);
        match outcome {
            LeaseOutcome::Made if lease.learns => self.made.add(lease.start_ms),
            LeaseOutcome::Made | LeaseOutcome::Failed => {}
            LeaseOutcome::Unused => self.starts.remove(lease.start_ms),
            LeaseOutcome::Refused => self.refused_until_ms = now_ms.saturating_add(HOUR_MS),
            LeaseOutcome::Cooling(cooling) => {
                self.cool_until_ms = self.cool_until_ms.max(cool_until_ms(now_ms, cooling));
                if cooling == Cooling::MinuteLimit && lease.learns {
                    let per_minute = self.made.most_in_a_minute(lease.start_ms).max(1);
                    self.learned = Some(Learned { per_minute, until_ms: now_ms.saturating_add(HOUR_MS) });
                }
            }
        }
    }

    /// Returns the lease of `ticket`.
    pub(super) fn give_back_ticket(&mut self, now_ms: u64, ticket: &str, outcome: LeaseOutcome) {
        while let Some(lease) = self.lease_of(ticket).map(|lease| lease.id) {
            self.give_back(now_ms, lease, outcome);
        }
    }

    /// Brings the state up to `now_ms`: takes back expired leases, and drops outdated information and times that are
    /// impossible unless the clock went backwards.
    pub(super) fn advance_to(&mut self, now_ms: u64) {
        let last = now_ms.saturating_add(MAX_AHEAD_MS);
        self.leases.retain(|lease| lease.end_ms > now_ms && lease.start_ms <= last);
        self.named_ms = self.named_ms.min(now_ms);
        self.cool_until_ms = self.cool_until_ms.min(now_ms.saturating_add(MAX_COOL_MS));
        self.refused_until_ms = self.refused_until_ms.min(now_ms.saturating_add(HOUR_MS));
        self.learned = self.learned.filter(|known| known.until_ms > now_ms && known.until_ms - now_ms <= HOUR_MS);
        // A call in flight may still be refused: the calls before it then teach the rate.
        let oldest = self.leases.iter().map(|lease| lease.start_ms).min().map_or(now_ms, |start| start.min(now_ms));
        self.starts.prune(oldest, last);
        self.made.prune(oldest, last);
    }

    /// True if it is leased, cools down, or was listed within the longest possible cool-down.
    pub(super) fn is_worth_keeping(&self, now_ms: u64) -> bool {
        !self.leases.is_empty() || self.ready_at_ms() > now_ms || now_ms.saturating_sub(self.named_ms) <= MAX_COOL_MS
    }
}

#[cfg(test)]
mod tests;
