//! The native tests: the whole core against ports that are faked.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod identity;
mod image_request;
mod key_ring_properties;
mod key_ring_throughput;
mod redirects;
mod support;
mod upstream_properties;
