//! The memory before the store: which reads it spares, and that no change is overlooked.

use std::rc::Rc;

use free_flux_api::domain::{ImageId, ImageRecord};
use free_flux_api::http::Body;
use free_flux_api::pipeline::picture_memory::{MAX_PICTURE_BYTES, REMEMBERED_MS};
use free_flux_api::pipeline::remembered_store::RememberedStore;
use free_flux_api::ports::{ImageStore as _, StoreError, StoredImage};
use serde_json::Value;

use crate::support::{FakeStore, StoreFault, Streamed, Tasks, VirtualClock};

const CASES: &str = include_str!("../store_cases.json");

fn id() -> ImageId {
    ImageId::parse(&"A".repeat(43)).expect("an id")
}

fn another_id() -> ImageId {
    ImageId::parse(&format!("{}A", "B".repeat(42))).expect("an id")
}

fn record(bytes: u64) -> ImageRecord {
    let cases: Value = serde_json::from_str(CASES).expect("JSON");
    ImageRecord { bytes, ..serde_json::from_value(cases["record"].clone()).expect("a record") }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).expect("a length")
}

/// A store with a memory, and the store behind it.
struct Bench {
    tasks: Rc<Tasks>,
    behind: FakeStore,
    store: Rc<RememberedStore>,
}

impl Bench {
    fn new() -> Self {
        let tasks = Tasks::new();
        let behind = FakeStore::new(Rc::clone(tasks.time()));
        let clock = Rc::new(VirtualClock(Rc::clone(tasks.time())));
        let store = Rc::new(RememberedStore::new(Rc::new(behind.clone()), clock));
        Self { tasks, behind, store }
    }

    /// With an image of these bytes, which was put into the store elsewhere.
    fn with(bytes: &[u8], ttl: u64) -> Self {
        let bench = Self::new();
        bench.put_elsewhere(bytes, ttl);
        bench
    }

    fn put_elsewhere(&self, bytes: &[u8], ttl: u64) {
        let (store, bytes) = (self.behind.at("elsewhere"), bytes.to_vec());
        let put = async move { store.put(&id(), &record(length(&bytes)), &bytes, ttl).await };
        self.tasks.run(put).expect("a store that works");
    }

    fn put(&self, bytes: &[u8]) {
        let (store, bytes) = (Rc::clone(&self.store), bytes.to_vec());
        let put = async move { store.put(&id(), &record(length(&bytes)), &bytes, 0).await };
        self.tasks.run(put).expect("a store that works");
    }

    fn delete(&self) {
        let store = Rc::clone(&self.store);
        self.tasks.run(async move { store.delete(&id()).await }).expect("a store that works");
    }

    fn renew(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let (store, bytes) = (Rc::clone(&self.store), bytes.to_vec());
        let image = StoredImage { record: record(length(&bytes)), body: Streamed::body(Some(bytes)) };
        let renew = async move {
            let image = store.renew(&id(), image).await.ok()?;
            image.body.into_bytes().await
        };
        self.tasks.run(renew)
    }

    fn try_get(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let store = Rc::clone(&self.store);
        self.tasks.run(async move {
            match store.get(&id()).await? {
                Some(image) => Ok(image.body.into_bytes().await),
                None => Ok(None),
            }
        })
    }

    /// The bytes that the store answers with, and the reads of the store behind it that this took.
    fn get(&self) -> (Option<Vec<u8>>, usize) {
        let before = self.behind.operations().0;
        let bytes = self.try_get().expect("a store that works");
        (bytes, self.behind.operations().0 - before)
    }
}

fn read(bytes: &[u8]) -> (Option<Vec<u8>>, usize) {
    (Some(bytes.to_vec()), 1)
}

fn remembered(bytes: &[u8]) -> (Option<Vec<u8>>, usize) {
    (Some(bytes.to_vec()), 0)
}

#[test]
fn an_image_that_was_asked_for_twice_is_at_hand_for_a_minute_after_it_was_read() {
    let bench = Bench::with(b"a cat", 0);
    assert_eq!(bench.get(), read(b"a cat"));
    assert_eq!(bench.get(), read(b"a cat"));
    for _ in 0..5 {
        bench.tasks.advance(10_000);
        assert_eq!(bench.get(), remembered(b"a cat"));
    }
    bench.tasks.advance(10_000);
    assert_eq!(bench.get(), read(b"a cat"));
}

#[test]
fn an_image_that_is_asked_for_once_a_minute_is_not_kept() {
    let bench = Bench::with(b"a cat", 0);
    for _ in 0..5 {
        assert_eq!(bench.get(), read(b"a cat"));
        assert_eq!(bench.store.bytes(), 0);
        bench.tasks.advance(REMEMBERED_MS);
    }
}

