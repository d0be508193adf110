//! What the owner sees of keys and days, before it is written in one form or another.

use crate::access::Caller;
use crate::app::App;
use crate::config::{Address, Endpoint, Secret};
use crate::error::{Error, ErrorKind};
use crate::http::Request;
use crate::ports::lease::{Slot, StatsRequest};
use crate::ports::tally::{DayStats, KeyStats};

/// The `Retry-After` where the key ring cannot be asked, in seconds.
const RETRY_SECONDS: u64 = 5;

/// Keys and days.
pub struct Overview<'a> {
    /// Our names of the models.
    pub models: &'a [String],
    /// Every key that can draw, in the order of the settings.
    pub keys: Vec<KeyLine<'a>>,
    /// The last seven days, the newest first.
    pub days: Vec<DayStats>,
}

/// A key.
pub struct KeyLine<'a> {
    /// Its place, and the last characters of it.
    pub name: String,
    /// Its endpoint's host.
    pub endpoint: &'a str,
    /// Its state and its counts; the models are in the order of [`Overview::models`].
    pub stats: KeyStats,
}

/// Asks the key ring, for an owner.
///
/// # Errors
/// 401 for anyone else; 503 if the ring cannot be asked.
pub async fn overview<'a>(app: &'a App, request: &Request) -> Result<Overview<'a>, Error> {
    Caller::of(&app.config.access, request, app.ports.clock.now_ms()).require_owner()?;
    let (models, endpoints) = (&app.config.models, &app.config.endpoints);
    let names_at =
        |endpoint: &Endpoint| models.iter().map(|model| endpoint.name_of(model).map(str::to_owned)).collect();
    let slots = endpoints.iter().enumerate().map(|(row, endpoint)| Slot::new(endpoint, row, None)).collect();
    let question = StatsRequest { slots, names: endpoints.iter().map(names_at).collect() };
    let stats = app.ports.key_ring.stats(question).await.map_err(|error| {
        app.ports.log.warn(&format!("the key ring cannot be asked: {error}"));
        Error::new(ErrorKind::StoreUnavailable, "The key ring cannot be asked right now. Try again in 5 s.")
            .retry_in(RETRY_SECONDS)
    })?;
    let lines = names(endpoints).into_iter().zip(endpoints).zip(stats.keys);
    let keys = lines.map(|((name, endpoint), stats)| KeyLine { name, endpoint: endpoint.host(), stats });
    Ok(Overview { models, keys: keys.collect(), days: stats.days })
}

/// The names of all endpoints' keys.
fn names(endpoints: &[Endpoint]) -> Vec<String> {
    let mut number = 0;
    let name = |endpoint: &Endpoint| {
        if endpoint.address == Address::Binding {
            return endpoint.host().to_owned();
        }
        number += 1;
        let hint = endpoint.key.as_ref().map_or("", Secret::hint);
        if hint.is_empty() { format!("key {number}") } else { format!("key {number} …{hint}") }
    };
    endpoints.iter().map(name).collect()
}
