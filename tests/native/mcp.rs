//! The Model Context Protocol at `/mcp`, message by message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use free_flux_api::http::Method;
use serde_json::{Value, json};

use crate::post_apis::{events, post};
use crate::support::{Answer, Reply, TestApp, TestRequest, Upstream, png_of_bytes};

const MCP: &str = "/mcp";
const VERSION: &str = "2026-07-28";
const VERSIONS: [&str; 4] = [VERSION, "2025-11-25", "2025-06-18", "2025-03-26"];
const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

fn message(method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

/// A message in the newest version that begins with `initialize`.
fn legacy(app: &TestApp, method: &str, params: &Value) -> Reply {
    app.send(TestRequest::post(MCP, &message(method, params)).with("MCP-Protocol-Version", "2025-11-25"))
}

/// Parameters with what each modern request says of itself.
fn with_meta(params: &Value) -> Value {
    let mut params = params.clone();
    params["_meta"][META_VERSION] = json!(VERSION);
    params["_meta"][META_CAPABILITIES] = json!({});
    params
}

/// A modern request, whose headers agree with it.
fn modern_request(method: &str, params: &Value) -> TestRequest {
    let params = with_meta(params);
    let request = TestRequest::post(MCP, &message(method, &params));
    let request = request.with("MCP-Protocol-Version", VERSION).with("Mcp-Method", method);
    match params["name"].as_str() {
        Some(name) => request.with("Mcp-Name", name),
        None => request,
    }
}

fn modern(app: &TestApp, method: &str, params: &Value) -> Reply {
    app.send(modern_request(method, params))
}

fn tool(name: &str, arguments: &Value) -> Value {
    json!({ "name": name, "arguments": arguments })
}

/// The result of `generate_image`.
fn drawn(app: &TestApp, arguments: &Value) -> Value {
    let reply = legacy(app, "tools/call", &tool("generate_image", arguments));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["result"].clone()
}

/// The text of a call that failed.
fn failure(result: &Value) -> &str {
    assert_eq!(result["isError"], true, "{result}");
    result["content"][0]["text"].as_str().expect("a text")
}

/// The status and the code of a JSON-RPC error, which has the id of its request.
fn refusal(reply: &Reply, id: &Value) -> (u16, i64) {
    let body = reply.json();
    assert_eq!((&body["jsonrpc"], &body["id"], body.get("result")), (&json!("2.0"), id, None), "{body}");
    assert!(body["error"]["message"].is_string(), "{body}");
    assert_eq!(reply.header("Content-Type"), Some("application/json"));
    assert_eq!(reply.header("Cache-Control"), Some("no-store"));
    (reply.status, body["error"]["code"].as_i64().expect("a code"))
}

#[test]
fn a_legacy_client_begins_with_initialize() {
    let app = TestApp::working();
    for (requested, answered) in [
        (json!("2025-11-25"), "2025-11-25"),
        (json!("2025-06-18"), "2025-06-18"),
        (json!("2025-03-26"), "2025-03-26"),
        (json!("2024-11-05"), "2025-11-25"),
        (json!(VERSION), "2025-11-25"),
        (json!(5), "2025-11-25"),
    ] {
        let params = json!({ "protocolVersion": requested, "capabilities": {}, "clientInfo": { "name": "c" } });
        let reply = legacy(&app, "initialize", &params);
        let body = reply.json();
        assert_eq!((reply.status, &body["jsonrpc"], &body["id"]), (200, &json!("2.0"), &json!(1)));
        let result = &body["result"];
        assert_eq!(result["protocolVersion"], answered, "{requested}");
        assert_eq!(result["capabilities"], json!({ "tools": {} }));
        assert_eq!(result["serverInfo"], json!({ "name": "free-flux-api", "version": env!("CARGO_PKG_VERSION") }));
        assert!(result["instructions"].as_str().is_some_and(|text| text.contains("generate_image")));
        assert_eq!((result.get("resultType"), result.get("_meta")), (None, None));
        assert_eq!(reply.header("Mcp-Session-Id"), None);
    }
    assert_eq!(legacy(&app, "ping", &json!({})).json(), json!({ "jsonrpc": "2.0", "id": 1, "result": {} }));
    assert_eq!(app.http.count(), 0);
}

#[test]
fn a_modern_client_discovers_the_server_without_initialize() {
    let app = TestApp::working();
    let reply = modern(&app, "server/discover", &json!({}));
    assert_eq!((reply.status, reply.header("Content-Type")), (200, Some("application/json")));
    let result = &reply.json()["result"];
    assert_eq!(result["supportedVersions"], json!(VERSIONS));
    assert_eq!(result["capabilities"], json!({ "tools": {} }));
    assert_eq!((&result["ttlMs"], &result["cacheScope"]), (&json!(3_600_000), &json!("public")));
    assert!(result["instructions"].is_string());
    assert_eq!(result["resultType"], "complete");
    let server = json!({ "name": "free-flux-api", "version": env!("CARGO_PKG_VERSION") });
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"], server);
}

#[test]
fn the_tools_are_listed_in_both_eras_and_for_anybody() {
    let app = TestApp::setup().set("ACCESS_TOKENS", "token-of-the-owner").build();
    let (old, new) = (legacy(&app, "tools/list", &json!({})), modern(&app, "tools/list", &json!({})));
    let (old, new) = (old.json()["result"].clone(), new.json()["result"].clone());
    assert_eq!(old["tools"], new["tools"]);
    assert_eq!((old.get("ttlMs"), old.get("resultType")), (None, None));
    assert_eq!(
        (&new["ttlMs"], &new["cacheScope"], &new["resultType"]),
        (&json!(3_600_000), &json!("public"), &json!("complete"))
    );
    let [generate, models] = &old["tools"].as_array().expect("tools")[..] else { panic!("{old}") };
    assert_eq!((&generate["name"], &models["name"]), (&json!("generate_image"), &json!("list_models")));
    let input = &generate["inputSchema"];
    let mut names: Vec<_> = input["properties"].as_object().expect("arguments").keys().collect();
    names.sort();
    assert_eq!(names, ["model", "negative_prompt", "optimization", "prompt", "seed", "size"]);
    assert_eq!((&input["required"], &input["additionalProperties"]), (&json!(["prompt"]), &json!(false)));
    assert_eq!(generate["outputSchema"]["required"], json!(["url", "id", "markdown"]));
    let hints = json!({ "title": "Generate an image", "readOnlyHint": false, "destructiveHint": false,
        "idempotentHint": true, "openWorldHint": true });
    assert_eq!(generate["annotations"], hints);
    assert_eq!(models["annotations"]["readOnlyHint"], true);
    assert_eq!(app.http.count(), 0);
}

#[test]
fn a_picture_is_drawn_once_and_told_in_four_blocks() {
    let app = TestApp::working();
    let arguments = json!({ "prompt": "a [red] fox", "size": "16:9", "seed": 7 });
    let result = drawn(&app, &arguments);
    let facts = &result["structuredContent"];
    let id = app.get("/?prompt=a+[red]+fox&size=1024x576&seed=7").id();
    let url = format!("https://flux.test/i/{id}.png");
    assert_eq!((&facts["id"], &facts["url"]), (&json!(id), &json!(url)));
    assert_eq!(facts["markdown"], json!(format!("![a red fox]({url})")));
    assert_eq!((&facts["seed"], &facts["model"]), (&json!(7), &json!("black-forest-labs/FLUX.1-schnell")));
    assert_eq!((&facts["prompt_drawn"], &facts["prompt_status"]), (&json!("a [red] fox"), &json!("original")));
    assert_eq!(facts["cached"], false);
    assert!(facts["width"].is_u64() && facts["height"].is_u64(), "{facts}");
    let [text, data, link, picture] = &result["content"].as_array().expect("content")[..] else { panic!("{result}") };
    let said = text["text"].as_str().expect("a text");
    assert!(said.starts_with(&format!("![a red fox]({url})\n")) && said.contains("seed 7"), "{said}");
    let data: Value = serde_json::from_str(data["text"].as_str().expect("a text")).expect("JSON");
    assert_eq!(&data, facts);
    let expected = json!({ "type": "resource_link", "uri": url, "name": format!("{id}.png"), "mimeType": "image/png",
        "annotations": { "audience": ["user"], "priority": 1 } });
    assert_eq!(link, &expected);
    assert_eq!(
        (&picture["type"], &picture["mimeType"], &picture["annotations"]),
        (&json!("image"), &json!("image/png"), &json!({ "audience": ["user"] }))
    );
    let bytes = STANDARD.decode(picture["data"].as_str().expect("base64")).expect("base64");
    assert!(bytes.starts_with(b"\x89PNG"));
    assert_eq!(result["isError"], false);
    let again = modern(&app, "tools/call", &tool("generate_image", &arguments)).json()["result"].clone();
    assert_eq!((&again["structuredContent"]["cached"], &again["resultType"]), (&json!(true), &json!("complete")));
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn a_large_picture_is_a_link_alone() {
    for (bytes, blocks) in [(75_000, 4), (75_001, 3)] {
        let app = TestApp::working();
        let picture = png_of_bytes(bytes);
        app.http.then(Upstream::Host, Answer::Status(200, "image/png", picture));
        let result = drawn(&app, &json!({ "prompt": "a cat" }));
        assert_eq!(result["content"].as_array().map(Vec::len), Some(blocks), "{bytes}");
        assert_eq!(result["content"][2]["type"], "resource_link");
    }
}

#[test]
fn the_models_are_listed() {
    let app = TestApp::setup().set("IMAGE_MODELS", "one/a,two/b").build();
    let result = legacy(&app, "tools/call", &json!({ "name": "list_models" })).json()["result"].clone();
    assert_eq!(result["structuredContent"], json!({ "models": ["one/a", "two/b"] }));
    assert_eq!(result["content"], json!([{ "type": "text", "text": "one/a\ntwo/b" }]));
    let wrong = legacy(&app, "tools/call", &tool("list_models", &json!({ "x": 1 }))).json()["result"].clone();
    assert!(failure(&wrong).starts_with("invalid_parameter: `x`"));
}

#[test]
fn wrong_arguments_are_a_result_that_the_model_reads() {
    let app = TestApp::working();
    for (arguments, start) in [
        (json!({}), "missing_prompt: "),
        (json!(null), "missing_prompt: "),
        (json!({ "prompt": " " }), "missing_prompt: "),
        (json!({ "prompt": null }), "missing_prompt: "),
        (json!({ "prompt": 5 }), "invalid_parameter: `prompt`"),
        (json!({ "prompt": "x".repeat(2_001) }), "invalid_parameter: "),
        (json!({ "prompt": "x", "size": "9x9" }), "invalid_parameter: "),
        (json!({ "prompt": "x", "seed": -5 }), "invalid_parameter: "),
        (json!({ "prompt": "x", "seed": {} }), "invalid_parameter: "),
        (json!({ "prompt": "x", "optimization": "maybe" }), "invalid_parameter: "),
        (json!({ "prompt": "x", "refresh": true }), "invalid_parameter: `refresh`"),
        (json!({ "prompt": "x", "n": 2 }), "invalid_parameter: `n`"),
        (json!({ "prompt": "x", "model": "nobody's" }), "model_not_found: "),
        (json!([]), "invalid_parameter: `arguments`"),
        (json!("x"), "invalid_parameter: `arguments`"),
    ] {
        let result = drawn(&app, &arguments);
        assert!(failure(&result).starts_with(start), "{arguments}: {result}");
        assert_eq!(result.get("structuredContent"), None);
    }
    assert_eq!(app.http.count(), 0);
}

#[test]
fn a_refusal_of_the_service_is_a_result_as_well() {
    let app = TestApp::setup().set("ACCESS_TOKENS", "token-of-the-owner").build();
    app.gives_images();
    let params = tool("generate_image", &json!({ "prompt": "a cat" }));
    assert!(failure(&legacy(&app, "tools/call", &params).json()["result"]).starts_with("unauthorized: "));
    let result = modern(&app, "tools/call", &params).json()["result"].clone();
    assert!(failure(&result).starts_with("unauthorized: ") && result["resultType"] == "complete");
    assert_eq!(app.http.count(), 0);
    let request = TestRequest::post(MCP, &message("tools/call", &params));
    let reply = app.send(request.with("Authorization", "Bearer token-of-the-owner"));
    assert_eq!(reply.json()["result"]["isError"], false, "{}", reply.text());
    assert_eq!(drawn(&app, &json!({ "prompt": "a cat" }))["isError"], false, "a stored picture is open to all");
}

#[test]
fn a_visitor_over_the_limit_hears_when_to_come_again() {
    let app = TestApp::setup().limit(1).build();
    app.gives_images();
    assert_eq!(drawn(&app, &json!({ "prompt": "a" }))["isError"], false);
    let text = failure(&drawn(&app, &json!({ "prompt": "b" }))).to_owned();
    assert!(text.starts_with("rate_limited: ") && text.ends_with(" (Retry-After 60 s)"), "{text}");
}

#[test]
fn a_failure_of_the_upstream_is_a_result() {
    let app = TestApp::working();
    let refusal = r#"{"code":20015,"message":"not such \"pictures\"","data":null}"#;
    app.http.then(Upstream::Image, Answer::json(400, refusal));
    let result = drawn(&app, &json!({ "prompt": "a cat" }));
    assert!(failure(&result).starts_with("prompt_rejected: ") && failure(&result).contains("not such \"pictures\""));
}

#[test]
fn what_needs_no_answer_is_202_with_no_body() {
    let app = TestApp::working();
    for body in [
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 1 } }),
        json!({ "jsonrpc": "2.0", "method": "tools/call", "params": tool("generate_image", &json!({ "prompt": "x" })) }),
        json!({ "jsonrpc": "2.0", "method": "nothing/known" }),
        json!({ "jsonrpc": "2.0", "id": 3, "result": {} }),
        json!({ "jsonrpc": "2.0", "id": "x", "error": { "code": -1, "message": "no" } }),
    ] {
        for version in [None, Some("2025-11-25"), Some(VERSION)] {
            let request = TestRequest::post(MCP, &body);
            let request = version.into_iter().fold(request, |request, it| request.with("MCP-Protocol-Version", it));
            let reply = app.send(request);
            assert_eq!((reply.status, reply.bytes()), (202, &b""[..]), "{body} {version:?}");
        }
    }
    assert_eq!(app.http.count(), 0);
}

