//! Ports implemented by the runtime's functions: time, random numbers, Unicode, the log.

use futures_util::future::LocalBoxFuture;
use worker::Date;
use worker::js_sys::{self, JsString};

use super::env::warn;
use super::settled;
use crate::domain::prompt::Normalizer;
use crate::ports::{Clock, Log, Random};

/// The longest sleep of `setTimeout`: 31 bits of milliseconds.
const LONGEST_SLEEP_MS: u32 = 0x7fff_ffff;

/// The runtime's clock, which advances only during I/O.
pub(super) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole milliseconds since 1970")]
    fn now_ms(&self) -> u64 {
        // One call; `worker`'s makes an object, and asks it.
        js_sys::Date::now() as u64
    }

    fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        Box::pin(settled::sleep(u32::try_from(ms).unwrap_or(LONGEST_SLEEP_MS).min(LONGEST_SLEEP_MS)))
    }
}

/// The runtime's random numbers.
pub(super) struct JsRandom;

impl Random for JsRandom {
    fn next_u64(&self) -> u64 {
        getrandom::u64().unwrap_or_else(|error| {
            warn(&format!("no random numbers: {error}"));
            Date::now().as_millis()
        })
    }
}

/// `String.prototype.normalize`, which saves 60 KB of Unicode tables.
pub(super) struct JsNormalizer;

impl Normalizer for JsNormalizer {
    fn nfc(&self, text: &str) -> String {
        JsString::from(text).normalize("NFC").into()
    }
}

/// The Worker's log.
pub(super) struct WorkerLog;

impl Log for WorkerLog {
    fn warn(&self, message: &str) {
        warn(message);
    }
}
