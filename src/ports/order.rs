//! What the Worker asks an image's maker, and what it hears back.

use crate::domain::{ImageId, ImageRecord, ImageRequest};
use crate::error::Error;
use crate::http::Body;
use crate::json::{json_object, json_words};

/// What the caller wants of the maker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// What is known of the image if the maker has it, without its bytes; nothing is made or
    /// waited for.
    Peek,
    /// The image if the maker has it or is making it; nothing is started.
    Look,
    /// The image, made if need be. The bytes come back only when it was not made for this order:
    /// the caller is going to redirect.
    Make,
    /// The image, made if need be, with its bytes.
    MakeWithBytes,
    /// The image made anew, in place of the one there is, with its bytes.
    Refresh,
    /// The image forgotten.
    Forget,
}

json_words!(Want {
    Peek: "peek",
    Look: "look",
    Make: "make",
    MakeWithBytes: "make-with-bytes",
    Refresh: "refresh",
    Forget: "forget",
});

/// An order to the maker of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Which image.
    pub id: ImageId,
    /// What it is asked for with; `None` where only the id is known.
    pub request: Option<ImageRequest>,
    /// What is wanted.
    pub want: Want,
    /// Why this caller may not start an image, where it may not. It still gets one that is there,
    /// or is being made.
    pub refusal: Option<Error>,
    /// Who is counted by the rate limit; `None` where nobody is.
    pub visitor: Option<String>,
    /// How many deployments of this service the request came through already.
    pub hops: u8,
    /// When the image must be there, in unix milliseconds, where that is before the maker's own time is up: it stands in
    /// for another, which had spent some already.
    pub deadline_ms: Option<u64>,
}

json_object!(Order {
    id: "id",
    request: "request",
    want: "want",
    refusal: "refusal",
    visitor: "visitor",
    hops: "hops",
    deadline_ms: "deadline_ms",
});

/// How much longer than what is waited for an answer may take, in milliseconds: the maker itself keeps
/// `GENERATION_TIMEOUT`, and only a broken one is given up.
const GRACE_MS: u64 = 15_000;

impl Order {
    /// How long its answer is waited for, in milliseconds.
    pub fn timeout_ms(&self, generation_timeout_ms: u64) -> u64 {
        match self.want {
            Want::Peek | Want::Forget => GRACE_MS,
            Want::Look | Want::Make | Want::MakeWithBytes | Want::Refresh => {
                generation_timeout_ms.saturating_add(GRACE_MS)
            }
        }
    }
}

/// How the maker came by the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Made for this order, or for one that this one joined.
    Made,
    /// Made a while ago, and still here.
    Kept,
    /// Removed, or never there.
    Absent,
}

json_words!(How { Made: "made", Kept: "kept", Absent: "absent" });

impl Answer {
    /// There is no such image.
    pub fn absent(id: ImageId) -> Self {
        Self { how: How::Absent, id, record: None, body: Body::Empty, timing: String::new() }
    }
}

/// What a maker answers.
pub struct Answer {
    /// How it came by the image.
    pub how: How,
    /// The image's own id: another than the one asked for where the prompt fell back.
    pub id: ImageId,
    /// What is known of it; `None` only for [`How::Absent`].
    pub record: Option<ImageRecord>,
    /// Its bytes, where they were wanted or it was kept.
    pub body: Body,
    /// What each step cost, for `Server-Timing`.
    pub timing: String,
}
