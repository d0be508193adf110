//! The Cloudflare Workers platform: the only files that name `worker`.

mod assets;
mod bindings;
mod convert;
mod entry;
mod fetch;
mod image_maker;
mod key_ring;
mod kv;
mod service;
mod small;
mod storage;
