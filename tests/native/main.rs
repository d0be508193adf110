//! The native tests: the whole core against ports that are faked.
mod upstream_properties;
