//! The path of a request as the routes have it: people type base URLs, and clients put their own paths behind them.

use std::borrow::Cow;

/// The beginnings of a path whose rest is a prompt: one thing in three spellings. The first is the one that the routes
/// and signatures have.
const PROMPT_PATHS: [&str; 3] = ["prompt", "image", "p"];

/// The beginnings of paths that are also served without `/v1`.
const WITHOUT_VERSION: [&str; 4] = ["chat/completions", "images/", "responses", "models"];

/// The path that the routes have for `path`: repeated slashes count as one and a last one does not count, `/v1/v1` is
/// `/v1`, the paths of the APIs may stand without `/v1`, and the prompt's path has one name. A prompt in a path stays as
/// it is.
pub fn route_path(path: &str) -> Cow<'_, str> {
    if path == "/" {
        return path.into();
    }
    if let Some(prompt) = prompt_in(path) {
        return format!("/prompt/{prompt}").into();
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let versions = parts.iter().take_while(|part| **part == "v1").count();
    let rest = parts.get(versions..).unwrap_or_default().join("/");
    let is_versioned = versions > 0
        || WITHOUT_VERSION.iter().any(|known| {
            rest.strip_prefix(known)
                .is_some_and(|more| known.ends_with('/') || more.is_empty() || more.starts_with('/'))
        });
    match (is_versioned, rest.is_empty()) {
        (true, true) => "/v1".into(),
        (true, false) => format!("/v1/{rest}").into(),
        (false, _) => format!("/{rest}").into(),
    }
}

/// The prompt in a path, still percent-encoded; `None` for a path without one.
pub fn prompt_in(path: &str) -> Option<&str> {
    let (first, prompt) = path.trim_start_matches('/').split_once('/')?;
    PROMPT_PATHS.contains(&first).then_some(prompt)
}

/// True for the paths of the APIs, where every answer is JSON.
pub fn is_api(path: &str) -> bool {
    let path = route_path(path);
    path == "/v1" || path.starts_with("/v1/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_s_spellings_of_a_path_are_one() {
        for (path, route) in [
            ("/", "/"),
            ("//", "/"),
            ("//v1//models/", "/v1/models"),
            ("/v1/v1/chat/completions", "/v1/chat/completions"),
            ("/v1/v1", "/v1"),
            ("/v1/", "/v1"),
            ("/chat/completions/", "/v1/chat/completions"),
            ("/images/generations", "/v1/images/generations"),
            ("/responses", "/v1/responses"),
            ("/models", "/v1/models"),
            ("/models/a/b", "/v1/models/a/b"),
            ("/modelsx", "/modelsx"),
            ("/images", "/images"),
            ("/health/", "/health"),
            ("/i/x.png/", "/i/x.png"),
        ] {
            assert_eq!(route_path(path), route, "{path}");
        }
    }

    #[test]
    fn a_prompt_in_a_path_keeps_its_slashes() {
        for (path, route) in [
            ("/prompt/a//b/", "/prompt/a//b/"),
            ("//image/a%20cat", "/prompt/a%20cat"),
            ("/p//a", "/prompt//a"),
            ("/p/", "/prompt/"),
            ("/p", "/p"),
            ("/prompt/v1/v1/", "/prompt/v1/v1/"),
        ] {
            assert_eq!(route_path(path), route, "{path}");
        }
        assert!(is_api("/v1") && is_api("//chat/completions") && !is_api("/p/v1/") && !is_api("/v12"));
    }
}
