//! A text-to-image API on Cloudflare Workers: FLUX.1-schnell behind one URL, for free.
//!
//! A request is parsed into an `ImageRequest`, whose id is known before any upstream is called. The image of that id is
//! in the store, or one Durable Object makes it, once, however many callers ask for it. ARCHITECTURE.md has the picture
//! and the layers: a file imports only from files further down, and `tests/native/layers.rs` checks it.

pub mod access;
pub mod api;
pub mod app;
pub mod config;
pub mod domain;
pub mod error;
pub mod http;
pub mod image_maker;
pub mod key_ring;
pub mod pipeline;
#[cfg(target_arch = "wasm32")]
mod platform;
pub mod ports;
pub mod router;
pub mod svg;
pub mod upstream;
