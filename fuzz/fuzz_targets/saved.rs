//! What the Durable Objects and KV keep as JSON: whatever is there, it is read without a panic, works on, and is
//! written as it was read.
#![no_main]

use free_flux_api::domain::ImageRecord;
use free_flux_api::error::{Cooling, Error};
use free_flux_api::image_maker::state::MakerState;
use free_flux_api::key_ring::KeyRing;
use free_flux_api::ports::lease::{
    GoneCause, GoneModel, LeaseOutcome, LeaseReply, LeaseRequest, Priority, Report, RingRequest, Slot,
};
use free_flux_api::ports::maker::MakerRequest;
use free_flux_api::ports::object_call::{from_json, to_json};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

const NOW_MS: u64 = 1_780_000_000_000;

fuzz_target!(|json: &str| {
    same_again::<MakerState>(json);
    same_again::<ImageRecord>(json);
    if let Some(record) = from_json::<ImageRecord>(json) {
        let _ = record.truncated_to_metadata_limit();
    }
    if let Some(MakerState::Kept(kept)) = from_json::<MakerState>(json) {
        let _ = kept.clone().stored(NOW_MS);
        let _ = kept.store_failed(NOW_MS);
    }
    if let Some(error) = from_json::<Error>(json) {
        assert!((400..600).contains(&error.status()));
    }
    same_again::<MakerRequest>(json);
    same_again::<RingRequest>(json);

    let mut ring = KeyRing::from_json(json);
    let written = ring.to_json();
    assert_eq!(KeyRing::from_json(&written).to_json(), written);
    for (at, now_ms) in [NOW_MS, 0, NOW_MS + 1, u64::MAX].into_iter().enumerate() {
        let (reply, _) = ring.lease(now_ms, request(at, now_ms));
        if let LeaseReply::Granted { lease, start_at_ms, .. } = reply {
            assert!(start_at_ms >= now_ms);
            let outcome = LeaseOutcome::Cooling(Cooling::DayLimit);
            let _ =
                ring.report(now_ms, Report { lease: Some(lease), outcome, gone: vec![gone()], ..Report::default() });
        }
        let _ = ring.tick(now_ms);
        let _ = ring.next_wake_ms();
    }
});

fn same_again<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(json: &str) {
    let Some(value) = from_json::<T>(json) else { return };
    assert_eq!(from_json::<T>(&to_json(&value)).as_ref(), Some(&value));
}

fn request(at: usize, now_ms: u64) -> LeaseRequest {
    let slot = |name: &str| Slot {
        id: name.into(),
        endpoint: "e".into(),
        names: 0,
        priority: Priority::InTurn,
        per_minute: at.is_multiple_of(2).then_some(2),
        per_day: None,
    };
    LeaseRequest {
        ticket: format!("ticket {at}"),
        arrived_ms: now_ms,
        deadline_ms: now_ms.saturating_add(60_000),
        lease_ms: 30_000,
        slots: vec![slot("a"), slot("b")],
        excluded: Vec::new(),
        models: vec!["m".into(), "n".into()],
        names: vec![vec![Some("m".into()), Some("n".into())]],
        may_stand_in: true,
        if_refused: None,
    }
}

fn gone() -> GoneModel {
    GoneModel { endpoint: "e".into(), model: "m".into(), cause: GoneCause::NoSuchModel }
}
