//! What the ring knows of one slot: its leases, its rest, its rate.

use serde::{Deserialize, Serialize};

use super::cool_down::cool_until_ms;
use super::limits::{HOUR_MS, MAX_AHEAD_MS, MAX_COOL_MS, USUAL_CALL_MS};
use super::window::Window;
use crate::error::Cooling;
use crate::ports::lease::{EndpointId, LeaseId, LeaseOutcome};

/// A key that is out. Times are unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lease {
    pub(super) id: LeaseId,
    pub(super) ticket: String,
    /// When its holder may call.
    pub(super) start_ms: u64,
    /// When it comes back by itself.
    pub(super) end_ms: u64,
    /// Whether a refusal of this call teaches the slot's rate: none is set.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) learns: bool,
}

/// A rate that a refusal taught.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Learned {
    per_minute: u32,
    until_ms: u64,
}

/// One slot. Times are unix milliseconds, 0 where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SlotState {
    pub(super) endpoint: EndpointId,
    /// When a request last named it.
    pub(super) named_ms: u64,
    /// The ring's count of leases when it was last handed out.
    pub(super) turn: u64,
    cool_until_ms: u64,
    refused_until_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    learned: Option<Learned>,
    /// When its calls began, or will.
    #[serde(default, skip_serializing_if = "Window::is_empty")]
    starts: Window,
    /// When those calls began that gave an image and may teach its rate.
    #[serde(default, skip_serializing_if = "Window::is_empty")]
    made: Window,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    leases: Vec<Lease>,
    /// In a plan: somebody comes first who waits for it, and is done with it by then, most likely.
    #[serde(skip)]
    claimed_until_ms: Option<u64>,
}

impl SlotState {
    /// A request named it.
    pub(super) fn register(&mut self, now_ms: u64, endpoint: &EndpointId) {
        self.named_ms = now_ms;
        self.endpoint.clone_from(endpoint);
    }

    /// The earliest start that its rest and its rate allow, whether or not it is in flight.
    pub(super) fn soonest_ms(&self, now_ms: u64, per_minute: Option<u32>) -> u64 {
        let promised = self.leases.iter().map(|lease| lease.start_ms).max().filter(|_| per_minute.is_none());
        let from = now_ms.max(self.ready_at_ms()).max(promised.unwrap_or(0));
        let learned = self.learned.filter(|learned| now_ms < learned.until_ms).map(|learned| learned.per_minute);
        per_minute.or(learned).map_or(from, |rate| self.starts.soonest(from, rate))
    }

    /// By when it is back, most likely, if it is in flight or somebody who comes first waits for
    /// it; a caller with no set rate does not know.
    pub(super) fn back_by_ms(&self, now_ms: u64) -> Option<u64> {
        let likely = |lease: &Lease| match lease.start_ms.saturating_add(USUAL_CALL_MS) {
            usual if usual > now_ms => usual.min(lease.end_ms),
            _ => lease.end_ms,
        };
        let leases = self.leases.iter().map(likely);
        leases.chain(self.claimed_until_ms).max()
    }

    /// In a plan: somebody who waits comes first, and may start at `start_ms`. With `takes` it is
    /// as good as certain that the place will be taken.
    pub(super) fn claim(&mut self, start_ms: u64, back_by_ms: u64, takes: bool) {
        let until = back_by_ms.max(start_ms).saturating_add(USUAL_CALL_MS);
        self.claimed_until_ms = self.claimed_until_ms.max(Some(until));
        if takes {
            self.starts.add(start_ms);
        }
    }

    /// When its rest ends.
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

    /// When the first of its leases comes back by itself.
    pub(super) fn next_end_ms(&self) -> Option<u64> {
        self.leases.iter().map(|lease| lease.end_ms).min()
    }

    pub(super) fn holds(&self, lease: LeaseId) -> bool {
        self.leases.iter().any(|known| known.id == lease)
    }

    pub(super) fn lease_of(&self, ticket: &str) -> Option<&Lease> {
        self.leases.iter().find(|lease| lease.ticket == ticket)
    }

    /// Hands it out.
    pub(super) fn lease(&mut self, turn: u64, lease: Lease) {
        self.turn = turn;
        self.starts.add(lease.start_ms);
        self.leases.push(lease);
    }

    /// Takes it back.
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

    /// Takes back what `ticket` holds of it.
    pub(super) fn give_back_ticket(&mut self, now_ms: u64, ticket: &str, outcome: LeaseOutcome) {
        while let Some(lease) = self.lease_of(ticket).map(|lease| lease.id) {
            self.give_back(now_ms, lease, outcome);
        }
    }

    /// Brings it up to `now_ms`: leases that ended come back, what is past is forgotten, and so is
    /// what no clock that only goes forward could have written.
    pub(super) fn advance_to(&mut self, now_ms: u64) {
        let last = now_ms.saturating_add(MAX_AHEAD_MS);
        self.leases.retain(|lease| lease.end_ms > now_ms && lease.start_ms <= last);
        self.named_ms = self.named_ms.min(now_ms);
        self.cool_until_ms = self.cool_until_ms.min(now_ms.saturating_add(MAX_COOL_MS));
        self.refused_until_ms = self.refused_until_ms.min(now_ms.saturating_add(HOUR_MS));
        self.learned = self.learned.filter(|known| known.until_ms > now_ms && known.until_ms - now_ms <= HOUR_MS);
        // A call in flight may yet be refused: what came before it then teaches the rate.
        let oldest = self.leases.iter().map(|lease| lease.start_ms).min().map_or(now_ms, |start| start.min(now_ms));
        self.starts.prune(oldest, last);
        self.made.prune(oldest, last);
    }

    /// Whether it is out, or rests, or was named within the longest time that a key can rest.
    pub(super) fn is_worth_keeping(&self, now_ms: u64) -> bool {
        !self.leases.is_empty() || self.ready_at_ms() > now_ms || now_ms.saturating_sub(self.named_ms) <= MAX_COOL_MS
    }
}

#[cfg(test)]
mod tests;
