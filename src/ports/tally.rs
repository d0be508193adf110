//! The messages by which the key ring counts: quotas, and what generations came to.

use serde::{Deserialize, Serialize};

use super::fields::{Fields, optional};
use crate::domain::account::Account;
use crate::error::ErrorKind;

/// The id of a granted picture of a quota, drawn at random by whoever asks for it.
pub type GrantId = u64;

/// What is said of a message that cannot be read.
const UNREADABLE: &str = "no such message";

/// A request for one picture of an account's quota, before anything is spent on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
pub struct QuotaRequest {
    /// The id of the grant. A repeated request with the same id is the same request.
    pub grant: GrantId,
    /// The account, with its quota.
    pub account: Account,
    /// The time after which it is given back by itself, in milliseconds: its holder is dead.
    pub lasts_ms: u64,
}

/// The admission of a generation. It passes on to the one that stands in for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
pub struct Admitted {
    /// The picture of the account's quota that was granted for it.
    pub grant: Option<GrantId>,
    /// The time of the admission, in unix milliseconds.
    pub since_ms: u64,
    /// The picture as which the generation was counted already: one that could not be fetched.
    pub counted: Option<MadeCount>,
}

/// A generation that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
pub struct Ended {
    /// The name of the account that it was for.
    pub account: String,
    /// Its grant of the account's quota: used up by a picture, otherwise given back.
    pub grant: Option<GrantId>,
    /// The picture that it was counted as before: one that could not be fetched.
    pub instead_of: Option<MadeCount>,
    /// What it came to.
    pub result: EndResult,
}

/// What a generation came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndResult {
    /// A picture.
    Made(MadeCount),
    /// An error.
    Failed(ErrorKind),
    /// Nothing that is counted: another generation's picture was there.
    Nothing,
}

/// A picture, as it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeCount {
    /// The model that drew it.
    pub model: String,
    /// True if its prompt could not be rewritten.
    pub fell_back: bool,
    /// Its making until the image API's answer, waiting included, in milliseconds.
    pub took_ms: u64,
}

/// What a generation has come to if its last request for a key brings none. The ring counts it then, without being told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
pub struct IfRefused {
    /// The error where every key is refused.
    pub refused: ErrorKind,
    /// The error where a key could be had later.
    pub busy: ErrorKind,
    /// The error where the models are gone.
    pub gone: ErrorKind,
    /// The end, where there is nothing to wait for.
    pub ended: Ended,
}

impl From<QuotaRequest> for Vec<String> {
    fn from(request: QuotaRequest) -> Self {
        let Account { name, per_day } = request.account;
        vec![request.grant.to_string(), name, optional(per_day), request.lasts_ms.to_string()]
    }
}

impl TryFrom<Vec<String>> for QuotaRequest {
    type Error = &'static str;

    fn try_from(fields: Vec<String>) -> Result<Self, Self::Error> {
        let mut fields = Fields::new(fields);
        let mut read = || {
            let grant = fields.parsed()?;
            let account = Account { name: fields.text()?, per_day: fields.optional()? };
            Some(Self { grant, account, lasts_ms: fields.parsed()? })
        };
        read().ok_or(UNREADABLE)
    }
}

impl From<Admitted> for Vec<String> {
    fn from(admitted: Admitted) -> Self {
        let mut fields = vec![optional(admitted.grant), admitted.since_ms.to_string()];
        write_made(&mut fields, admitted.counted);
        fields
    }
}

impl TryFrom<Vec<String>> for Admitted {
    type Error = &'static str;

    fn try_from(fields: Vec<String>) -> Result<Self, Self::Error> {
        let mut fields = Fields::new(fields);
        let mut read = || {
            let (grant, since_ms) = (fields.optional()?, fields.parsed()?);
            Some(Self { grant, since_ms, counted: read_made(&mut fields)? })
        };
        read().ok_or(UNREADABLE)
    }
}

impl From<Ended> for Vec<String> {
    fn from(ended: Ended) -> Self {
        let mut fields = vec![ended.account, optional(ended.grant)];
        write_made(&mut fields, ended.instead_of);
        match ended.result {
            EndResult::Made(made) => write_made(&mut fields, Some(made)),
            EndResult::Failed(kind) => fields.push(kind.code().to_owned()),
            EndResult::Nothing => {}
        }
        fields
    }
}

