//! The state of one slot: its leases, its day, and what is known of it for each model.

mod standing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::claims::Claims;
use super::cool_down::next_midnight_ms;
use super::lease::Lease;
use super::limits::{DAY_MS, HOUR_MS, MAX_AHEAD_MS, MAX_COOL_MS, MAX_MODELS, RESTORED_LEASE_MS, SHORT_WAIT_MS};
use super::pair::Pair;
use crate::ports::lease::{EndpointId, LeaseId, LeaseOutcome};

/// The terms on which a caller uses a slot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    /// The endpoint's own name of the model.
    pub(super) name: &'a str,
    pub(super) per_minute: Option<u32>,
    pub(super) per_day: Option<u32>,
}

/// One slot. Times are unix milliseconds; 0 means none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SlotState {
    pub(super) endpoint: EndpointId,
    /// The time of the last request that listed it.
    pub(super) named_ms: u64,
    /// The ring's count of leases when it was last granted.
    pub(super) turn: u64,
    pub(super) invalid_until_ms: u64,
    /// True if the key was invalid, and has made no image since.
    pub(super) is_doubtful: bool,
    /// The day (UTC) of `made`, in days since 1970.
    pub(super) day: u64,
    /// The number of images on that day.
    pub(super) made: u32,
    /// The models it was used for, by the endpoint's own names.
    pub(super) pairs: BTreeMap<Rc<str>, Pair>,
    pub(super) leases: Vec<Lease>,
    /// The code of its last failed call, and its time.
    pub(super) last_error: Option<(Rc<str>, u64)>,
    /// Only in a projection: the likely calls of earlier callers that wait.
    pub(super) claims: Claims,
}

impl SlotState {
    /// Records that a request listed the slot, with the endpoint's own names of its models.
    pub(super) fn register(&mut self, now_ms: u64, endpoint: &EndpointId, has: impl Fn(&str) -> bool) {
        self.named_ms = now_ms;
        self.endpoint.clone_from(endpoint);
        self.pairs.retain(|name, pair| !pair.is_idle(now_ms) || has(name));
    }

    /// The earliest start that its cool-downs and limits allow, whether or not it is in flight.
    pub(super) fn soonest_ms(&self, now_ms: u64, terms: &Terms<'_>) -> u64 {
        let learning = self.leases.iter().filter(|_| terms.per_minute.is_none());
        let promised = learning.map(|lease| lease.start_ms).max().unwrap_or(0);
        let from = now_ms.max(self.invalid_until_ms).max(promised);
        let pair = self.pair(terms.name);
        let soonest = |from| pair.map_or(from, |pair| pair.soonest_ms(now_ms, from, terms.per_minute));
        let at = soonest(from);
        if self.is_day_used_up(at, terms.per_day) { soonest(next_midnight_ms(at)) } else { at }
    }

    /// The time at which a start at `soonest_ms` is likely, if calls take `call_ms`: after the call in flight, and
    /// after or between the calls of earlier callers.
    pub(super) fn expected_ms(&self, now_ms: u64, soonest_ms: u64, call_ms: u64) -> u64 {
        let back = self.leases.iter().map(|lease| lease.back_by_ms(now_ms, call_ms)).max();
        self.claims.gap_ms(soonest_ms.max(back.unwrap_or(0)), call_ms)
    }

    /// Only in a projection: adds the likely call of an earlier caller that waits.
    pub(super) fn claim(&mut self, start_ms: u64, call_ms: u64) {
        self.claims.add(start_ms, call_ms);
    }

    /// Only in a projection: true if an earlier caller waits for it.
    pub(super) fn is_claimed(&self) -> bool {
        !self.claims.is_empty()
    }

    /// Only in a projection: adds the earliest start of a call of an earlier caller that waits, for the rate.
    pub(super) fn claim_start(&mut self, name: &Rc<str>, start_ms: u64) {
        self.pair_mut(name).add_start(start_ms);
    }

    /// True if it rests for a model, was made to do so for a long time, and will not be back within a minute.
    pub(super) fn rests_long(&self, now_ms: u64, terms: &Terms<'_>) -> bool {
        let day_end = if self.is_day_used_up(now_ms, terms.per_day) { next_midnight_ms(now_ms) } else { 0 };
        let pair = self.pair(terms.name).map_or(0, Pair::long_rest_until_ms);
        pair.max(day_end).max(self.invalid_until_ms) > now_ms.saturating_add(SHORT_WAIT_MS)
    }

    /// The end of its cool-downs for a model.
    pub(super) fn ready_at_ms(&self, name: &str) -> u64 {
        self.pair(name).map_or(0, Pair::ready_at_ms).max(self.invalid_until_ms)
    }

    /// True if no call may start on the day of `at_ms`.
    fn is_day_used_up(&self, at_ms: u64, per_day: Option<u32>) -> bool {
        let Some(per_day) = per_day else { return false };
        let day = at_ms / DAY_MS;
        let in_flight = self.leases.iter().filter(|lease| lease.start_ms / DAY_MS == day).count();
        let made = if self.day == day { self.made } else { 0 };
        u32::try_from(in_flight).unwrap_or(u32::MAX).saturating_add(made) >= per_day
    }

    pub(super) fn is_refused(&self, now_ms: u64, name: &str) -> bool {
        self.invalid_until_ms > now_ms || self.pair(name).is_some_and(|pair| pair.is_refused(now_ms))
    }

