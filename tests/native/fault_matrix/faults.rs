//! The faults, and their form at each call: an upstream's response in the vendor's own text, or the behaviour of a
//! binding or an object.

use crate::support::{Answer, ObjectFault, StoreFault, Upstream};

/// Every fault of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Refused,
    ResetBeforeHeaders,
    ResetInBody,
    Hangs,
    Trickles,
    Status(u16),
    MinuteLimit,
    DayLimit,
    Page502,
    Text503,
    Empty200,
    Broken200,
    WrongShape200,
    WrongContentType,
    Oversized,
}

/// The columns of the matrix.
pub(super) const FAULTS: &[Fault] = &[
    Fault::Refused,
    Fault::ResetBeforeHeaders,
    Fault::ResetInBody,
    Fault::Hangs,
    Fault::Trickles,
    Fault::Status(400),
    Fault::Status(401),
    Fault::Status(403),
    Fault::Status(404),
    Fault::MinuteLimit,
    Fault::DayLimit,
    Fault::Status(500),
    Fault::Page502,
    Fault::Text503,
    Fault::Empty200,
    Fault::Broken200,
    Fault::WrongShape200,
    Fault::WrongContentType,
    Fault::Oversized,
];

impl Fault {
    /// Its name in the table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::ResetBeforeHeaders => "reset before headers",
            Self::ResetInBody => "reset in body",
            Self::Hangs => "hangs",
            Self::Trickles => "trickles",
            Self::Status(400) => "400",
            Self::Status(401) => "401",
            Self::Status(403) => "403",
            Self::Status(404) => "404",
            Self::Status(_) => "500",
            Self::MinuteLimit => "429 minute",
            Self::DayLimit => "429 day",
            Self::Page502 => "502 HTML",
            Self::Text503 => "503 text",
            Self::Empty200 => "200 empty",
            Self::Broken200 => "200 broken JSON",
            Self::WrongShape200 => "200 wrong shape",
            Self::WrongContentType => "wrong content type",
            Self::Oversized => "oversized",
        }
    }
}

/// A fault in the form in which it is injected.
#[derive(Debug, Clone)]
pub(super) enum Injection {
    Http(Answer),
    Store(StoreFault),
    Object(ObjectFault),
}

/// The fault at an upstream that is called over HTTP.
pub(super) fn http(upstream: Upstream, fault: Fault) -> Answer {
    let text = |status: u16, kind, body: &str| Answer::Status(status, kind, body.into());
    let body = |chat: &'static str, image: &'static str| match upstream {
        Upstream::Chat => chat,
        Upstream::Image => image,
        _ => "<Error><Code>SomethingIsWrong</Code></Error>",
    };
    match fault {
        Fault::Refused => Answer::Refused,
        Fault::ResetBeforeHeaders => Answer::ResetBeforeHeaders,
        Fault::ResetInBody => Answer::ResetInBody,
        Fault::Hangs => Answer::Hangs,
        Fault::Trickles => Answer::Trickles,
        Fault::Oversized => Answer::Oversized,
        Fault::Status(status) => Answer::json(
            status,
            match status {
                400 => body(
                    r#"{"error":{"code":"1214","message":"bad parameters"}}"#,
                    r#"{"code":20015,"message":"not such pictures","data":null}"#,
                ),
                401 => body(r#"{"error":{"code":"1002","message":"token"}}"#, "\"Api key is invalid\""),
                403 => body(
                    r#"{"error":{"code":"1113","message":"no balance"}}"#,
                    r#"{"code":30011,"message":"real-name check is missing","data":null}"#,
                ),
                404 => body(
                    r#"{"error":{"code":"1211","message":"no such model"}}"#,
                    r#"{"code":20012,"message":"Model does not exist. Please check it carefully.","data":null}"#,
                ),
                _ => body(r#"{"error":{"code":"500","message":"oh"}}"#, r#"{"code":50000,"message":"oh","data":null}"#),
            },
        ),
        Fault::MinuteLimit => Answer::json(
            429,
            body(
                r#"{"error":{"code":"1302","message":"too fast"}}"#,
                r#"{"message":"Request was rejected due to rate limiting. Details: IPM limit reached.","data":null}"#,
            ),
        ),
        Fault::DayLimit => Answer::json(
            429,
            body(
                r#"{"error":{"code":"1304","message":"today's share is gone"}}"#,
                r#"{"message":"Request was rejected due to rate limiting. Details: IPD limit reached.","data":null}"#,
            ),
        ),
        Fault::Page502 => text(502, "text/html", "<!doctype html><h1>502 Bad Gateway</h1>"),
        Fault::Text503 => text(503, "text/plain", "Service is too busy. Please try again later."),
        Fault::Empty200 => text(200, "application/json", ""),
        Fault::Broken200 => text(200, "application/json", r#"{"images":[{"url":"https://images.sil"#),
        Fault::WrongShape200 => text(200, "image/png", r#"{"ok":true,"images":[],"choices":[]}"#),
        // The declared content type is wrong, and the body is right.
        Fault::WrongContentType => Answer::Mislabelled,
    }
}

/// The fault at KV. Its binding throws, whatever the status of the service behind it.
pub(super) fn kv_read(fault: Fault) -> Option<StoreFault> {
    match fault {
        Fault::ResetInBody => Some(StoreFault::BreaksOff),
        Fault::Hangs => Some(StoreFault::Hangs),
        Fault::Broken200 | Fault::WrongShape200 => Some(StoreFault::WrongShape),
        Fault::Trickles | Fault::Status(404) | Fault::Empty200 | Fault::WrongContentType | Fault::Oversized => None,
        _ => Some(StoreFault::Throws),
    }
}

/// The fault at a write, of which only the exception is observed.
pub(super) fn kv_write(fault: Fault) -> Option<StoreFault> {
    match fault {
        Fault::Hangs => Some(StoreFault::Hangs),
        Fault::ResetInBody
        | Fault::Trickles
        | Fault::Empty200
        | Fault::Broken200
        | Fault::WrongShape200
        | Fault::WrongContentType => None,
        _ => Some(StoreFault::Throws),
    }
}

/// The fault at a Durable Object: the call throws, never returns, or returns an unknown message, which counts as a
/// broken call.
pub(super) fn object(fault: Fault) -> Option<ObjectFault> {
    match fault {
        Fault::Hangs => Some(ObjectFault::Hangs),
        Fault::ResetInBody => Some(ObjectFault::BreaksOff),
        Fault::Refused
        | Fault::ResetBeforeHeaders
        | Fault::Status(500)
        | Fault::Empty200
        | Fault::Broken200
        | Fault::WrongShape200 => Some(ObjectFault::Unreachable),
        _ => None,
    }
}
