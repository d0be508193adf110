//! Dispatches requests: the table of all routes.

use futures_util::future::LocalBoxFuture;

use crate::api::image_query::PromptPlace;
use crate::api::url_query::Params;
use crate::api::{
    chat, delete_image, error_reply, get_image, health, list_images, mcp, metrics, models, pages, post_images,
    responses, rewrite, sign, stats,
};
use crate::app::App;
use crate::domain::route_path::{is_api, route_path};
use crate::error::{Error, ErrorKind};
use crate::http::{Method, Request, Response, SharedFields};

/// The handler of a route; the text is the variable part of the path.
type Handler = for<'a> fn(&'a App, &'a Request, &'a str) -> LocalBoxFuture<'a, Result<Response, Error>>;

/// A path with its methods and handlers.
pub struct Route {
    /// The path; `{…}` is the variable part.
    pub path: &'static str,
    /// The methods, apart from `OPTIONS`, which every path supports.
    pub methods: &'static [Method],
    handler: Handler,
    /// The path before the variable part.
    start: &'static str,
    /// The name of the variable part, in its braces; empty if there is none.
    variable: &'static str,
}

const READ: &[Method] = &[Method::Get, Method::Head];
const GET: &[Method] = &[Method::Get];
const WRITE: &[Method] = &[Method::Post];

const fn route(path: &'static str, methods: &'static [Method], handler: Handler) -> Route {
    let mut rest = path.as_bytes();
    while let [first, more @ ..] = rest
        && *first != b'{'
    {
        rest = more;
    }
    let (start, variable) = path.split_at(path.len() - rest.len());
    Route { path, methods, handler, start, variable }
}

/// Every route of the Worker. The platform serves the static assets.
pub const ROUTES: &[Route] = &[
    route("/", READ, |app, request, _| Box::pin(root(app, request))),
    route("/prompt/{prompt}", READ, |app, request, prompt| {
        Box::pin(get_image::by_prompt(app, request, PromptPlace::Path(prompt)))
    }),
    route("/i/{id}", READ, |app, request, id| Box::pin(get_image::by_permalink(app, request, id))),
    route("/i/{id}", &[Method::Delete], |app, request, id| Box::pin(delete_image::delete_image(app, request, id))),
    route("/v1/images/generations", WRITE, |app, request, _| Box::pin(post_images::post_images(app, request))),
    route("/v1/image/generations", WRITE, |app, request, _| Box::pin(post_images::post_images(app, request))),
    route("/v1/chat/completions", WRITE, |app, request, _| Box::pin(chat::chat(app, request))),
    route("/v1/responses", WRITE, |app, request, _| Box::pin(responses::responses(app, request))),
    route("/v1/prompt", WRITE, |app, request, _| Box::pin(rewrite::rewrite(app, request))),
    route("/v1/models", READ, |app, _, _| Box::pin(async { models::list(app) })),
    route("/v1/models/{model}", READ, |app, _, model| Box::pin(async { models::one(app, model) })),
    route("/v1/images", GET, |app, request, _| Box::pin(list_images::list_images(app, request))),
    route("/v1/stats", GET, |app, request, _| Box::pin(stats::stats(app, request))),
    route("/metrics", GET, |app, request, _| Box::pin(metrics::metrics(app, request))),
    route("/v1/sign", WRITE, |app, request, _| Box::pin(sign::sign(app, request))),
    route("/mcp", WRITE, |app, request, _| Box::pin(mcp::mcp(app, request))),
    route("/health", READ, |app, request, _| Box::pin(health::health(app, request))),
];

/// The most bytes of a body that are read where there is no use for them: a form with a small picture.
const MAX_IGNORED_BYTES: usize = 64 * 1024;

/// The methods in the preflight response of an unknown path.
const UNKNOWN_ROUTE: &[Method] = &[Method::Get, Method::Head, Method::Post, Method::Delete];

/// What every response has, also an error. A page keeps the policies of its file.
const SHARED: SharedFields = &[
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", EXPOSED),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", POLICY),
    ("Referrer-Policy", "no-referrer"),
];

/// The response headers that a page on another host may read.
const EXPOSED: &str = "X-Cache, X-Image-Id, X-Image-Size, X-Model, X-Prompt, X-Prompt-Status, X-Seed, X-Error-Code, \
                       Retry-After, Location, Preference-Applied, Content-Location, Content-Disposition, ETag, \
                       Server-Timing";

