//! The Cloudflare Workers platform: the only files that name `worker`.

mod ai;
mod analytics;
mod app;
mod assets;
mod convert;
mod entry;
mod env;
mod fetch;
mod fetcher;
mod image_maker_object;
mod js_error;
mod key_ring_object;
mod kv;
mod live;
mod object_namespace;
mod rate_limiter;
mod runtime;
mod settled;
mod storage;
mod stream;
