//! Models that an endpoint does not have, remembered for a limited time.

use super::limits::{HOUR_MS, MAX_NAME, MINUTE_MS};
use super::names::{NameReader, NameWriter};
use super::number::{read, write};
use crate::ports::lease::{EndpointId, GoneCause, GoneModel};

/// The maximum number of entries; the settings list only a few models.
const MAX_GONE: usize = 128;

/// The time for which a model counts as gone, in milliseconds.
fn lasts_ms(cause: GoneCause) -> u64 {
    match cause {
        GoneCause::NoSuchModel => HOUR_MS,
        GoneCause::Unfetchable => 10 * MINUTE_MS,
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Gone {
    model: GoneModel,
    until_ms: u64,
}

/// The list, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct GoneModels(Vec<Gone>);

impl GoneModels {
    /// Records what was reported at `now_ms`.
    pub(super) fn add(&mut self, now_ms: u64, models: Vec<GoneModel>) {
        for model in models {
            if model.model.len() <= MAX_NAME && model.endpoint.len() <= MAX_NAME {
                let until_ms = now_ms.saturating_add(lasts_ms(model.cause));
                self.0.retain(|gone| gone.model != model);
                self.0.push(Gone { model, until_ms });
            }
        }
        self.shorten();
    }

    /// The reason for which `endpoint` does not have the model `name` at `now_ms`, by its own name; the more lasting one
    /// of two.
    pub(super) fn cause(&self, now_ms: u64, endpoint: &EndpointId, name: &str) -> Option<GoneCause> {
        let is_meant =
            |gone: &&Gone| gone.model.model == name && gone.model.endpoint == *endpoint && gone.until_ms > now_ms;
        let causes = self.0.iter().filter(is_meant).map(|gone| gone.model.cause);
        causes.max_by_key(|cause| lasts_ms(*cause))
    }

    /// The models that `endpoint` no longer has at `now_ms`, by its own names, and the time until which that is
    /// remembered, in unix milliseconds.
    pub(super) fn at(&self, now_ms: u64, endpoint: &EndpointId) -> impl Iterator<Item = (&str, u64)> {
        let is_meant = move |gone: &&Gone| {
            let GoneModel { endpoint: at, cause, .. } = &gone.model;
            at == endpoint && *cause == GoneCause::NoSuchModel && gone.until_ms > now_ms
        };
        self.0.iter().filter(is_meant).map(|gone| (gone.model.model.as_str(), gone.until_ms))
    }

    /// Drops expired entries, and entries from the future, written before the clock was set back.
    pub(super) fn advance_to(&mut self, now_ms: u64) {
        self.0.retain(|gone| gone.until_ms > now_ms && gone.until_ms - now_ms <= lasts_ms(gone.model.cause));
        self.shorten();
    }

    fn shorten(&mut self) {
        self.0.drain(..self.0.len().saturating_sub(MAX_GONE));
    }

    /// The stored form, with times relative to `now_ms`.
    pub(super) fn to_stored(&self, now_ms: u64, names: &mut NameWriter) -> Vec<String> {
        let text = |Gone { model, until_ms }: &Gone| {
            let mark = if model.cause == GoneCause::NoSuchModel { "" } else { " u" };
            let [endpoint, name] = [&model.endpoint, &model.model].map(|name| names.number(name));
            format!("{endpoint} {name} {}{mark}", write(*until_ms, now_ms))
        };
        self.0.iter().map(text).collect()
    }

    /// Reads the stored form.
    pub(super) fn from_stored(stored: &[String], now_ms: u64, names: &NameReader) -> Option<Self> {
        let entry = |text: &String| {
            let mut fields = text.split(' ');
            let endpoint = names.name(fields.next()?)?.as_ref().to_owned();
            let model = names.name(fields.next()?)?.as_ref().to_owned();
            let until_ms = read(fields.next()?, now_ms)?;
            let cause = if fields.next().is_some() { GoneCause::Unfetchable } else { GoneCause::NoSuchModel };
            Some(Gone { model: GoneModel { endpoint, model, cause }, until_ms })
        };
        Some(Self(stored.iter().map(entry).collect::<Option<_>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gone(endpoint: &str, model: &str, cause: GoneCause) -> GoneModel {
        GoneModel { endpoint: endpoint.to_owned(), model: model.to_owned(), cause }
    }

    const HARD: GoneCause = GoneCause::NoSuchModel;
    const SOFT: GoneCause = GoneCause::Unfetchable;

    #[test]
    fn a_model_is_gone_for_its_endpoint_for_an_hour_or_ten_minutes() {
        let (here, there) = ("here".to_owned(), "there".to_owned());
        let mut list = GoneModels::default();
        list.add(0, vec![gone("here", "a", HARD), gone("here", "b", SOFT)]);
        list.add(1_000, vec![gone("here", "a", HARD), gone("here", "a", SOFT)]);
        assert_eq!([list.cause(2_000, &here, "a"), list.cause(2_000, &here, "b")], [Some(HARD), Some(SOFT)]);
        assert_eq!([list.cause(2_000, &there, "a"), list.cause(2_000, &here, "c")], [None, None]);
        assert_eq!(list.cause(10 * MINUTE_MS, &here, "b"), None);
        assert_eq!(list.cause(HOUR_MS + 999, &here, "a"), Some(HARD));
        list.advance_to(HOUR_MS + 1_000);
        assert_eq!(list, GoneModels::default());
    }

    #[test]
    fn the_list_stays_short_whatever_is_reported() {
        let here = "here".to_owned();
        let mut list = GoneModels::default();
        list.add(0, (0..1_000).map(|number| gone("here", &number.to_string(), HARD)).collect());
        list.add(0, vec![gone("here", &"x".repeat(MAX_NAME + 1), HARD)]);
        assert_eq!(list.0.len(), MAX_GONE);
        assert_eq!(list.cause(1, &here, "999"), Some(HARD));
    }

    #[test]
    fn times_from_before_the_clock_was_set_back_are_dropped() {
        let mut list = GoneModels::default();
        list.add(u64::MAX, vec![gone("here", "a", HARD), gone("here", "a", SOFT)]);
        list.advance_to(5);
        assert_eq!(list, GoneModels::default());
    }

    #[test]
    fn it_is_the_same_again_after_it_was_stored() {
        let mut list = GoneModels::default();
        list.add(7, vec![gone("here", "a", HARD), gone("there", "a", SOFT)]);
        let mut names = NameWriter::default();
        let stored = list.to_stored(9, &mut names);
        let names = NameReader::new(names.into_names());
        assert_eq!(GoneModels::from_stored(&stored, 9, &names), Some(list));
        for wrong in ["", "0", "0 1", "0 9 5", "0 1 x y"] {
            let read = GoneModels::from_stored(&[wrong.to_owned()], 9, &names);
            assert_eq!(read.is_some(), wrong == "0 1 x y", "{wrong}");
        }
    }
}
