//! The vendors' error codes: a table for each vendor. Their codes do not overlap.

/// The meaning of an error code, whatever the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The parameters of this request are refused.
    Parameters,
    /// The content of this request is refused, or it is too long.
    Content,
    /// The model does not exist there, or no longer.
    Model,
    /// The key is invalid as a whole.
    Key,
    /// The key may not use this model: balance, plan, permission.
    KeyForModel,
    /// The key is over a rate limit, or the service is busy.
    Busy,
    /// The key's quota of the day is spent, until midnight in China.
    Day,
    /// The account's allocation of the day is spent, until 00:00 UTC.
    UtcDay,
    /// The key's quota is spent until the time that the message names.
    Named,
    /// Our settings are wrong: the account, the path.
    Settings,
    /// The service fails or is overloaded, whichever key asks.
    Transient,
}

/// A vendor's codes by their meaning.
type Table = &'static [(Meaning, &'static [&'static str])];

/// SiliconFlow's.
const SILICONFLOW: Table = &[
    (Meaning::Model, &["20012", "30003"]),
    // A parameter that this model does not take.
    (Meaning::Parameters, &["20015"]),
    (Meaning::KeyForModel, &["30001"]),
];

/// BigModel's.
const BIGMODEL: Table = &[
    (Meaning::Key, &["1000", "1001", "1002", "1003", "1004", "1110", "1111", "1112", "1120", "1121"]),
    // No balance or no plan (with status 429); not allowed; a plan that expired; a model outside the plan.
    (Meaning::KeyForModel, &["1113", "1220", "1309", "1311"]),
    (Meaning::Parameters, &["1210", "1212", "1213", "1214", "1215"]),
    (Meaning::Model, &["1211", "1221", "1222"]),
    // Too long; refused content.
    (Meaning::Content, &["1261", "1301"]),
    (Meaning::Busy, &["1302", "1303", "1305", "1312"]),
    (Meaning::Day, &["1304"]),
    (Meaning::Named, &["1308", "1310"]),
];

/// Workers AI's and those of Cloudflare's API around it.
const CLOUDFLARE: Table = &[
    (Meaning::UtcDay, &["4006", "3036"]),
    // No capacity (with status 429); time-outs.
    (Meaning::Transient, &["3040", "3007", "3008"]),
    (Meaning::Model, &["5007", "3042"]),
    (Meaning::Parameters, &["5004", "5006"]),
    // What the model itself refuses: its content filter, its limits.
    (Meaning::Content, &["3030"]),
    (Meaning::Settings, &["7003", "7000"]),
    // A malformed token (with status 400), a wrong one.
    (Meaning::Key, &["6003", "9109", "10000"]),
];

/// OpenAI's envelope, its codes and types.
const OPENAI: Table = &[
    (Meaning::Key, &["invalid_api_key", "account_deactivated"]),
    (Meaning::KeyForModel, &["insufficient_quota", "billing_hard_limit_reached"]),
    (Meaning::Model, &["model_not_found", "model_not_available", "model_decommissioned"]),
    (Meaning::Content, &["content_filter", "content_policy_violation", "moderation_blocked"]),
];

/// Another deployment of this service.
const OURS: Table = &[(Meaning::Busy, &["keys_exhausted", "rate_limited"])];

/// The vendors.
const VENDORS: [Table; 5] = [SILICONFLOW, BIGMODEL, CLOUDFLARE, OPENAI, OURS];

/// The meaning of the first of these codes that is known.
pub(super) fn meaning(codes: &[String]) -> Option<Meaning> {
    let of = |code: &String| {
        let rows = VENDORS.iter().copied().flatten();
        rows.filter(|(_, known)| known.contains(&code.as_str())).map(|(meaning, _)| *meaning).next()
    };
    codes.iter().find_map(of)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_vendors_use_one_code() {
        let codes = || VENDORS.into_iter().flatten().flat_map(|(_, codes)| codes.iter());
        assert_eq!(codes().collect::<BTreeSet<_>>().len(), codes().count());
    }
}