#[test]
fn what_is_no_request_is_refused() {
    let app = TestApp::working();
    let deep =
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{}1{}}}"#, "[".repeat(9_000), "]".repeat(9_000));
    for text in ["", "{", "nonsense", "{\"jsonrpc\":\"2.0\"", "\u{0}", deep.as_str()] {
        let reply = app.send(TestRequest::post_text(MCP, text));
        assert_eq!(refusal(&reply, &Value::Null), (400, -32_700), "{text:.20}");
    }
    for (body, id) in [
        (json!([]), json!(null)),
        (json!([message("ping", &json!({}))]), json!(null)),
        (json!(null), json!(null)),
        (json!(5), json!(null)),
        (json!({}), json!(null)),
        (json!({ "id": 4, "method": "ping" }), json!(4)),
        (json!({ "jsonrpc": "1.0", "id": 4, "method": "ping" }), json!(4)),
        (json!({ "jsonrpc": 2.0, "id": "x", "method": "ping" }), json!("x")),
        (json!({ "jsonrpc": "2.0", "id": 4 }), json!(4)),
        (json!({ "jsonrpc": "2.0", "id": 4, "method": 5 }), json!(4)),
        (json!({ "jsonrpc": "2.0", "id": null, "method": "ping" }), json!(null)),
        (json!({ "jsonrpc": "2.0", "id": {}, "method": "ping" }), json!(null)),
        (json!({ "jsonrpc": "2.0", "id": [1], "method": "ping" }), json!(null)),
        (json!({ "jsonrpc": "2.0", "id": true, "method": "ping" }), json!(null)),
    ] {
        assert_eq!(refusal(&post(&app, MCP, &body), &id), (400, -32_600), "{body}");
    }
    let long = message("ping", &json!({ "x": "x".repeat(65_536) }));
    assert_eq!(refusal(&post(&app, MCP, &long), &Value::Null), (413, -32_600));
}

