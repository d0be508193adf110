//! What the Worker asks an image's maker, and what it hears back.

use serde::{Deserialize, Serialize};

use crate::domain::{Hops, ImageId, ImageRecord, ImageRequest};
use crate::error::Error;
use crate::http::Body;

/// What is asked of the maker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MakerCommand {
    /// The image's record if the maker has it, without its bytes; nothing is made or waited for.
    Peek,
    /// The image if the maker has it or is making it; nothing is started.
    Find,
    /// The image, made if need be. The bytes come back only when it was not made for this request:
    /// the caller is going to redirect.
    Create,
    /// The image, made if need be, with its bytes.
    CreateWithBytes,
    /// The image made anew, in place of the one there is, with its bytes.
    Refresh,
    /// The image forgotten.
    Delete,
}

/// A request to the maker of one image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MakerRequest {
    /// Which image.
    pub id: ImageId,
    /// What it is asked for with; `None` where only the id is known.
    pub request: Option<ImageRequest>,
    /// What is asked.
    pub command: MakerCommand,
    /// Why this caller may not start an image, where it may not. It still gets one that is there,
    /// or is being made.
    pub refusal: Option<Error>,
    /// Who is counted by the rate limit; `None` where nobody is.
    pub visitor: Option<String>,
    /// How many deployments of this service the request came through already.
    pub hops: Hops,
    /// When the image must be there, in unix milliseconds, where that is before the maker's own time is up: it stands in
    /// for another, which had spent some already.
    pub deadline_ms: Option<u64>,
}

/// How much longer than what is waited for a reply may take, in milliseconds: the maker itself keeps
/// `GENERATION_TIMEOUT`, and only a broken one is given up.
const GRACE_MS: u64 = 15_000;

impl MakerRequest {
    /// A command about the image `id` of which nothing else is known, or matters.
    pub fn about(id: ImageId, command: MakerCommand) -> Self {
        Self { id, request: None, command, refusal: None, visitor: None, hops: Hops::default(), deadline_ms: None }
    }

    /// How long its reply is waited for, in milliseconds.
    pub fn timeout_ms(&self, generation_timeout_ms: u64) -> u64 {
        match self.command {
            MakerCommand::Peek | MakerCommand::Delete => GRACE_MS,
            MakerCommand::Find | MakerCommand::Create | MakerCommand::CreateWithBytes | MakerCommand::Refresh => {
                generation_timeout_ms.saturating_add(GRACE_MS)
            }
        }
    }
}

/// How the maker came by the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Made for this request, or for one that this one joined.
    Made,
    /// Made a while ago, and still here.
    Kept,
    /// Removed, or never there.
    Absent,
}

/// What a maker answers.
pub struct MakerReply {
    /// How it came by the image.
    pub origin: Origin,
    /// The image's own id: another than the one asked for where the prompt fell back.
    pub id: ImageId,
    /// What made it; `None` only for [`Origin::Absent`].
    pub record: Option<ImageRecord>,
    /// Its bytes, where they were asked for or it was kept.
    pub body: Body,
    /// What each step cost, for `Server-Timing`.
    pub timing: String,
}

impl MakerReply {
    /// There is no such image.
    pub fn absent(id: ImageId) -> Self {
        Self { origin: Origin::Absent, id, record: None, body: Body::Empty, timing: String::new() }
    }
}
