//! The guard against DNS rebinding, which the protocol demands.

use url::Url;

use crate::app::App;
use crate::domain::host::is_under;
use crate::http::Request;

/// The names of this machine.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// True if a request comes from no page, from one of this host or of this machine, or from one on the owner's list; and,
/// over plain http, if it asks for a host that can be meant.
pub(super) fn is_allowed(app: &App, request: &Request) -> bool {
    let own = request.url.host_str().unwrap_or_default();
    let public = app.config.public_url.as_ref().and_then(Url::host_str);
    let is_own = |host: &str| LOCAL.contains(&host) || public == Some(host);
    if request.url.scheme() == "http" && !is_own(own) {
        return false;
    }
    let Some(origin) = request.header("Origin") else { return true };
    let Ok(origin) = Url::parse(&origin) else { return false };
    let host = origin.host_str().unwrap_or_default();
    host == own || is_own(host) || app.config.access.referers.iter().any(|listed| is_under(host, listed))
}
