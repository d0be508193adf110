//! From a request to its answer: the one list of routes.

use std::rc::Rc;

use crate::api::image_query::PromptPlace;
use crate::api::{chat, delete_image, error_reply, get_image, health, models, pages, post_images, sign};
use crate::config::Config;
use crate::error::Error;
use crate::http::{Method, Request, Response};
use crate::ports::{Assets, Normalizer, Outside};

/// A path and the methods that it answers, as documents show it.
pub struct Route {
    /// The path; `{…}` stands for what varies.
    pub path: &'static str,
    /// The methods, but for `OPTIONS`, which every path answers.
    pub methods: &'static [Method],
}

const READ: &[Method] = &[Method::Get, Method::Head];
const WRITE: &[Method] = &[Method::Post];

/// Every route of the Worker. Static assets are the platform's.
pub const ROUTES: &[Route] = &[
    Route { path: "/", methods: READ },
    Route { path: "/prompt/{prompt}", methods: READ },
    Route { path: "/i/{id}", methods: &[Method::Get, Method::Head, Method::Delete] },
    Route { path: "/v1/images/generations", methods: WRITE },
    Route { path: "/v1/image/generations", methods: WRITE },
    Route { path: "/v1/chat/completions", methods: WRITE },
    Route { path: "/v1/models", methods: READ },
    Route { path: "/v1/models/{model}", methods: READ },
    Route { path: "/v1/sign", methods: WRITE },
    Route { path: "/health", methods: READ },
];

/// What stands for a path where there is nothing.
const NOWHERE: Route = Route { path: "", methods: &[Method::Get, Method::Head, Method::Post, Method::Delete] };

/// The headers that a page on another host may read of an answer.
const EXPOSED: &str = "X-Cache, X-Image-Id, X-Image-Size, X-Model, X-Prompt, X-Prompt-Status, X-Seed, X-Error-Code, \
                       Retry-After, Content-Location, ETag, Server-Timing";

/// The policy of what is no page: opened by itself, a picture, a card or a JSON runs and loads nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// The Worker's core: its settings and what it needs of the platform.
pub struct App {
    /// The settings.
    pub config: Rc<Config>,
    /// Upstreams, library, makers, time, chance, log.
    pub outside: Outside,
    /// Unicode's NFC.
    pub normalizer: Rc<dyn Normalizer>,
    /// The static files; `None` where they are not bound.
    pub assets: Option<Rc<dyn Assets>>,
    /// Whether `RATE_LIMITER` is bound, for `/health`.
    pub rate_limited: bool,
}

impl App {
    /// Answers a request. Every answer has the CORS headers and those that keep it harmless, an error's included; a
    /// page keeps the policies that came with its file.
    pub async fn handle(&self, request: &Request) -> Response {
        let response = match self.route(request).await {
            Ok(response) => response,
            Err(error) => error_reply::reply(self, request, &error).await,
        };
        response
            .with("Access-Control-Allow-Origin", "*")
            .with("Access-Control-Expose-Headers", EXPOSED)
            .with("X-Content-Type-Options", "nosniff")
            .with_default("Content-Security-Policy", POLICY)
            .with_default("Referrer-Policy", "no-referrer")
    }

    /// A path of this service as an absolute URL, on the host that the caller asked.
    pub fn absolute(&self, request: &Request, path: &str) -> String {
        request.url.join(path).map_or_else(|_| path.to_owned(), Into::into)
    }

    async fn route(&self, request: &Request) -> Result<Response, Error> {
        let path = request.url.path();
        let route = ROUTES.iter().find(|route| route.fits(path));
        if request.method == Method::Options {
            // Where there is nothing, too: else a page on another host could not see the 404.
            return Ok(preflight(route.unwrap_or(&NOWHERE)));
        }
        let route = route.ok_or(Error::NotFound)?;
        if !route.methods.contains(&request.method) {
            return Err(Error::MethodNotAllowed { allow: route.allow() });
        }
        let rest = path.strip_prefix(route.start()).unwrap_or_default();
        match route.path {
            "/" if has_image(request) => get_image::by_prompt(self, request, PromptPlace::Query).await,
            "/" => pages::usage(self).await,
            "/prompt/{prompt}" => get_image::by_prompt(self, request, PromptPlace::Path(rest)).await,
            "/i/{id}" if request.method == Method::Delete => delete_image::delete_image(self, request, rest).await,
            "/i/{id}" => get_image::by_permalink(self, request, rest).await,
            "/v1/images/generations" | "/v1/image/generations" => post_images::post_images(self, request).await,
            "/v1/chat/completions" => chat::chat(self, request).await,
            "/v1/models" => models::list(self),
            "/v1/models/{model}" => models::one(self, rest),
            "/v1/sign" => sign::sign(self, request).await,
            "/health" => health::health(self, request).await,
            _ => Err(Error::NotFound),
        }
    }
}

impl Route {
    /// The path up to what varies, which stands at its end.
    fn start(&self) -> &'static str {
        self.path.split_once('{').map_or(self.path, |(start, _)| start)
    }

    /// Whether this is the route of `path`. A prompt and a model's name may have slashes.
    fn fits(&self, path: &str) -> bool {
        match (path.strip_prefix(self.start()), self.path.split_once('{')) {
            (Some(rest), None) => rest.is_empty(),
            (Some(_), Some((_, "prompt}"))) => true,
            (Some(rest), Some((_, "model}"))) => !rest.is_empty(),
            (Some(rest), Some(_)) => !rest.is_empty() && !rest.contains('/'),
            (None, _) => false,
        }
    }

    fn allow(&self) -> String {
        let methods: Vec<_> = self.methods.iter().chain(&[Method::Options]).map(|method| method.name()).collect();
        methods.join(", ")
    }
}

/// Whether `/` was asked for an image, rather than for the usage page.
fn has_image(request: &Request) -> bool {
    request.url.query_pairs().any(|(name, _)| name == "prompt" || name == "id")
}

/// The answer to a CORS preflight. `*` does not cover `Authorization`, so headers are named.
fn preflight(route: &Route) -> Response {
    Response::new(204)
        .with("Access-Control-Allow-Methods", route.allow())
        .with("Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match, *")
        .with("Access-Control-Max-Age", "86400")
}