#[test]
fn a_message_is_read_as_programs_write_it() {
    let app = TestApp::working();
    let ping = r#"{"jsonrpc":"2.0","id":"\ud83e","method":"ping"}"#;
    for text in [ping.to_owned(), format!("\u{feff}{ping}"), format!("\n {ping} \n")] {
        assert_eq!(app.send(TestRequest::post_text(MCP, &text)).json()["id"], "\u{fffd}", "{text}");
    }
}

#[test]
fn an_id_comes_back_as_it_was() {
    let app = TestApp::working();
    for id in ["0", "-7", "1.5", "18446744073709551615", "\"\"", "\"a \\\"b\\\" \\u0000 \\ud83e\\udd8a\""] {
        let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        let reply = app.send(TestRequest::post_text(MCP, &text)).json();
        assert_eq!(reply["id"], serde_json::from_str::<Value>(id).expect("JSON"), "{id}");
        assert_eq!(reply["result"], json!({}));
    }
}

#[test]
fn unknown_methods_tools_and_parameters() {
    let app = TestApp::working();
    for method in ["resources/list", "server/discover", "", "ping\"\n"] {
        assert_eq!(refusal(&legacy(&app, method, &json!({})), &json!(1)), (200, -32_601), "{method}");
    }
    for method in ["prompts/list", "initialize", "ping"] {
        assert_eq!(refusal(&modern(&app, method, &json!({})), &json!(1)), (404, -32_601), "{method}");
    }
    for params in [json!({}), json!({ "name": null }), json!({ "name": 5 }), tool("delete_image", &json!({}))] {
        assert_eq!(refusal(&legacy(&app, "tools/call", &params), &json!(1)), (200, -32_602), "{params}");
        assert_eq!(refusal(&modern(&app, "tools/call", &params), &json!(1)), (200, -32_602), "{params}");
    }
    for params in [json!([]), json!("x"), json!(5), json!(false)] {
        assert_eq!(refusal(&legacy(&app, "tools/call", &params), &json!(1)), (200, -32_602), "{params}");
        assert_eq!(refusal(&legacy(&app, "tools/list", &params), &json!(1)), (200, -32_602), "{params}");
    }
    assert_eq!(refusal(&legacy(&app, "tools/call", &json!(null)), &json!(1)), (200, -32_602));
    assert_eq!(legacy(&app, "ping", &json!(null)).json()["result"], json!({}));
}

