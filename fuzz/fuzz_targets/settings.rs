//! The settings, `IMAGE_ENDPOINTS` with its JSON among them: whatever is in them, the error names settings and shows
//! no value.
//!
//! The input is lines of `NAME=value`; where there is no such line, it is `IMAGE_ENDPOINTS` as a whole.
#![no_main]

use free_flux_api::config::Config;
use free_flux_api::ports::lease::Slot;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let lines =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=').map(str::to_owned));
    let whole = |name: &str| (name == "IMAGE_ENDPOINTS").then(|| text.to_owned());
    for lookup in [&lines as &dyn Fn(&str) -> Option<String>, &whole] {
        let config = Config::from_lookup(lookup, false);
        for error in [config.check().err(), config.check_can_make().err(), config.default_size().err()] {
            assert!(!error.is_some_and(|error| error.to_string().contains("canary")));
        }
        assert!(config.generation_timeout_ms <= 300_000);
        // With a problem no endpoint is asked.
        for endpoint in config.endpoints.iter().filter(|_| config.check().is_ok()) {
            assert_eq!(Slot::from(endpoint).endpoint, endpoint.endpoint_id());
            let key = endpoint.key.as_ref().map_or("", |key| key.expose());
            assert!(key.bytes().all(|byte| byte.is_ascii_graphic()));
        }
        config.endpoints.iter().for_each(|endpoint| drop(endpoint.redactor().scrub(text)));
    }
});