#[test]
fn a_large_image_stays_a_stream_from_the_store() {
    let limit = usize::try_from(MAX_PICTURE_BYTES).expect("a length");
    for (bytes, reads) in [(vec![1; limit], 0), (vec![1; limit + 1], 1)] {
        let bench = Bench::with(&bytes, 0);
        (0..2).for_each(|_| assert_eq!(bench.get(), read(&bytes)));
        assert_eq!(bench.get(), (Some(bytes), reads));
    }
}

#[test]
fn an_image_outlives_its_expiry_in_the_store_by_less_than_a_minute() {
    let bench = Bench::with(b"a cat", 60);
    bench.tasks.advance(58_000);
    (0..2).for_each(|_| assert_eq!(bench.get(), read(b"a cat")));
    bench.tasks.advance(59_000);
    assert_eq!(bench.get(), remembered(b"a cat"));
    bench.tasks.advance(2_000);
    assert_eq!(bench.get(), (None, 1));
}

#[test]
fn a_removal_is_seen_at_once() {
    let bench = Bench::with(b"a cat", 0);
    (0..2).for_each(|_| assert_eq!(bench.get(), read(b"a cat")));
    bench.delete();
    assert_eq!(bench.store.bytes(), 0);
    // The location still shows the image, as KV may: it is not kept again.
    (0..3).for_each(|_| assert_eq!(bench.get(), read(b"a cat")));
    bench.behind.lose(id().as_str());
    assert_eq!(bench.get(), (None, 1));
}

#[test]
fn a_removal_may_have_taken_another_image_with_it() {
    let bench = Bench::with(b"a cat", 0);
    (0..2).for_each(|_| assert_eq!(bench.get(), read(b"a cat")));
    let store = Rc::clone(&bench.store);
    bench.tasks.run(async move { store.delete(&another_id()).await }).expect("a store that works");
    assert_eq!(bench.get(), read(b"a cat"));
}

#[test]
fn an_image_that_was_being_read_while_it_was_removed_is_not_kept() {
    let bench = Bench::with(b"a cat", 0);
    assert_eq!(bench.get(), read(b"a cat"));
    let (reading, removing) = (Rc::clone(&bench.store), Rc::clone(&bench.store));
    let reading = bench.tasks.start(async move { reading.get(&id()).await.is_ok() });
    let removing = bench.tasks.start(async move { removing.delete(&id()).await.is_ok() });
    assert!(bench.tasks.finish(&reading) && bench.tasks.finish(&removing));
    assert_eq!(bench.store.bytes(), 0);
    bench.behind.lose(id().as_str());
    assert_eq!(bench.get(), (None, 1));
}

#[test]
fn an_image_that_was_made_anew_is_seen_at_once_whatever_the_store_still_shows() {
    let bench = Bench::with(b"an old cat", 0);
    (0..2).for_each(|_| assert_eq!(bench.get(), read(b"an old cat")));
    assert_eq!(bench.renew(b"a new cat").as_deref(), Some(&b"a new cat"[..]));
    assert_eq!(bench.get(), remembered(b"a new cat"));
    bench.put(b"a new cat");
    assert_eq!(bench.get(), remembered(b"a new cat"), "its write changes nothing");
    bench.put(b"another");
    bench.behind.lose("");
    assert_eq!(bench.get(), read(b"another"));
}

#[test]
fn an_image_that_is_too_large_to_keep_takes_the_place_of_the_old_one_as_well() {
    let bench = Bench::with(b"an old cat", 0);
    (0..3).for_each(|_| assert_eq!(bench.get().0.as_deref(), Some(&b"an old cat"[..])));
    let large = vec![1; usize::try_from(MAX_PICTURE_BYTES).expect("a length") + 1];
    assert_eq!(bench.renew(&large), Some(large.clone()));
    assert_eq!(bench.store.bytes(), 0);
    bench.put_elsewhere(&large, 0);
    bench.behind.lose("");
    assert_eq!(bench.get(), read(&large));
}

#[test]
fn an_image_that_breaks_off_is_an_error_and_is_not_kept() {
    let bench = Bench::with(b"a cat", 0);
    assert_eq!(bench.get(), read(b"a cat"));
    bench.behind.read_faults().once(StoreFault::BreaksOff);
    assert!(bench.try_get().is_err());
    assert_eq!(bench.get(), read(b"a cat"));
    assert_eq!(bench.get(), remembered(b"a cat"));
}

#[test]
fn a_body_of_another_kind_passes_unread() {
    let bench = Bench::new();
    let store = Rc::clone(&bench.store);
    let image = StoredImage { record: record(5), body: Body::Bytes(b"a cat".to_vec()) };
    let renewed = bench.tasks.run(async move { store.renew(&id(), image).await });
    assert!(matches!(renewed, Ok(StoredImage { body: Body::Bytes(_), .. })));
    assert_eq!(bench.store.bytes(), 0);
}
