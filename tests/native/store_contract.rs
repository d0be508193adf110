//! The properties of KV that the image store relies on, checked with the fake store of the other tests. The cases are
//! data, so that KV itself can be checked too; cases with several locations are checked only here.

use std::rc::Rc;

use free_flux_api::domain::{ImageId, ImageRecord};
use free_flux_api::ports::{ImageStore as _, StoredImage};
use serde_json::Value;

use crate::support::{FakeStore, REMEMBERED_MS, Tasks};

const CASES: &str = include_str!("../store_cases.json");

fn id(letter: &str) -> ImageId {
    ImageId::parse(&format!("{}A", letter.repeat(42))).expect("an id")
}

/// The record of the cases, its prompt long enough for `size` bytes of JSON.
fn record(cases: &Value, size: Option<u64>) -> ImageRecord {
    let mut record: ImageRecord = serde_json::from_value(cases["record"].clone()).expect("a record");
    if let Some(size) = size.and_then(|size| usize::try_from(size).ok()) {
        let length = serde_json::to_string(&record).expect("JSON").len();
        record.prompt.push_str(&"x".repeat(size - length));
    }
    record
}

fn value(step: &Value) -> Vec<u8> {
    let number = |name: &str| step[name].as_u64().expect("a number");
    vec![u8::try_from(number("fill")).expect("a byte"); usize::try_from(number("length")).expect("a length")]
}

/// A store with numbered locations: each read is made at a new one.
struct Bench {
    tasks: Rc<Tasks>,
    store: FakeStore,
    places: usize,
}

impl Bench {
    fn new() -> Self {
        let tasks = Tasks::new();
        let store = FakeStore::new(Rc::clone(tasks.time()));
        Self { tasks, store, places: 0 }
    }

    fn get(&mut self, id: ImageId) -> Option<StoredImage> {
        self.places += 1;
        let place = self.store.at(&self.places.to_string());
        self.tasks.run(async move { place.get(&id).await }).expect("a store that works")
    }

    fn put(&self, id: ImageId, record: ImageRecord, bytes: Vec<u8>, ttl: u64) -> bool {
        let store = self.store.clone();
        self.tasks.run(async move { store.put(&id, &record, &bytes, ttl).await.is_ok() })
    }
}

#[test]
fn the_fake_store_behaves_like_kv() {
    let cases: Value = serde_json::from_str(CASES).expect("JSON");
    for case in cases["cases"].as_array().expect("cases") {
        let name = &case["name"];
        let mut bench = Bench::new();
        let mut last = record(&cases, None);
        for step in case["steps"].as_array().expect("steps") {
            if let Some(letter) = step["put"].as_str() {
                let record = record(&cases, step["metadata"].as_u64());
                let ttl = step["ttl"].as_u64().expect("a ttl");
                let written = bench.put(id(letter), record.clone(), value(step), ttl);
                assert_eq!(written, step["fails"].is_null(), "{name}: {step}");
                if written {
                    last = record;
                }
            } else if let Some(letter) = step["get"].as_str() {
                let found = bench.get(id(letter));
                assert_eq!(found.is_some(), !step["finds"].is_null(), "{name}: {step}");
                if let Some(StoredImage { record, body }) = found {
                    let bytes = bench.tasks.run(body.into_bytes());
                    assert!(bytes == Some(value(&step["finds"])), "{name}: {step}");
                    assert_eq!(record, last, "{name}");
                }
            } else if let Some(letter) = step["delete"].as_str() {
                let (store, id) = (bench.store.clone(), id(letter));
                assert!(bench.tasks.run(async move { store.delete(&id).await.is_ok() }), "{name}: {step}");
            } else {
                bench.tasks.advance(step["wait"].as_u64().expect("a step") * 1_000);
            }
        }
    }
}

#[test]
fn a_location_caches_reads_for_a_while_also_misses() {
    let cases: Value = serde_json::from_str(CASES).expect("JSON");
    let bench = Bench::new();
    let read = |place: &str| {
        let store = bench.store.at(place);
        bench.tasks.run(async move { store.get(&id("a")).await.expect("a store that works").is_some() })
    };
    assert!(!read("here"));
    assert!(bench.put(id("a"), record(&cases, None), vec![1], 0));
    assert!(!read("here") && read("there"));
    bench.tasks.advance(REMEMBERED_MS);
    assert!(read("here"));
    let store = bench.store.clone();
    bench.tasks.run(async move { store.delete(&id("a")).await.expect("a store that works") });
    assert!(read("here") && !read("elsewhere"));
}