#[test]
fn the_headers_of_a_modern_request_agree_with_it() {
    let app = TestApp::working();
    let body = |name: &str| TestRequest::post(MCP, &message("tools/call", &with_meta(&tool(name, &json!({})))));
    let all = [("MCP-Protocol-Version", VERSION), ("Mcp-Method", "tools/call"), ("Mcp-Name", "list_models")];
    for wrong in 0..3 {
        for value in [None, Some("other"), Some("")] {
            let headers = all.iter().enumerate().filter_map(|(at, (name, good))| {
                if at == wrong { value.map(|value| (*name, value)) } else { Some((*name, *good)) }
            });
            let request = headers.fold(body("list_models"), |request, (name, value)| request.with(name, value));
            assert_eq!(refusal(&app.send(request), &json!(1)), (400, -32_020), "{wrong} {value:?}");
        }
    }
    let encoded = format!("=?base64?{}?=", STANDARD.encode("list_models"));
    for (name, status) in [(encoded.as_str(), 200), ("=?base64?!?=", 400), ("=?base64?bGlzdA==?=", 400)] {
        let request = body("list_models").with("MCP-Protocol-Version", VERSION);
        let request = request.with("Mcp-Method", "tools/call").with("Mcp-Name", name);
        assert_eq!(app.send(request).status, status, "{name}");
    }
}