impl TryFrom<Vec<String>> for Ended {
    type Error = &'static str;

    fn try_from(fields: Vec<String>) -> Result<Self, Self::Error> {
        read_ended(&mut Fields::new(fields)).ok_or(UNREADABLE)
    }
}

impl From<IfRefused> for Vec<String> {
    fn from(if_refused: IfRefused) -> Self {
        let kinds = [if_refused.refused, if_refused.busy, if_refused.gone].map(|kind| kind.code().to_owned());
        let mut fields = Self::from(if_refused.ended);
        fields.splice(0..0, kinds);
        fields
    }
}

impl TryFrom<Vec<String>> for IfRefused {
    type Error = &'static str;

    fn try_from(fields: Vec<String>) -> Result<Self, Self::Error> {
        let mut fields = Fields::new(fields);
        let mut read = || {
            let (refused, busy, gone) = (fields.parsed()?, fields.parsed()?, fields.parsed()?);
            Some(Self { refused, busy, gone, ended: read_ended(&mut fields)? })
        };
        read().ok_or(UNREADABLE)
    }
}

fn read_ended(fields: &mut Fields) -> Option<Ended> {
    let (account, grant, instead_of) = (fields.text()?, fields.optional()?, read_made(fields)?);
    let result = match fields.left() {
        0 => EndResult::Nothing,
        1 => EndResult::Failed(fields.parsed()?),
        _ => EndResult::Made(read_made(fields)??),
    };
    Some(Ended { account, grant, instead_of, result })
}

/// Writes a picture in three texts, and none in one blank text.
fn write_made(fields: &mut Vec<String>, made: Option<MadeCount>) {
    let Some(MadeCount { model, fell_back, took_ms }) = made else { return fields.push(String::new()) };
    fields.extend([took_ms.to_string(), fell_back.to_string(), model]);
}

/// Reads what [`write_made`] wrote.
#[expect(clippy::option_option, reason = "no picture is a valid value")]
fn read_made(fields: &mut Fields) -> Option<Option<MadeCount>> {
    let Some(took_ms) = fields.optional()? else { return Some(None) };
    Some(Some(MadeCount { took_ms, fell_back: fields.parsed()?, model: fields.text()? }))
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::ports::object_call::{from_json, to_json};

    fn made(model: &str, fell_back: bool) -> MadeCount {
        MadeCount { model: model.to_owned(), fell_back, took_ms: 1_234 }
    }

    fn ended(grant: Option<u64>, instead_of: Option<MadeCount>, result: EndResult) -> Ended {
        Ended { account: "a \"friend\", 猫".to_owned(), grant, instead_of, result }
    }

    fn survives<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(message: T) {
        assert_eq!(from_json::<T>(&to_json(&message)), Some(message));
    }

    #[test]
    fn every_message_survives_the_way_to_the_ring() {
        for grant in [None, Some(u64::MAX)] {
            for instead_of in [None, Some(made("", true))] {
                let results =
                    [EndResult::Made(made("m", false)), EndResult::Failed(ErrorKind::Upstream), EndResult::Nothing];
                for result in results {
                    survives(ended(grant, instead_of.clone(), result));
                }
                let end = ended(grant, instead_of.clone(), EndResult::Failed(ErrorKind::UpstreamTimeout));
                let (refused, busy, gone) = (ErrorKind::Upstream, ErrorKind::KeysExhausted, ErrorKind::PromptRejected);
                survives(IfRefused { refused, busy, gone, ended: end });
                survives(Admitted { grant, since_ms: 7, counted: instead_of });
            }
        }
        for per_day in [None, Some(5)] {
            survives(QuotaRequest { grant: 1, account: Account { name: "x".to_owned(), per_day }, lasts_ms: 9 });
        }
    }

    #[test]
    fn what_is_no_message_is_not_read() {
        for wrong in
            [r#"["a"]"#, r#"["a","x",""]"#, r#"["a","","x","true","m"]"#, r#"["a","","","no such code"]"#, "{}"]
        {
            assert_eq!(from_json::<Ended>(wrong), None, "{wrong}");
        }
        assert_eq!(from_json::<IfRefused>(r#"["upstream_error","x","upstream_error","a","",""]"#), None);
        assert_eq!(from_json::<Admitted>("[]"), None);
        assert_eq!(from_json::<QuotaRequest>(r#"["1","a","-1","5"]"#), None);
    }
}
