//! Visitors, as the rate limit counts them.

use url::Host;

use crate::http::Request;

/// The visitor's IPv4 address, or the /64 prefix of its IPv6 address, which is one household.
pub fn visitor(request: &Request) -> String {
    let address = request.header("CF-Connecting-IP").unwrap_or_default();
    let address = address.trim();
    // Parsed as a URL host: that parser is part of the Worker anyway.
    match Host::parse(&if address.contains(':') { format!("[{address}]") } else { address.to_owned() }) {
        Ok(Host::Ipv4(v4)) => v4.to_string(),
        Ok(Host::Ipv6(v6)) => v6.to_ipv4_mapped().map_or_else(
            || {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            },
            |v4| v4.to_string(),
        ),
        // The platform always sets the header; requests without it share one count.
        _ => "unknown".to_owned(),
    }
}