#[test]
fn a_version_that_is_not_known_is_refused() {
    let app = TestApp::working();
    for version in ["2099-01-01", "2025-11-25", "", "\"\\"] {
        let body = message("tools/list", &json!({ "_meta": { META_VERSION: version } }));
        let reply = app.send(TestRequest::post(MCP, &body).with("MCP-Protocol-Version", version));
        assert_eq!(refusal(&reply, &json!(1)), (400, -32_022), "{version}");
        assert_eq!(reply.json()["error"]["data"], json!({ "supported": VERSIONS, "requested": version }));
        let reply = app.send(TestRequest::post(MCP, &body).with("MCP-Protocol-Version", VERSION));
        assert_eq!(refusal(&reply, &json!(1)), (400, -32_020), "{version}");
    }
    let list = || TestRequest::post(MCP, &message("tools/list", &json!({ "_meta": { "progressToken": 1 } })));
    for version in ["2025-11-25", "2025-06-18", "2025-03-26"] {
        assert_eq!(app.send(list().with("MCP-Protocol-Version", version)).status, 200, "{version}");
    }
    for version in ["2024-11-05", "", "x"] {
        let reply = app.send(list().with("MCP-Protocol-Version", version));
        assert_eq!(refusal(&reply, &json!(1)), (400, -32_600), "{version}");
    }
}

