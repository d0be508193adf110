use super::*;

mod upstreams;

fn config(settings: &[(&str, &str)]) -> Config {
    with_ai(settings, false)
}

fn with_ai(settings: &[(&str, &str)], ai_is_bound: bool) -> Config {
    let find = |name: &str| settings.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Config::from_lookup(&find, ai_is_bound)
}

#[test]
fn nothing_set_means_the_defaults_and_no_problem() {
    let config = config(&[]);
    assert_eq!(config.check(), Ok(()));
    assert_eq!(config.default_size().map(|size| size.to_string()), Ok("512x512".to_owned()));
    assert_eq!(config.models, ["black-forest-labs/FLUX.1-schnell", "Kwai-Kolors/Kolors"]);
    assert_eq!((config.cache_ttl, config.generation_timeout_ms), (2_592_000, 60_000));
    assert!(config.chats.is_empty() && config.endpoints.is_empty() && !config.demo);
    let error = config.check_can_make().err();
    assert_eq!(error.as_ref().map(Error::code), Some("misconfigured"));
    assert!(error.is_some_and(|error| error.to_string().contains("IMAGE_API_KEYS")));
}

#[test]
fn keys_are_a_trimmed_list_and_each_counts_once() {
    let config = config(&[("IMAGE_API_KEYS", " k1, k2 ,,k1 ")]);
    let keys: Vec<_> = config.endpoints.iter().filter_map(|e| e.key.as_ref()).map(Secret::expose).collect();
    assert_eq!(keys, ["k1", "k2"]);
    assert!(
        config
            .endpoints
            .iter()
            .all(|e| e.address.url().map(Url::as_str) == Some("https://api.siliconflow.cn/v1/image/generations"))
    );
    assert_eq!(config.check_can_make(), Ok(()));
}

#[test]
fn a_blank_value_is_a_missing_one() {
    let config = config(&[("DEFAULT_SIZE", "  "), ("CACHE_TTL", ""), ("IMAGE_API_KEYS", " ")]);
    assert_eq!(config.check(), Ok(()));
    assert_eq!(config.cache_ttl, 2_592_000);
}

#[test]
fn every_malformed_setting_is_named_at_once_and_no_value_is_shown() {
    let malformed = [
        ("DEFAULT_SIZE", "canary"),
        ("CACHE_TTL", "59"),
        ("GENERATION_TIMEOUT", "0"),
        ("KEY_IMAGES_PER_MINUTE", "canary"),
        ("IMAGE_API_URL", "canary"),
        ("PROCESS_API_URL", "ftp://canary"),
        ("ERROR_IMAGE_URL", "canary"),
        ("DEMO_IMAGES", "canary"),
        ("IMAGE_ENDPOINTS", "canary"),
        ("ALLOWED_REFERERS", "https://canary/"),
        ("IMAGE_API_KEYS", "canary key"),
        ("ACCESS_TOKENS", "canary\u{e9}"),
        ("WORKERS_AI", "canary"),
        ("WORKERS_AI_PER_DAY", "-1"),
        ("WORKERS_AI_MODELS", "[\"canary\"]"),
        ("PROCESS_FALLBACK", "canary"),
    ];
    let message = config(&malformed).check().err().map(|error| error.to_string()).unwrap_or_default();
    for (name, _) in malformed {
        assert!(message.contains(name), "{name}: {message}");
    }
    assert!(!message.contains("canary"), "{message}");
}

#[test]
fn a_list_that_holds_nothing_is_malformed() {
    for name in
        ["IMAGE_API_KEYS", "PROCESS_API_KEY", "ACCESS_TOKENS", "ALLOWED_REFERERS", "IMAGE_MODELS", "PROCESS_MODEL"]
    {
        let problem = config(&[(name, " , ")]).check().err().map(|error| error.to_string()).unwrap_or_default();
        assert!(problem.contains(name), "{name}: {problem}");
    }
    assert!(config(&[("IMAGE_MODELS", ",")]).default_model().is_err());
}

#[test]
fn hosts_are_bare_names_in_lower_case() {
    let hosts = config(&[("ALLOWED_REFERERS", "Example.com., .blog.test")]);
    assert_eq!(
        (hosts.check(), hosts.access.referers),
        (Ok(()), vec!["example.com".to_owned(), "blog.test".to_owned()])
    );
    for wrong in
        ["*", "*.example.com", "example.com:8080", "example.com/", "example.com example.org", ".", "münchen.de"]
    {
        assert!(config(&[("ALLOWED_REFERERS", wrong)]).access.check().is_err(), "{wrong}");
    }
    assert_eq!(config(&[("CACHE_TTL", "x")]).access.check(), Ok(()));
}

#[test]
fn demo_pictures_are_drawn_only_without_a_key_an_endpoint_and_workers_ai() {
    assert!(!with_ai(&[("DEMO_IMAGES", "1")], true).demo);
    assert!(with_ai(&[("DEMO_IMAGES", "1"), ("WORKERS_AI", "off")], true).demo);
    assert!(!config(&[("DEMO_IMAGES", "1"), ("PROCESS_API_KEY", "k")]).demo);
    assert!(config(&[("DEMO_IMAGES", "1")]).demo);
    assert!(!config(&[("DEMO_IMAGES", "0")]).demo);
    assert!(!config(&[("DEMO_IMAGES", "1"), ("IMAGE_API_KEYS", "k")]).demo);
    assert!(
        !config(&[("DEMO_IMAGES", "1"), ("IMAGE_ENDPOINTS", r#"[{"url":"https://a.test/images/generations"}]"#)]).demo
    );
}

#[test]
fn a_default_size_that_is_malformed_stops_only_what_needs_it() {
    let config = config(&[("DEFAULT_SIZE", "1x1"), ("IMAGE_API_KEYS", "k")]);
    assert_eq!(config.default_size().err().map(|error| error.code()), Some("misconfigured"));
    assert_eq!(config.default_model(), Ok("black-forest-labs/FLUX.1-schnell"));
}

#[test]
fn no_secret_is_printed() {
    let config = config(&[
        ("IMAGE_API_KEYS", "canary-1"),
        ("PROCESS_API_KEY", "canary-2"),
        ("ACCESS_TOKENS", "canary-3"),
        ("URL_SIGNING_KEY", "canary-4"),
        ("IMAGE_ENDPOINTS", r#"[{"url":"https://a.test/images/generations?v=1&key=canary-6","key":"canary-5"}]"#),
    ]);
    assert!(!format!("{:?}", (&config.access, &config.chats)).contains("canary"));
}
