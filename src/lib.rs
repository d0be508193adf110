//! A text-to-image API on Cloudflare Workers: FLUX.1-schnell behind one URL, for free.
//!
//! ```text
//! Worker (any edge location)                              Durable Objects (one place each)
//! request → parse → ImageRequest → id ─┬─ an id in the URL and If-None-Match? → 304
//!                                      ├─ the library has it → stream it → 200
//!                                      └─→ ImageMaker(id): one generation, however many ask
//!                                             may this caller start one? the rate limit
//!                                             rewrite the prompt (soft)
//!                                             lease a key ←→ KeyRing: in turn, cooled, waited for
//!                                             call the image API, fetch the bytes, check them
//!                                             keep them, give them to the library → 302 / 200
//! ```
//!
//! All but the last of these modules are free of the platform, run natively and are tested there. A
//! file imports from modules in its own line of this list, or further up:
//!
//! - [`domain`], [`error`], [`http`], [`json`], [`ports`]: prompt, size, seed, image request, image id: values that are
//!   valid once they exist; whose fault what is; HTTP as plain data; our own JSON; what the core needs of a platform.
//! - [`config`]: the settings.
//! - [`upstream`]: the vendors' wire formats, and the rotation of keys.
//! - [`pipeline`]: the steps from a request to an image, and the maker that takes them once.
//! - [`access`]: who may have images made.
//! - [`api`], [`app`]: a file for each way in, and the one that makes answers of errors; the list of routes.
//! - `platform`, on wasm32 alone: the only files that name `worker`.

pub mod access;
pub mod api;
pub mod app;
pub mod config;
pub mod domain;
pub mod error;
pub mod http;
pub mod json;
pub mod pipeline;
#[cfg(target_arch = "wasm32")]
mod platform;
pub mod ports;
pub mod upstream;
