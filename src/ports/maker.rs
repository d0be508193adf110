//! The messages between the Worker and an image's maker.

use serde::{Deserialize, Serialize};

use super::tally::Admitted;
use crate::domain::account::ANONYMOUS;
use crate::domain::{DrawnPrompt, Hops, ImageId, ImageRecord, ImageRequest};
use crate::error::Error;
use crate::http::Body;

/// The period of `[[ratelimits]]` in `wrangler.toml`, in seconds, sent as `Retry-After` to a visitor over the limit.
pub const RATE_PERIOD_SECONDS: u64 = 60;

/// A command to the maker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MakerCommand {
    /// Return the image's record, without its bytes, if the maker has it. Starts nothing and waits for nothing.
    Peek,
    /// Return the image if the maker has it; starts nothing and waits for nothing.
    Find,
    /// Return the image if the maker has it, otherwise start making it, and wait for nothing.
    Begin,
    /// Return the image, making it if needed. The bytes are included only if it was not made for this request:
    /// otherwise the caller redirects.
    Create,
    /// Return the image with its bytes, making it if needed.
    CreateWithBytes,
    /// Make the image anew, replacing the existing one, and return it with its bytes.
    Refresh,
    /// Remove the image.
    Delete,
}

/// A request to the maker of one image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MakerRequest {
    /// The image's id.
    pub id: ImageId,
    /// The parameters of the image; `None` if only the id is known.
    pub request: Option<ImageRequest>,
    /// The command.
    pub command: MakerCommand,
    /// The error, if this caller may not start a generation. It still gets an image that exists, or is being made.
    pub refusal: Option<Error>,
    /// The visitor that the rate limit counts; `None` if the request is not counted.
    pub visitor: Option<String>,
    /// Who the image is counted for.
    #[serde(default)]
    pub account: String,
    /// That account's quota of new images a day, if there is one for this request.
    pub per_day: Option<u32>,
    /// The admission of the image that this one stands in for: it is not admitted again.
    pub admitted: Option<Admitted>,
    /// The number of deployments of this service that the request has already passed through.
    pub hops: Hops,
    /// The time by which the image must be ready, in unix milliseconds, if that is before the maker's own deadline. It
    /// is set for a stand-in: making the original has already used some of the time.
    pub deadline_ms: Option<u64>,
    /// True if the caller named no model, so that another may be given in its place.
    pub may_stand_in: bool,
    /// The prompt to draw, where another maker has rewritten it already.
    pub drawn: Option<DrawnPrompt>,
    /// True if the events of the image's making are told before the reply.
    #[serde(default)]
    pub watched: bool,
}

/// The margin on top of the maker's own time limit, in milliseconds. The maker itself keeps `GENERATION_TIMEOUT`; only
/// a broken one is given up.
const GRACE_MS: u64 = 15_000;

impl MakerRequest {
    /// A command about the image `id` that needs no further parameters.
    pub fn about(id: ImageId, command: MakerCommand) -> Self {
        Self {
            id,
            request: None,
            command,
            refusal: None,
            visitor: None,
            account: ANONYMOUS.to_owned(),
            per_day: None,
            admitted: None,
            hops: Hops::default(),
            deadline_ms: None,
            may_stand_in: true,
            drawn: None,
            watched: false,
        }
    }

    /// True if this caller takes an image that `model` drew: one who named another model takes no stand-in.
    pub fn takes_model(&self, model: &str) -> bool {
        self.may_stand_in || self.request.as_ref().is_none_or(|image| image.model == model)
    }

    /// The time limit for the reply, in milliseconds.
    pub fn timeout_ms(&self, generation_timeout_ms: u64) -> u64 {
        match self.command {
            MakerCommand::Peek | MakerCommand::Find | MakerCommand::Begin | MakerCommand::Delete => GRACE_MS,
            MakerCommand::Create | MakerCommand::CreateWithBytes | MakerCommand::Refresh => {
                generation_timeout_ms.saturating_add(GRACE_MS)
            }
        }
    }
}

/// The origin of the image in a reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Made for this request, or for one that this request joined.
    Made,
    /// Made for requests that waited for it, and removed meanwhile: it is kept nowhere.
    Removed,
    /// Made earlier, and still in the maker's storage.
    Kept,
    /// Not made yet, and at the step of this name.
    UnderWay(String),
    /// Begun a moment ago, and failed.
    Failed(Error),
    /// Removed, or never made.
    Absent,
}

/// The reply of a maker.
pub struct MakerReply {
    /// The origin of the image.
    pub origin: Origin,
    /// The image's own id: it differs from the requested id if the prompt fell back.
    pub id: ImageId,
    /// The image's record; `None` where there is no image.
    pub record: Option<ImageRecord>,
    /// The image's bytes, if they were requested or it was kept.
    pub body: Body,
    /// The duration of each step, for `Server-Timing`.
    pub timing: String,
}

impl MakerReply {
    /// The reply that there is no such image.
    pub fn absent(id: ImageId) -> Self {
        Self { origin: Origin::Absent, id, record: None, body: Body::Empty, timing: String::new() }
    }
}
