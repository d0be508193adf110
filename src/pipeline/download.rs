//! Downloads the image from the URL in an image API's response.

use std::net::IpAddr;

use url::{Host, Url};

use super::deadline::Deadline;
use crate::domain::host::is_under;
use crate::error::UpstreamError;
use crate::http::{Headers, Method, OutgoingRequest, SendError};
use crate::ports::HttpClient;

/// The time limit of one try, in milliseconds: an image of a few hundred KB takes well under a second.
const TRY_MS: u64 = 15_000;
/// The maximum number of tries for one URL.
const TRIES: usize = 2;
/// The maximum number of fetches for one image, redirects included: object stores redirect at most once, and a request
/// on the free plan may make 50 fetches.
const MAX_FETCHES: usize = 3;
/// Domains without public hosts, which private networks use (RFC 6761, RFC 6762, appendix G; clusters' names), and public
/// ones whose names resolve to an address inside, or to the one that they contain.
const INSIDE_DOMAINS: [&str; 27] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "arpa",
    "svc",
    "consul",
    "docker",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
    "fuf.me",
    "local.gd",
    "localho.st",
    "nip.io",
    "sslip.io",
    "xip.io",
    "traefik.me",
    "backname.io",
    "ip6.name",
    "rbndr.us",
];

/// Downloads at most `max_bytes` bytes from `address`. A failed first try is repeated once, if there is time.
///
/// Only https is allowed (http if the API's own URL, `asked`, is http), and no address in a private network unless the
/// API itself is there; the same rule applies to redirects.
///
/// # Errors
/// [`UpstreamError::TimedOut`]: another key may succeed.
/// [`UpstreamError::Unfetchable`]: the address is not allowed, or gave no image.
pub async fn download(
    http: &dyn HttpClient,
    asked: &Url,
    address: &str,
    max_bytes: usize,
    deadline: &Deadline,
) -> Result<Vec<u8>, UpstreamError> {
    let address =
        Url::parse(address).map_err(|_| UpstreamError::Unfetchable("the image's address is no URL".into()))?;
    let mut failure = UpstreamError::TimedOut;
    let mut fetches = MAX_FETCHES;
    for _ in 0..TRIES {
        if deadline.left_ms() == 0 || fetches == 0 {
            break;
        }
        match fetch(http, asked, address.clone(), max_bytes, deadline, &mut fetches).await {
            Err(error @ (UpstreamError::Transient(_) | UpstreamError::TimedOut)) => failure = error,
            done => return done,
        }
    }
    // The image was drawn: what keeps failing is its address.
    Err(match failure {
        UpstreamError::Transient(text) => UpstreamError::Unfetchable(text),
        failure => failure,
    })
}

/// Downloads at most `max_bytes` bytes from `address`, which the owner chose, in one try.
///
/// # Errors
/// As [`download`].
pub async fn download_once(
    http: &dyn HttpClient,
    address: &Url,
    max_bytes: usize,
    deadline: &Deadline,
) -> Result<Vec<u8>, UpstreamError> {
    fetch(http, address, address.clone(), max_bytes, deadline, &mut { MAX_FETCHES }).await
}

/// One try; redirects are followed here, so that each is checked.
async fn fetch(
    http: &dyn HttpClient,
    asked: &Url,
    mut address: Url,
    max_bytes: usize,
    deadline: &Deadline,
    fetches: &mut usize,
) -> Result<Vec<u8>, UpstreamError> {
    while *fetches > 0 {
        *fetches -= 1;
        if !may_fetch(asked, &address) {
            return Err(UpstreamError::Unfetchable("the image's address is not one that is fetched".into()));
        }
        let request = OutgoingRequest {
            method: Method::Get,
            url: address.to_string(),
            headers: Headers::from_iter([("Accept", "image/*")]),
            body: None,
            timeout_ms: deadline.left_ms().min(TRY_MS),
            max_body_bytes: max_bytes,
        };
        let response = http.send(request).await.map_err(|error| match error {
            SendError::TimedOut => UpstreamError::TimedOut,
            other => UpstreamError::Transient(format!("the image could not be fetched: {other}")),
        })?;
        match response.status {
            200 => return Ok(response.body),
            301 | 302 | 303 | 307 | 308 => {
                let target = response.headers.get("Location").and_then(|target| address.join(target).ok());
                address = target.ok_or_else(|| UpstreamError::Transient("the image's address leads nowhere".into()))?;
            }
            status => return Err(UpstreamError::Transient(format!("the image's address answered {status}"))),
        }
    }
    Err(UpstreamError::Transient("the image's address redirects too often".into()))
}

/// True if an address in the response of `asked`, an API's own URL, may be fetched.
fn may_fetch(asked: &Url, address: &Url) -> bool {
    if is_inside(asked) || address.origin() == asked.origin() {
        return matches!(address.scheme(), "https" | "http")
            && (address.scheme() == "https" || asked.scheme() == "http");
    }
    let scheme = match address.scheme() {
        // Whoever chooses another port looks for what is not for everybody.
        "https" => asked.scheme() == "http" || address.port().is_none(),
        "http" => asked.scheme() == "http",
        _ => false,
    };
    scheme && !is_inside(address)
}

