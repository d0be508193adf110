//! The caller of a request: its permissions and its identity for the rate limit.

use std::rc::Rc;

use futures_util::lock::Mutex;
use sha2::{Digest as _, Sha256};

use super::policy::{self, no_token};
use super::visitor::visitor;
use crate::config::{AccessPolicy, Secret};
use crate::domain::Hops;
use crate::domain::hops::HOP_HEADER;
use crate::error::Error;
use crate::http::Request;

/// The caller of a request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The error if it may not have images made; `None` if it may.
    pub refusal: Option<Error>,
    /// True if it sent a valid token.
    pub has_token: bool,
    /// The visitor that the rate limit counts; `None` if the caller sent a token.
    pub visitor: Option<String>,
    /// The number of deployments of this service that the request has passed through.
    pub hops: Hops,
    /// The decision of the limit of look-ups, once it has counted the request; locked while it is asked. A request is
    /// counted once, however many images it is about.
    pub admission: Rc<Mutex<Option<bool>>>,
}

impl Caller {
    /// Reads the caller from a request, at `now_ms` unix milliseconds.
    pub fn of(policy: &AccessPolicy, request: &Request, now_ms: u64) -> Self {
        let has_token = has_token(policy, request);
        Self {
            refusal: if has_token { None } else { policy::check(policy, request, now_ms).err() },
            has_token,
            visitor: (!has_token).then(|| visitor(request)),
            hops: Hops::from_header(request.header(HOP_HEADER).as_deref()),
            admission: Rc::default(),
        }
    }

    /// Checks that a valid token was sent. Some requests need one whatever the settings.
    ///
    /// # Errors
    /// 401 without one.
    pub fn require_token(&self) -> Result<(), Error> {
        if self.has_token { Ok(()) } else { Err(no_token()) }
    }
}

/// True if the request carries one of the owner's tokens.
fn has_token(policy: &AccessPolicy, request: &Request) -> bool {
    let bearer = request.header("Authorization").and_then(|header| {
        let (scheme, token) = header.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.to_owned())
    });
    // SDKs send a made-up token beside the other.
    let sent = [bearer, request.header("x-api-key")];
    // All tokens are compared, by their digests, so that the response time reveals nothing.
    let tokens = sent.iter().flatten().flat_map(|token| policy.tokens.iter().map(move |secret| (secret, token)));
    tokens.fold(false, |matched, (secret, token)| matched | equals(secret, token.trim()))
}

fn equals(secret: &Secret, text: &str) -> bool {
    let (one, other) = (Sha256::digest(secret.expose()), Sha256::digest(text));
    one.iter().zip(other).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