/// The content security policy of everything but pages: an image, a card or JSON that is opened by itself runs and
/// loads nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// Handles a request.
pub async fn handle(app: &App, request: &Request) -> Response {
    let response = dispatch(app, request).await;
    note_hit(app, &response);
    response.sharing(SHARED)
}

/// Writes a data point about an image that was there already.
fn note_hit(app: &App, response: &Response) {
    let Some(analytics) = &app.analytics else { return };
    let header = |name| response.headers.get(name);
    if let (Some(cache @ "HIT"), Some(id)) = (header("X-Cache"), header("X-Image-Id")) {
        analytics.hit(id, cache, response.status);
    }
}

async fn dispatch(app: &App, request: &Request) -> Response {
    let path = &*route_path(request.url.path());
    if let Some(route) = ROUTES.iter().find(|route| route.methods.contains(&request.method) && route.matches(path)) {
        let variable = path.get(route.start.len()..).unwrap_or_default();
        return match (route.handler)(app, request, variable).await {
            Ok(response) => response,
            Err(error) => error_reply::reply(app, request, &error).await,
        };
    }
    let methods = methods_of(path);
    if request.method == Method::Options {
        // Also for an unknown path: otherwise a page on another host could not see the 404.
        return preflight(if methods.is_empty() { UNKNOWN_ROUTE } else { &methods });
    }
    // A connection is closed after an answer before the body's end, and a client that still sends may never see the answer.
    drop(request.body.read(MAX_IGNORED_BYTES).await);
    if methods.is_empty() {
        return error_reply::reply(app, request, &not_found(app, request, path)).await;
    }
    let allow = allow(&methods);
    let message = format!("This path does not answer that method. It answers: {allow}.");
    let error = Error::new(ErrorKind::MethodNotAllowed, message);
    error_reply::reply(app, request, &error).await.with("Allow", allow)
}

/// Handles `/`: an image if one is requested, otherwise the usage page.
async fn root(app: &App, request: &Request) -> Result<Response, Error> {
    let params = Params::of(&request.url);
    let asks_for_image = params.has("prompt") || params.has("id");
    if asks_for_image { get_image::by_prompt(app, request, PromptPlace::Query).await } else { pages::usage(app).await }
}

/// The error of an unknown path. Below `/v1` it says what a client's base URL should be.
fn not_found(app: &App, request: &Request, path: &str) -> Error {
    if !is_api(path) {
        return Error::not_found();
    }
    let base = app.absolute(request, "/v1");
    let wants_edit = ["/edits", "/variations"].iter().any(|end| path.ends_with(end));
    let problem = if wants_edit {
        "This service draws pictures from text alone: it neither edits nor varies one."
    } else {
        "There is nothing at this path. This service draws pictures from text."
    };
    let message = format!(
        "{problem} A client's base URL is {base}; it has POST {base}/images/generations, {base}/chat/completions and \
         {base}/responses, and GET {base}/models."
    );
    Error::new(ErrorKind::NotFound, message)
}

impl Route {
    /// True if the route matches `path`. A prompt and a model's name may contain slashes.
    fn matches(&self, path: &str) -> bool {
        let Some(rest) = path.strip_prefix(self.start) else { return false };
        match self.variable {
            "" => rest.is_empty(),
            "{prompt}" => true,
            "{model}" => !rest.is_empty(),
            _ => !rest.is_empty() && !rest.contains('/'),
        }
    }
}

/// The methods of `path`; empty for an unknown path.
fn methods_of(path: &str) -> Vec<Method> {
    ROUTES.iter().filter(|route| route.matches(path)).flat_map(|route| route.methods).copied().collect()
}

/// The value of an `Allow` header.
fn allow(methods: &[Method]) -> String {
    let names: Vec<_> = methods.iter().chain(&[Method::Options]).map(|method| method.name()).collect();
    names.join(", ")
}

/// The response to a CORS preflight. `*` does not cover `Authorization`, so the headers are listed.
fn preflight(methods: &[Method]) -> Response {
    Response::new(204)
        .with("Access-Control-Allow-Methods", allow(methods))
        .with(
            "Access-Control-Allow-Headers",
            "Authorization, Content-Type, If-None-Match, Prefer, X-Api-Key, \
               MCP-Protocol-Version, Mcp-Method, Mcp-Name, *",
        )
        .with("Access-Control-Max-Age", "86400")
}
