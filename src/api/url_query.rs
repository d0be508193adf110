//! A URL's query, decoded exactly once and strictly.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::domain::parameters::unescaped;
use crate::error::Error;

/// The pairs of a query in their order, still encoded.
pub struct Params<'a>(Vec<Pair<'a>>);

struct Pair<'a> {
    /// The decoded name.
    name: Cow<'a, str>,
    value: &'a str,
}

impl<'a> Params<'a> {
    /// Splits the query of `url`.
    pub fn of(url: &'a Url) -> Self {
        let pairs = url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Self(pairs.map(Pair::of).collect())
    }

    /// True if there is a pair with this name.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The first value of `name`, still encoded. A link whose `&amp;` was never unescaped has `amp;` before its names:
    /// they count where the name itself is not there.
    fn find(&self, name: &str) -> Option<&'a str> {
        let mut pairs = self.0.iter();
        let pair = pairs.clone().find(|pair| pair.name == name);
        pair.or_else(|| pairs.find(|pair| unescaped(&pair.name) == name)).map(|pair| pair.value)
    }

    /// The value of the first of `names` that is there, with its name; a `+` in it is a space.
    ///
    /// # Errors
    /// 400 if its percent-encoding is broken or is not UTF-8.
    pub fn first(&self, names: &[&'static str]) -> Result<Option<(&'static str, String)>, Error> {
        let found = names.iter().find_map(|name| self.find(name).map(|value| (*name, value)));
        found.map(|(name, value)| Ok((name, decode(name, &value.replace('+', " "))?))).transpose()
    }

    /// The first value of `name`.
    pub fn get(&self, name: &'static str) -> Result<Option<String>, Error> {
        Ok(self.first(&[name])?.map(|(_, value)| value))
    }
}

/// The same URL without the pairs whose name is `replaced`, and with `added` at the end of its query. The other pairs
/// stay exactly as the caller wrote them.
pub fn edited(url: &Url, replaced: impl Fn(&str) -> bool, added: impl IntoIterator<Item = String>) -> Url {
    let query = url.query().unwrap_or_default().split('&');
    let kept = query.filter(|pair| !pair.is_empty() && !replaced(unescaped(&Pair::of(pair).name))).map(str::to_owned);
    let pairs: Vec<String> = kept.chain(added).collect();
    let mut url = url.clone();
    url.set_query((!pairs.is_empty()).then(|| pairs.join("&")).as_deref());
    url.set_fragment(None);
    url
}

impl<'a> Pair<'a> {
    fn of(pair: &'a str) -> Self {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Self { name: percent_decode_str(name).decode_utf8_lossy(), value }
    }
}

/// Decodes a percent-encoded text once; an error names the parameter `name`.
pub fn decode(name: &str, text: &str) -> Result<String, Error> {
    let whole = text
        .split('%')
        .skip(1)
        .all(|part| part.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)));
    let decoded = whole.then(|| percent_decode_str(text).decode_utf8().ok()).flatten();
    decoded.map(Cow::into_owned).ok_or_else(|| {
        Error::invalid(name, format!("`{name}` is not percent-encoded UTF-8 (a lone % is written %25)."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(query: &str, name: &'static str) -> Result<Option<String>, Error> {
        let url = Url::parse(&format!("https://a.test/?{query}")).unwrap_or_else(|_| unreachable!());
        Params::of(&url).get(name)
    }

    #[test]
    fn a_value_is_decoded_once_and_a_plus_is_a_space() {
        assert_eq!(get("prompt=a+b%20c%2Bd", "prompt"), Ok(Some("a b c+d".into())));
        assert_eq!(get("prompt=100%2525", "prompt"), Ok(Some("100%25".into())));
        assert_eq!(get("prompt=%E7%8C%AB", "prompt"), Ok(Some("猫".into())));
        assert_eq!(get("prompt=a=b", "prompt"), Ok(Some("a=b".into())));
    }

    #[test]
    fn the_first_of_two_counts_and_the_unknown_is_ignored() {
        assert_eq!(get("x=%ff&prompt=one&prompt=two", "prompt"), Ok(Some("one".into())));
        assert_eq!(get("x=1", "prompt"), Ok(None));
        assert_eq!(get("prompt", "prompt"), Ok(Some(String::new())));
    }

    #[test]
    fn a_name_behind_amp_is_that_name_unless_the_name_is_there_too() {
        assert_eq!(get("prompt=x&amp;size=768x512", "size"), Ok(Some("768x512".into())));
        assert_eq!(get("prompt=x&amp;amp;size=1", "size"), Ok(Some("1".into())));
        assert_eq!(get("amp;size=1&size=2", "size"), Ok(Some("2".into())));
    }

    #[test]
    fn broken_encodings_are_errors_that_name_the_parameter() {
        for broken in ["%", "%4", "%zz", "%ff", "%e7%8c", "100%", "%+1"] {
            let error = get(&format!("prompt={broken}"), "prompt").err();
            assert_eq!(error.as_ref().and_then(|error| error.param.as_deref()), Some("prompt"), "{broken}");
        }
    }
}