    /// True if it was refused and has made no image since, for the model or for all: one call at a time is to find out.
    pub(super) fn is_doubtful(&self, name: &str) -> bool {
        self.is_doubtful || self.pair(name).is_some_and(|pair| pair.is_doubtful)
    }

    /// True if a call is in flight that will tell if it is still refused for a doubtful model.
    pub(super) fn is_tried(&self, name: &str) -> bool {
        self.leases.iter().any(|lease| self.is_doubtful || *lease.name == *name)
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
        self.pair_mut(&lease.name).add_start(lease.start_ms);
        self.leases.push(lease);
    }

    /// Prolongs the lease of `ticket`, whose holder is alive: it lasts `lease_ms` from now, or from its start.
    pub(super) fn renew(&mut self, now_ms: u64, ticket: &str, lease_ms: u64) {
        for lease in self.leases.iter_mut().filter(|lease| lease.ticket == ticket) {
            lease.end_ms = lease.end_ms.max(lease.start_ms.max(now_ms).saturating_add(lease_ms));
        }
    }

    /// Returns a lease. The result is the length of its call, if one was made to its end.
    pub(super) fn give_back(&mut self, now_ms: u64, lease: LeaseId, outcome: LeaseOutcome) -> Option<u64> {
        let at = self.leases.iter().position(|known| known.id == lease)?;
        let lease = self.leases.swap_remove(at);
        let pair = self.pair_mut(&lease.name);
        match outcome {
            LeaseOutcome::Made => {
                pair.mark_made(lease.start_ms);
                self.is_doubtful = false;
                self.count(lease.start_ms / DAY_MS);
            }
            LeaseOutcome::Failed => {}
            LeaseOutcome::Unused => pair.remove_start(lease.start_ms),
            LeaseOutcome::Refused => pair.refuse(now_ms),
            LeaseOutcome::KeyInvalid => {
                self.is_doubtful = true;
                self.invalid_until_ms = now_ms.saturating_add(HOUR_MS);
            }
            LeaseOutcome::Cooling(cooling) => pair.cool(now_ms, cooling, lease.learns.then_some(lease.start_ms)),
        }
        let whole = matches!(outcome, LeaseOutcome::Made | LeaseOutcome::Failed);
        whole.then(|| now_ms.saturating_sub(lease.start_ms))
    }

    /// True if `made` is about the day of `now_ms`.
    fn is_of_today(&self, now_ms: u64) -> bool {
        self.day == now_ms / DAY_MS
    }

    /// Counts an image of this day.
    fn count(&mut self, day: u64) {
        if day > self.day {
            (self.day, self.made) = (day, 0);
        }
        self.made = self.made.saturating_add(u32::from(day == self.day));
    }

    /// Returns the lease of `ticket`.
    pub(super) fn give_back_ticket(&mut self, now_ms: u64, ticket: &str, outcome: LeaseOutcome) {
        while let Some(lease) = self.lease_of(ticket).map(|lease| lease.id) {
            self.give_back(now_ms, lease, outcome);
        }
    }

    /// Shortens the leases that keep others from using the slot: after a restart their holders may be dead.
    pub(super) fn shorten_leases(&mut self, now_ms: u64) {
        for lease in self.leases.iter_mut().filter(|lease| lease.learns) {
            lease.end_ms = lease.end_ms.min(now_ms.saturating_add(RESTORED_LEASE_MS));
        }
    }

    /// Brings the state up to `now_ms`: takes back expired leases, and drops outdated information and times that are
    /// impossible unless the clock went backwards.
    pub(super) fn advance_to(&mut self, now_ms: u64) {
        let last = now_ms.saturating_add(MAX_AHEAD_MS);
        self.leases.retain(|lease| lease.end_ms > now_ms && lease.start_ms <= last);
        self.named_ms = self.named_ms.min(now_ms);
        self.invalid_until_ms = self.invalid_until_ms.min(now_ms.saturating_add(HOUR_MS));
        if self.invalid_until_ms <= now_ms {
            self.invalid_until_ms = 0;
        }
        if !self.is_of_today(now_ms) {
            (self.day, self.made) = (0, 0);
        }
        // A call in flight may still be refused: the calls before it then teach the rate.
        let oldest = self.leases.iter().map(|lease| lease.start_ms).min().map_or(now_ms, |start| start.min(now_ms));
        self.pairs.values_mut().for_each(|pair| pair.advance_to(now_ms, oldest, last));
    }

    /// True if it is set aside or cools down, for any model.
    pub(super) fn rests(&self, now_ms: u64) -> bool {
        self.invalid_until_ms > now_ms || self.pairs.values().any(|pair| pair.ready_at_ms() > now_ms)
    }

    /// True if it is leased, rests, or was listed within the longest possible cool-down.
    pub(super) fn is_worth_keeping(&self, now_ms: u64) -> bool {
        !self.leases.is_empty() || self.rests(now_ms) || now_ms.saturating_sub(self.named_ms) <= MAX_COOL_MS
    }

    fn pair(&self, name: &str) -> Option<&Pair> {
        self.pairs.get(name)
    }

    /// The state for a model. Of too many, the one that rests for the shortest time is forgotten.
    fn pair_mut(&mut self, name: &Rc<str>) -> &mut Pair {
        if self.pairs.len() >= MAX_MODELS && !self.pairs.contains_key(name) {
            let least = self.pairs.iter().min_by_key(|(_, pair)| pair.ready_at_ms()).map(|(name, _)| Rc::clone(name));
            self.pairs.retain(|name, _| Some(name) != least.as_ref());
        }
        self.pairs.entry(Rc::clone(name)).or_default()
    }
}