#[test]
fn a_modern_request_says_its_version_and_what_its_client_can_do() {
    let app = TestApp::working();
    for meta in [
        json!(null),
        json!(5),
        json!({}),
        json!({ META_CAPABILITIES: {} }),
        json!({ META_VERSION: VERSION }),
        json!({ META_VERSION: VERSION, META_CAPABILITIES: [] }),
        json!({ META_VERSION: 5, META_CAPABILITIES: {} }),
        json!({ META_VERSION: { "a": "\"" }, META_CAPABILITIES: {} }),
    ] {
        let request = TestRequest::post(MCP, &message("tools/list", &json!({ "_meta": meta })));
        let request = request.with("MCP-Protocol-Version", VERSION).with("Mcp-Method", "tools/list");
        assert_eq!(refusal(&app.send(request), &json!(1)), (400, -32_602), "{meta}");
    }
}

#[test]
fn a_client_of_the_oldest_version_gets_no_block_that_it_does_not_know() {
    let app = TestApp::working();
    let call =
        || TestRequest::post(MCP, &message("tools/call", &tool("generate_image", &json!({ "prompt": "a cat" }))));
    let kinds = |request: TestRequest| {
        let result = app.send(request).json()["result"].clone();
        let content = result["content"].as_array().cloned().unwrap_or_default();
        content.iter().map(|block| block["type"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    for request in [call(), call().with("MCP-Protocol-Version", "2025-03-26")] {
        assert_eq!(kinds(request), ["text", "text", "image"]);
    }
    for version in ["2025-06-18", "2025-11-25"] {
        let request = call().with("MCP-Protocol-Version", version);
        assert_eq!(kinds(request), ["text", "text", "resource_link", "image"], "{version}");
    }
}

#[test]
fn a_page_elsewhere_is_refused() {
    let app = TestApp::setup().set("ALLOWED_REFERERS", "example.com").set("PUBLIC_URL", "https://public.test").build();
    let ping = || TestRequest::post(MCP, &message("ping", &json!({})));
    for origin in [
        "https://flux.test",
        "https://public.test",
        "http://localhost:6274",
        "http://127.0.0.1",
        "http://[::1]:8787",
        "https://example.com",
        "https://A.Example.com:8443",
    ] {
        assert_eq!(app.send(ping().with("Origin", origin)).status, 200, "{origin}");
    }
    for origin in [
        "https://evil.test",
        "null",
        "",
        "https://flux.test.evil.test",
        "https://notexample.com",
        "https://localhost.evil.test",
    ] {
        let reply = app.send(ping().with("Origin", origin));
        assert_eq!(refusal(&reply, &Value::Null), (403, -32_600), "{origin}");
    }
}

#[test]
fn only_post_is_answered_and_the_preflight_names_the_headers() {
    let app = TestApp::working();
    for method in [Method::Get, Method::Delete] {
        let reply = app.send(TestRequest::of(method, MCP).with("Accept", "text/event-stream"));
        assert_eq!(
            (reply.outcome().as_str(), reply.header("Allow")),
            ("405 method_not_allowed", Some("POST, OPTIONS"))
        );
    }
    let preflight = app.send(TestRequest::of(Method::Options, MCP));
    let allowed = preflight.header("Access-Control-Allow-Headers").expect("a list");
    for name in ["MCP-Protocol-Version", "Mcp-Method", "Mcp-Name", "Authorization", "Content-Type"] {
        assert!(allowed.split(", ").any(|known| known == name), "{name}");
    }
}

#[test]
fn progress_is_told_to_who_asks_for_it_and_reads_events() {
    let app = TestApp::working();
    app.http.takes(12_000);
    let mut params = tool("generate_image", &json!({ "prompt": "a slow cat" }));
    params["_meta"]["progressToken"] = json!("t\"1");
    for request in [
        TestRequest::post(MCP, &message("tools/call", &params)).with("Accept", "application/json, text/event-stream"),
        modern_request("tools/call", &params).with("Accept", "application/json, text/event-stream"),
    ] {
        let reply = app.send(request);
        let all = events(&reply);
        let ((_, last), told) = all.split_last().expect("an event");
        assert_eq!((&last["id"], &last["result"]["isError"]), (&json!(1), &json!(false)), "{}", reply.text());
        for (number, (name, data)) in told.iter().enumerate() {
            assert_eq!((name.as_str(), &data["method"]), ("message", &json!("notifications/progress")));
            assert_eq!(data["params"]["progressToken"], "t\"1");
            assert_eq!(data["params"]["progress"], number + 1);
            let words = data["params"]["message"].as_str().expect("words");
            let step = words.split(':').next().expect("a step");
            assert!(["waiting", "drawing", "fetching", "storing"].contains(&step), "{words}");
        }
    }
    assert_eq!(app.image_calls().len(), 1);
    let plain = app.send(TestRequest::post(MCP, &message("tools/call", &params)).with("Accept", "application/json"));
    assert_eq!(plain.header("Content-Type"), Some("application/json"));
    params["arguments"] = json!({});
    let wrong = app.send(modern_request("tools/call", &params).with("Accept", "text/event-stream"));
    assert!(failure(&wrong.json()["result"]).starts_with("missing_prompt: "));
}

#[test]
fn a_slow_picture_has_several_notifications() {
    let app = TestApp::working();
    app.http.takes(12_000);
    let mut params = tool("generate_image", &json!({ "prompt": "a slow cat" }));
    params["_meta"]["progressToken"] = json!(5);
    let request = TestRequest::post(MCP, &message("tools/call", &params)).with("Accept", "text/event-stream");
    let all = events(&app.send(request));
    assert!(all.len() >= 4, "{all:?}");
    let words: Vec<_> = all.iter().filter_map(|(_, data)| data["params"]["message"].as_str()).collect();
    let drawing = "drawing: black-forest-labs/FLUX.1-schnell at SiliconFlow";
    assert_eq!(words[..3], [drawing; 3], "the same again every five seconds");
    assert_eq!(words[words.len() - 2..], ["fetching", "storing"]);
}

#[test]
fn progress_says_the_place_in_line_and_costs_no_call_of_its_own() {
    let app = TestApp::setup().set("IMAGE_API_KEYS", "sk-the-only-key-of-this-test").build();
    app.gives_images();
    let first = app.start(TestRequest::get("/?prompt=first"));
    app.advance(100);
    let mut params = tool("generate_image", &json!({ "prompt": "a cat in line" }));
    params["_meta"]["progressToken"] = json!("t");
    let request = TestRequest::post(MCP, &message("tools/call", &params)).with("Accept", "text/event-stream");
    let calls = app.makers.calls();
    let second = app.start(request);
    assert_eq!(app.finish(&first).status, 302);
    let all = events(&app.finish(&second));
    assert_eq!(app.makers.calls() - calls, 2, "one makes it, one brings the bytes of a small picture");
    let words = all[0].1["params"]["message"].as_str().expect("words");
    assert!(words.starts_with("waiting: position 1, about "), "{words}");
    let content = all.last().expect("a result").1["result"]["content"].as_array().expect("blocks").clone();
    assert_eq!(content.last().expect("a block")["type"], "image");
}

#[test]
fn odd_messages_never_break_it() {
    let app = TestApp::working();
    let odd =
        [json!(null), json!(true), json!(-1), json!(1e300), json!("\u{0}\"\\"), json!([]), json!([[]]), json!({})];
    for method in ["initialize", "ping", "tools/list", "tools/call", "server/discover"] {
        for value in &odd {
            let params = [
                value.clone(),
                json!({ "_meta": value, "name": value, "arguments": value, "protocolVersion": value }),
                json!({ "_meta": { META_VERSION: value, "progressToken": value }, "name": "list_models" }),
                json!({ "name": "generate_image", "arguments": { "prompt": value, "size": value, "seed": value } }),
                json!({ "name": "generate_image", "arguments": { "prompt": "x", "model": value, "optimization": value } }),
            ];
            for params in params {
                let reply = legacy(&app, method, &params);
                let body = reply.json();
                assert!(matches!(reply.status, 200 | 400), "{method} {params}");
                assert!(body["result"].is_object() != body["error"].is_object(), "{method} {params}: {body}");
            }
        }
    }
}
