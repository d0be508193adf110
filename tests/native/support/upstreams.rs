//! The upstreams' formats: the checks of each call, and the normal response.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use free_flux_api::http::{Headers, IncomingResponse, Method, OutgoingRequest};
use serde_json::{Value, json};

use super::http::Call;

/// An upstream, identified by its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Upstream {
    /// `BigModel`'s chat API.
    Chat,
    /// `SiliconFlow`'s images API.
    Image,
    /// `SiliconFlow`'s image host.
    Host,
    /// A gateway that speaks `OpenAI`'s format.
    OpenAi,
    /// Cloudflare Workers AI.
    WorkersAi,
    /// The owner's own error picture.
    ErrorPicture,
}

const CHAT_URL: &str = "https://open.bigmodel.cn/api/paas/v4/chat/completions";
const IMAGE_URL: &str = "https://api.siliconflow.cn/v1/image/generations";
const HOST_URL: &str = "https://images.siliconflow.test/";
pub(crate) const OPENAI_URL: &str = "https://gateway.test/v1/images/generations";
pub(crate) const WORKERS_AI_URL: &str =
    "https://api.cloudflare.com/client/v4/accounts/a/ai/run/@cf/black-forest-labs/flux-1-schnell";
pub(crate) const ERROR_PICTURE_URL: &str = "https://owner.test/oops.png";

impl Upstream {
    /// The upstream of a URL; the test fails for any other URL.
    pub(super) fn of(url: &str) -> Self {
        match url {
            CHAT_URL => Self::Chat,
            IMAGE_URL => Self::Image,
            OPENAI_URL => Self::OpenAi,
            WORKERS_AI_URL => Self::WorkersAi,
            ERROR_PICTURE_URL => Self::ErrorPicture,
            url if url.starts_with(HOST_URL) => Self::Host,
            url => panic!("a call to {url}, which is nobody's address"),
        }
    }

    /// Fails the test if the upstream would not accept the call.
    pub(super) fn check(self, request: &OutgoingRequest, body: &Value) {
        let (method, fields): (_, &[&str]) = match self {
            Self::Chat => (Method::Post, &["model", "messages", "max_tokens", "do_sample", "thinking"]),
            Self::Image => (
                Method::Post,
                &[
                    "model",
                    "prompt",
                    "image_size",
                    "seed",
                    "negative_prompt",
                    "num_inference_steps",
                    "guidance_scale",
                    "batch_size",
                ],
            ),
            Self::OpenAi => (
                Method::Post,
                &[
                    "model",
                    "prompt",
                    "n",
                    "size",
                    "width",
                    "height",
                    "seed",
                    "steps",
                    "negative_prompt",
                    "guidance_scale",
                ],
            ),
            Self::WorkersAi => (Method::Post, &["prompt", "steps", "seed"]),
            Self::Host | Self::ErrorPicture => (Method::Get, &[]),
        };
        assert_eq!(request.method, method, "{}", request.url);
        assert_eq!(request.body.is_some(), method == Method::Post, "{}", request.url);
        let names: Vec<_> = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        let expected: &[&str] = match self {
            Self::Chat => &["content-type", "accept", "authorization"],
            Self::Image | Self::OpenAi | Self::WorkersAi => {
                &["content-type", "accept", "authorization", "x-free-flux-hop"]
            }
            Self::Host | Self::ErrorPicture => &["accept"],
        };
        assert_eq!(names, expected, "the headers of a call to {}", request.url);
        if let Some(given) = body.as_object() {
            assert!(given.keys().all(|field| fields.contains(&field.as_str())), "{body}");
        }
        match self {
            Self::Chat => check_chat(body),
            Self::Image => check_image(body),
            Self::OpenAi | Self::WorkersAi => assert!(body["prompt"].is_string(), "{body}"),
            Self::Host | Self::ErrorPicture => {}
        }
    }

    /// The normal response.
    pub(super) fn good(self, call: &Call) -> IncomingResponse {
        match self {
            Self::Chat => says("a cat in the snow"),
            Self::Image => {
                let size = call.body["image_size"].as_str().unwrap_or_default();
                let seed = call.body["seed"].as_u64().unwrap_or(4_000_000_000 + call.number);
                let url = format!("{HOST_URL}{}/{size}.png?sig=s", call.number);
                json_reply(
                    200,
                    &json!({ "images": [{ "url": url }], "timings": { "inference": 1.2 }, "seed": seed, "data": [] }),
                )
            }
            Self::OpenAi => json_reply(200, &json!({ "created": 1, "data": [{ "b64_json": base64(call.number) }] })),
            Self::WorkersAi => {
                json_reply(200, &json!({ "result": { "image": base64(call.number) }, "success": true, "errors": [] }))
            }
            Self::Host => picture(&call.request.url),
            Self::ErrorPicture => picture("https://owner.test/0/64x64.png"),
        }
    }
}

fn check_chat(body: &Value) {
    let roles: Vec<_> = body["messages"].as_array().into_iter().flatten().map(|message| &message["role"]).collect();
    assert_eq!(roles, ["system", "user"], "{body}");
    assert!(body["model"].is_string() && body["max_tokens"].is_u64(), "{body}");
}

fn check_image(body: &Value) {
    assert!(body["model"].is_string(), "{body}");
    assert!(body["prompt"].as_str().is_some_and(|prompt| !prompt.is_empty()), "{body}");
    let sides = body["image_size"].as_str().and_then(|size| size.split_once('x'));
    assert!(sides.is_some_and(|(w, h)| w.parse::<u32>().is_ok() && h.parse::<u32>().is_ok()), "{body}");
    assert!(body.get("seed").is_none_or(|seed| seed.as_u64().is_some_and(|seed| seed <= 9_999_999_999)), "{body}");
}

/// The chat API's response with this text.
pub(super) fn says(text: &str) -> IncomingResponse {
    json_reply(
        200,
        &json!({ "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": text } }] }),
    )
}

fn json_reply(status: u16, body: &Value) -> IncomingResponse {
    let headers = Headers::from_iter([("Content-Type", "application/json")]);
    IncomingResponse { status, headers, body: body.to_string().into_bytes() }
}

/// Picture `number`, in base64.
fn base64(number: u64) -> String {
    STANDARD.encode(png(512, 512, number))
}

/// The picture at a URL of the form `…/{number}/{width}x{height}.png`.
fn picture(url: &str) -> IncomingResponse {
    let path = url.split('?').next().unwrap_or_default();
    let mut parts = path.rsplit('/');
    let size = parts.next().and_then(|name| name.strip_suffix(".png")).unwrap_or_default();
    let number = parts.next().and_then(|number| number.parse().ok()).unwrap_or_default();
    let (width, height) = size.split_once('x').unwrap_or_default();
    let length = |text: &str| text.parse().unwrap_or_default();
    let headers = Headers::from_iter([("Content-Type", "image/png")]);
    IncomingResponse { status: 200, headers, body: png(length(width), length(height), number) }
}

/// The bytes of a picture of this many bytes, which is whole.
pub(crate) fn png_of_bytes(count: usize) -> Vec<u8> {
    let mut bytes = png(512, 512, 9);
    let end = bytes.split_off(bytes.len() - 8);
    bytes.resize(count - end.len(), 7);
    bytes.extend(end);
    bytes
}

/// The bytes of picture `number`: as much of a PNG as the tests need, and its end.
pub(crate) fn png(width: u32, height: u32, number: u64) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend(b"\x08\x02\0\0\0");
    bytes.extend(number.to_be_bytes());
    bytes.extend([0; 32]);
    bytes.extend(b"IEND\xAEB`\x82");
    bytes
}
