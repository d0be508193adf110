//! free-flux-api.
pub mod access;
pub mod api;
pub mod app;
pub mod config;
pub mod domain;
pub mod error;
pub mod http;
pub mod pipeline;
#[cfg(target_arch = "wasm32")]
mod platform;
pub mod ports;
pub mod upstream;
