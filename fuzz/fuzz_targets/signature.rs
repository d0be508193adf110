//! Signed URLs: a signature opens its own URL, in any order and escaping of its query, and no other.
//!
//! The input is a path with its query.
#![no_main]

use free_flux_api::access::signature::{Signature, check, sign};
use free_flux_api::config::Secret;
use free_flux_api_fuzz::{HOST, SIGNING_KEY};
use libfuzzer_sys::fuzz_target;
use url::Url;

type Pairs = Vec<(String, String)>;

fuzz_target!(|target: &str| {
    let Ok(mut url) = Url::parse(&format!("{HOST}/{target}")) else { return };
    let key = Secret::new(SIGNING_KEY);
    let given = check(&key, &url, 0);
    // The key is not known to whoever made the input.
    assert!(matches!(given, None | Some(Signature::Wrong)));

    // A name behind `amp;` counts only where the name itself is not there, which is added below.
    let is_plain = |name: &str| !["sig", "exp"].contains(&name) && !name.starts_with("amp;");
    let pairs: Pairs = url.query_pairs().into_owned().filter(|(name, _)| is_plain(name)).collect();
    set(&mut url, &pairs);
    let Some(sig) = sign(&key, &url) else { return };
    let verdict = |mut pairs: Pairs, path: Option<&str>| {
        let mut url = url.clone();
        path.into_iter().for_each(|path| url.set_path(path));
        pairs.push(("sig".into(), sig.clone()));
        set(&mut url, &pairs);
        check(&key, &url, 0)
    };
    assert_eq!(verdict(pairs.clone(), None), Some(Signature::Valid));

    let mut reordered = pairs.clone();
    reordered.sort_by(|(one, _), (other, _)| other.cmp(one));
    reordered.push(("id".into(), "whatever".into()));
    assert_eq!(verdict(reordered, None), Some(Signature::Valid));

    let mut more = pairs.clone();
    more.push(("seed".into(), "1".into()));
    assert_eq!(verdict(more, None), Some(Signature::Wrong));
    let elsewhere = format!("/prompt/{}x", url.path());
    assert_eq!(verdict(pairs, Some(&elsewhere)), Some(Signature::Wrong));
});

fn set(url: &mut Url, pairs: &Pairs) {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    url.set_query(Some(&query));
}