/// True if an address is in a private network, by name or by number.
fn is_inside(address: &Url) -> bool {
    match address.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            let last = name.rsplit('.').next().unwrap_or_default();
            // No top-level domain begins with a digit: this is an IP address with a trailing dot, which was not parsed
            // as one.
            !name.contains('.')
                || INSIDE_DOMAINS.iter().any(|domain| is_under(name, domain))
                || last.starts_with(|first: char| first.is_ascii_digit())
                || contains_inside_number(name)
        }
        Some(Host::Ipv4(number)) => is_inside_number(IpAddr::V4(number)),
        Some(Host::Ipv6(number)) => is_inside_number(IpAddr::V6(number)),
        None => true,
    }
}

/// True if a name contains the IPv4 address of a private network, as in `app-10-0-0-1.example.com`: wildcard services
/// resolve such a name to that address.
fn contains_inside_number(name: &str) -> bool {
    let parts: Vec<Option<u8>> = name.split(['.', '-']).map(|part| part.parse().ok()).collect();
    parts.windows(4).any(|four| match four {
        [Some(a), Some(b), Some(c), Some(d)] => is_inside_number([*a, *b, *c, *d].into()),
        _ => false,
    })
}

fn is_inside_number(number: IpAddr) -> bool {
    match number {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (b == 18 || b == 19))
                || (a == 192 && b == 0 && (c == 0 || c == 2))
        }
        IpAddr::V6(v6) => match v6.segments() {
            // 6to4 embeds an IPv4 address.
            [0x2002, high, low, ..] => {
                let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
                is_inside_number([a, b, c, d].into())
            }
            // Teredo embeds an obfuscated IPv4 address; 2001:db8::/32 is for documentation.
            [0x2001, 0 | 0xdb8, ..] => true,
            // All public addresses are in 2000::/3.
            [first, ..] => !(0x2000..0x4000).contains(&first),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(asked: &str, address: &str) -> bool {
        let url = |text: &str| Url::parse(text).unwrap_or_else(|_| unreachable!("{text}"));
        may_fetch(&url(asked), &url(address))
    }

    #[test]
    fn only_https_is_fetched_unless_the_api_itself_is_http() {
        assert!(allowed("https://api.test/x", "https://cdn.test/a.png"));
        assert!(!allowed("https://api.test/x", "http://cdn.test/a.png"));
        assert!(allowed("http://api.test/x", "http://cdn.test/a.png"));
        assert!(!allowed("http://api.test/x", "ftp://cdn.test/a.png"));
        assert!(!allowed("https://api.test/x", "data:image/png;base64,AAAA"));
    }

    #[test]
    fn another_port_is_fetched_only_for_an_api_that_has_it_or_is_inside() {
        assert!(allowed("https://api.test/x", "https://cdn.test:443/a.png"));
        for port in [22, 80, 6_379, 8_443] {
            let address = format!("https://cdn.test:{port}/a.png");
            assert!(!allowed("https://api.test/x", &address), "{address}");
            assert!(allowed(&format!("https://cdn.test:{port}/x"), &address), "{address}");
            assert!(allowed("http://api.test/x", &address) && allowed("https://10.0.0.1/x", &address), "{address}");
        }
    }

    #[test]
    fn an_address_inside_is_fetched_only_for_an_api_that_is_inside() {
        for inside in [
            "https://localhost/a",
            "https://router/a",
            "https://db.internal/a",
            "https://a.localhost./a",
            "https://127.0.0.1/a",
            "https://127.0.0.1../a",
            "https://127.0.0.0x1../a",
            "https://2130706433/a",
            "https://0x7f.1/a",
            "https://10.1.2.3/a",
            "https://172.16.0.1/a",
            "https://192.168.1.1/a",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/a",
            "https://0.0.0.0/a",
            "https://[::1]/a",
            "https://[fe80::1]/a",
            "https://[fd00::1]/a",
            "https://[::ffff:127.0.0.1]/a",
            "https://[64:ff9b::7f00:1]/a",
            "https://[2002:7f00:1::]/a",
            "https://[2002:a00:1::]/a",
            "https://[2001:0:1::]/a",
            "https://[fec0::1]/a",
            "https://[::]/a",
            "https://[ff02::1]/a",
            "https://nas.corp/a",
            "https://127.0.0.1.nip.io/a",
            "https://10-0-0-1.sslip.io/a",
            "https://7f000001.nip.io/a",
            "https://app-192-168-1-1.example.com/a",
            "https://a.10.0.0.1.example.com/a",
            "https://localtest.me/a",
            "https://a.lvh.me./a",
            "https://api.default.svc/a",
            "https://api.default.svc.cluster.local/a",
            "https://metadata.google.internal/a",
        ] {
            assert!(!allowed("https://api.test/x", inside), "{inside}");
            assert!(allowed("https://192.168.1.5/x", inside), "{inside}");
        }
        for outside in
            ["https://8.8.8.8/a", "https://img-8-8-8-8.example.com/a", "https://notnip.io/a", "https://v1-10.test/a"]
        {
            assert!(allowed("https://api.test/x", outside), "{outside}");
        }
        assert!(allowed("https://api.test/x", "https://[2606:4700::1]/a"));
    }
}
