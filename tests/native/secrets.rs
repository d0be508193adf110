//! No secret can be asked out: whatever a caller can choose is compared with none.

use serde_json::json;

use crate::support::{Answer, CHAT_KEY, TestApp, TestRequest, Upstream};

const TOKEN: &str = "owner-token-KzW8qhT3";
const SIGNING_KEY: &str = "signing-key-R7mUo2xQ";

/// A service whose upstreams repeat what they are told.
fn echoing() -> TestApp {
    let app = TestApp::setup()
        .with_guesses()
        .set("ACCESS_TOKENS", TOKEN)
        .set("URL_SIGNING_KEY", SIGNING_KEY)
        .set("ALLOWED_REFERERS", "example.com")
        .set("PROCESS_API_KEY", CHAT_KEY)
        .build();
    app.http.by(Upstream::Image, |call| {
        let text = format!("refused: {}", call.body["prompt"].as_str().unwrap_or_default());
        Answer::json(400, &json!({ "code": 20_015, "message": text }).to_string())
    });
    app
}

/// What an attacker sees for a prompt: true if it came back unchanged.
fn comes_back(app: &TestApp, prompt: &str) -> bool {
    let path = format!("/?prompt={}", prompt.replace(' ', "+"));
    let reply = app.send(TestRequest::get(&path).with("Referer", "https://example.com/"));
    assert_eq!(reply.outcome(), "422 prompt_rejected");
    reply.text().contains(prompt)
}

/// Reads a secret piece by piece, as long as an answer tells right from wrong: the attack that worked in a hundred
/// requests.
fn read_out(app: &TestApp, secret: &str, known: usize, alphabet: &str) -> String {
    let mut found = secret[..known].to_owned();
    while found.len() < secret.len() {
        let guesses = alphabet.chars().map(|next| format!("{found}{next}"));
        let mut told = guesses.filter(|guess| !comes_back(app, &format!("a cat {guess}")));
        match (told.next(), told.next()) {
            (Some(guess), None) => found = guess,
            _ => break,
        }
    }
    found
}

#[test]
fn a_token_and_a_signing_key_cannot_be_read_out_of_what_an_upstream_repeats() {
    let app = echoing();
    for secret in [TOKEN, SIGNING_KEY, CHAT_KEY] {
        let alphabet: String = secret.chars().chain("xyz01".chars()).collect();
        for known in [7, 11, secret.len() - 1] {
            assert_eq!(read_out(&app, secret, known, &alphabet), secret[..known], "nothing was learned");
        }
        assert!(comes_back(&app, &format!("a cat {secret}")), "the image API was never told {secret}");
    }
}

#[test]
fn a_piece_of_a_key_that_can_be_guessed_is_not_struck_out() {
    let app = echoing();
    let key = "sk-images-key-number-one";
    for length in 1..16 {
        assert!(comes_back(&app, &format!("a cat {}", &key[..length])), "{length}");
    }
}

#[test]
fn a_rewritten_prompt_is_not_judged_by_secrets() {
    for secret in [CHAT_KEY, TOKEN, SIGNING_KEY, "sk-images-key-number-one"] {
        let app = echoing();
        app.gives_images();
        let text: &'static str = Box::leak(format!("a cat, {secret}").into_boxed_str());
        app.http.then(Upstream::Chat, Answer::Says(text));
        let reply = app.send(TestRequest::get("/?prompt=%E7%8C%AB").with("Referer", "https://example.com/"));
        assert_eq!(reply.header("X-Prompt-Status"), Some("translated"), "{secret}");
    }
}

#[test]
fn a_secret_in_the_path_of_an_endpoint_is_struck_out_of_its_answers() {
    let address = "https://gateway.test/v1/images/generations";
    let endpoint = json!([{ "url": address, "key": "gateway-key-0123456789" }]).to_string();
    let app = TestApp::setup().set("IMAGE_API_KEYS", "").set("IMAGE_ENDPOINTS", &endpoint).build();
    let text = r#"{"error":{"message":"key gateway-key-0123456789 of you may not"}}"#;
    app.http.then(Upstream::OpenAi, Answer::json(400, text));
    let reply = app.get("/?prompt=cat");
    assert!(reply.text().contains("key *** of you may not"), "{}", reply.text());
}
