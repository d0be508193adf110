//! A test environment for the core: every port faked, time simulated, random numbers seeded.
//!
//! A fake fails the test on a surprise: an unexpected or malformed call, an expected call that was not made, a leaked
//! secret.

mod faults;
mod http;
mod makers;
mod reply;
mod ring;
mod runtime;
mod setup;
mod storage;
mod store;
mod tasks;
mod test_app;
mod time;
mod transport;
mod upstreams;

pub(crate) use self::http::{Answer, Call};
pub(crate) use self::reply::{Reply, TestRequest};
pub(crate) use self::runtime::Seeded;
pub(crate) use self::store::{FakeStore, REMEMBERED_MS, StoreFault};
pub(crate) use self::tasks::{Task, Tasks};
pub(crate) use self::test_app::{CHAT_KEY, KEYS, TestApp};
pub(crate) use self::transport::ObjectFault;
pub(crate) use self::upstreams::{ERROR_PICTURE_URL, OPENAI_URL, Upstream, WORKERS_AI_URL, png, png_of_bytes};
