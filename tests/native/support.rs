//! A world for the core to live in: every port faked, time simulated, and nothing left to chance.
//!
//! A fake fails the test on a surprise: a call that nobody expected, one that is malformed, one that
//! was expected and not made, a secret where none belongs.

mod faults;
mod http;
mod makers;
mod reply;
mod ring;
mod setup;
mod small;
mod storage;
mod store;
mod tasks;
mod time;
mod transport;
mod upstreams;
mod world;

pub(crate) use self::http::Answer;
pub(crate) use self::reply::{Reply, TestRequest};
pub(crate) use self::small::Seeded;
pub(crate) use self::store::{FakeStore, REMEMBERED_MS, StoreFault};
pub(crate) use self::tasks::Tasks;
pub(crate) use self::transport::ObjectFault;
pub(crate) use self::upstreams::{ERROR_PICTURE_URL, OPENAI_URL, Upstream, WORKERS_AI_URL, png};
pub(crate) use self::world::{CHAT_KEY, KEYS, TestApp};
