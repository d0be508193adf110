use super::*;

fn parse(text: &str) -> Result<Vec<Endpoint>, Vec<String>> {
    parse_endpoints(text, &["black-forest-labs/FLUX.1-schnell".to_owned(), "@cf/leonardo/lucid-origin".to_owned()])
}

fn only(text: &str) -> Endpoint {
    parse(text).unwrap_or_default().pop().unwrap_or_else(|| unreachable!("{text}"))
}

fn url(endpoint: &Endpoint) -> &str {
    endpoint.address.url().map_or("", Url::as_str)
}

#[test]
fn the_format_is_guessed_from_the_url_or_set() {
    for (url, api) in [
        ("https://api.siliconflow.cn/v1/images/generations", Api::SiliconFlow),
        ("https://api.siliconflow.com/v1/anything", Api::SiliconFlow),
        ("https://flux.example.workers.dev/v1/image/generations", Api::SiliconFlow),
        ("https://open.bigmodel.cn/api/paas/v4/images/generations", Api::BigModel),
        ("https://api.together.xyz/v1/images/generations", Api::OpenAi),
        ("https://ai.api.nvidia.com/v1/genai/black-forest-labs/flux.1-schnell", Api::Nvidia),
        ("https://api.cloudflare.com/client/v4/accounts/a/ai/run/@cf/black-forest-labs/flux-1-schnell", Api::WorkersAi),
    ] {
        assert_eq!(only(&format!(r#"[{{"url":"{url}"}}]"#)).api, api, "{url}");
    }
    for (name, api) in [("openai", Api::OpenAi), ("bigmodel", Api::BigModel), ("nvidia", Api::Nvidia)] {
        assert_eq!(only(&format!(r#"[{{"url":"https://a.test/x","api":"{name}"}}]"#)).api, api);
    }
    assert_eq!(
        parse(r#"[{"url":"https://notsiliconflow.cn/x"}]"#),
        Err(vec!["entry 1: the API cannot be told from the url: say api".to_owned()])
    );
}

#[test]
fn a_base_url_is_completed() {
    for (base, whole) in [
        ("https://api.siliconflow.cn/v1", "https://api.siliconflow.cn/v1/image/generations"),
        ("https://api.siliconflow.cn/v1/", "https://api.siliconflow.cn/v1/image/generations"),
        ("https://api.siliconflow.com", "https://api.siliconflow.com/v1/image/generations"),
        ("https://open.bigmodel.cn/api/paas/v4/", "https://open.bigmodel.cn/api/paas/v4/images/generations"),
        ("https://gateway.test/openai/v1", "https://gateway.test/openai/v1/images/generations"),
        ("https://a.test/v1/images/generations/", "https://a.test/v1/images/generations"),
    ] {
        assert_eq!(url(&only(&format!(r#"[{{"url":"{base}"}}]"#))), whole, "{base}");
    }
}

#[test]
fn models_are_all_a_list_a_map_or_the_one_in_the_address() {
    let all = only(r#"[{"url":"https://a.test/images/generations"}]"#);
    assert_eq!(all.name_of("any"), Some("any"));
    let list = only(r#"[{"url":"https://a.test/images/generations","models":["one"]}]"#);
    assert_eq!((list.name_of("One"), list.name_of("two")), (Some("one"), None));
    let map = only(r#"[{"url":"https://a.test/images/generations","models":{"ours":"theirs"}}]"#);
    assert_eq!((map.name_of("ours"), map.name_of("theirs")), (Some("theirs"), None));
    let own = only(r#"[{"url":"https://a.test/ai/run/@cf/flux"}]"#);
    assert_eq!(own.name_of("whatever"), Some("@cf/flux"));
    let own = only(r#"[{"url":"https://a.test/genai/black-forest-labs/flux.1-schnell"}]"#);
    assert_eq!(own.name_of("black-forest-labs/FLUX.1-schnell"), Some("black-forest-labs/flux.1-schnell"));
    assert_eq!(own.name_of("Kwai-Kolors/Kolors"), None);
}

#[test]
fn a_provider_is_known_by_its_name() {
    let flux = "black-forest-labs/FLUX.1-schnell";
    for (entry, address, model, theirs) in [
        (
            r#"{"provider":"nvidia","key":"k"}"#,
            "https://ai.api.nvidia.com/v1/genai/black-forest-labs/flux.1-schnell",
            flux,
            "black-forest-labs/flux.1-schnell",
        ),
        (r#"{"provider":"Together","key":"k"}"#, "https://api.together.xyz/v1/images/generations", flux, flux),
        (
            r#"{"provider":"together","key":"k","models":{"ours":"theirs"}}"#,
            "https://api.together.xyz/v1/images/generations",
            "ours",
            "theirs",
        ),
        (
            r#"{"provider":"cloudflare","account":"0a1b","key":"k"}"#,
            "https://api.cloudflare.com/client/v4/accounts/0a1b/ai/run/",
            flux,
            "@cf/black-forest-labs/flux-1-schnell",
        ),
        (
            r#"{"provider":"cloudflare","account":"0a1b","key":"k","models":["black-forest-labs/FLUX.1-schnell"]}"#,
            "https://api.cloudflare.com/client/v4/accounts/0a1b/ai/run/",
            flux,
            "@cf/black-forest-labs/flux-1-schnell",
        ),
        (
            r#"{"provider":"cloudflare","account":"0a1b","key":"k"}"#,
            "https://api.cloudflare.com/client/v4/accounts/0a1b/ai/run/",
            "@cf/leonardo/lucid-origin",
            "@cf/leonardo/lucid-origin",
        ),
        (
            r#"{"provider":"sensenova","key":"k"}"#,
            "https://token.sensenova.cn/v1/images/generations",
            "sensenova-u1-fast",
            "sensenova-u1-fast",
        ),
    ] {
        let endpoint = only(&format!("[{entry}]"));
        assert_eq!((url(&endpoint), endpoint.name_of(model)), (address, Some(theirs)), "{entry}");
        assert!(endpoint.provider.is_some() && endpoint.name_of("Kwai-Kolors/Kolors").is_none());
    }
}

#[test]
fn every_malformed_entry_is_named_and_no_value_is_shown() {
    let entries = [
        (r#"{"url":"ftp://canary"}"#, "url"),
        (r#"{"url":"https://a.test/images/generations","models":7,"key":"canary"}"#, "models"),
        (r#"{"url":"https://a.test/images/generations","models":[],"key":"canary"}"#, "models"),
        (r#"{"url":"https://a.test/images/generations","models":{"canary":7}}"#, "models"),
        (r#"{"url":"https://a.test/images/generations","key":"canary key"}"#, "key"),
        (r#"{"url":"https://a.test/images/generations","api":"canary"}"#, "api"),
        ("{}", "url"),
        ("7", "url"),
        (r#"{"provider":"canary","key":"canary"}"#, "provider is sensenova, agnes, nvidia, cloudflare or together"),
        (r#"{"provider":7,"key":"canary"}"#, "provider"),
        (r#"{"provider":"nvidia"}"#, "key is missing"),
        (r#"{"provider":"nvidia","key":"canary","models":{"canary":"canary"}}"#, "models"),
        (r#"{"provider":"nvidia","key":"canary","url":"https://a.test/"}"#, "provider"),
        (r#"{"provider":"cloudflare","key":"canary"}"#, "account"),
        (r#"{"provider":"cloudflare","key":"canary","account":"canary/../x"}"#, "account"),
        (r#"{"provider":"cloudflare","key":"canary","account":"a","models":["canary"]}"#, "models"),
    ];
    let text = format!("[{}]", entries.map(|(entry, _)| entry).join(","));
    let problems = parse(&text).err().unwrap_or_default();
    assert_eq!(problems.len(), entries.len(), "{problems:?}");
    for (number, (problem, (entry, named))) in (1..).zip(problems.iter().zip(entries)) {
        assert!(problem.starts_with(&format!("entry {number}: ")) && problem.contains(named), "{entry}: {problem}");
        assert!(!problem.contains("canary"), "{problem}");
    }
    assert!(parse("canary").err().is_some_and(|p| !p.concat().contains("canary")));
}

#[test]
fn a_slot_is_known_by_a_hash_of_its_address_and_key() {
    let one = only(r#"[{"url":"https://a.test/images/generations","key":"k1"}]"#);
    let two = only(r#"[{"url":"https://a.test/images/generations","key":"k2"}]"#);
    assert_ne!(one.slot_id(), two.slot_id());
    assert_eq!(one.endpoint_id(), two.endpoint_id());
    assert!(!one.slot_id().contains("k1"));
}
