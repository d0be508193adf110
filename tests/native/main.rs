//! The native tests: the whole core against ports that are faked.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod access_rules;
mod beside_an_id;
mod conditional;
mod fallbacks;
mod fault_matrix;
mod identity;
mod image_request;
mod key_ring_properties;
mod key_ring_throughput;
mod kv_outage;
mod operations;
mod rate_limit;
mod redirects;
mod single_flight;
mod support;
mod upstream_properties;
