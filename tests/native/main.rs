//! The native tests: the whole core with faked ports.
#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod access_rules;
mod addresses;
mod conditional;
mod documents;
mod endpoints;
mod error_answers;
mod fallbacks;
mod fault_matrix;
mod identity;
mod image_request;
mod key_ring_models;
mod key_ring_properties;
mod key_ring_service;
mod key_ring_throughput;
mod kv_outage;
mod layers;
mod list_images;
mod mcp;
mod operations;
mod owner_stats;
mod post_apis;
mod quotas;
mod rate_limit;
mod redirects;
mod removal;
mod respond_async;
mod responses_api;
mod secrets;
mod single_flight;
mod stale_id;
mod store_contract;
mod support;
mod turns;
mod upstream_properties;
