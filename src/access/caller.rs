//! The caller of a request: its permissions and its identity for the rate limit.

use std::rc::Rc;

use futures_util::lock::Mutex;

use super::policy::{self, not_an_owner};
use super::visitor::visitor;
use crate::config::{AccessPolicy, Token};
use crate::domain::Hops;
use crate::domain::account::Account;
use crate::domain::hops::HOP_HEADER;
use crate::error::Error;
use crate::http::Request;

/// The caller of a request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The error if it may not have images made; `None` if it may.
    pub refusal: Option<Error>,
    /// Who its images are counted for.
    pub account: Account,
    /// True if it sent an owner's token.
    pub is_owner: bool,
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
        let token = token(policy, request);
        let anonymous = || Account::anonymous(policy.anonymous_per_day);
        Self {
            refusal: if token.is_some() { None } else { policy::check(policy, request, now_ms).err() },
            account: token.map_or_else(anonymous, |token| token.account.clone()),
            is_owner: token.is_some_and(|token| token.is_owner),
            visitor: token.is_none().then(|| visitor(request)),
            hops: Hops::from_header(request.header(HOP_HEADER).as_deref()),
            admission: Rc::default(),
        }
    }

    /// Checks that an owner's token was sent. Some requests need one whatever the settings.
    ///
    /// # Errors
    /// 401 without one.
    pub fn require_owner(&self) -> Result<(), Error> {
        if self.is_owner { Ok(()) } else { Err(not_an_owner()) }
    }
}

/// The token that the request carries, if it is a valid one.
fn token<'a>(policy: &'a AccessPolicy, request: &Request) -> Option<&'a Token> {
    let bearer = request.header("Authorization").and_then(|header| {
        let (scheme, token) = header.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.to_owned())
    });
    // SDKs send a made-up token beside the other.
    let sent = [bearer, request.header("x-api-key")];
    sent.iter().flatten().fold(None, |found, sent| found.or(Token::find(&policy.tokens, sent.trim())))
}
