//! The making of an image, step by step.

pub mod attempts;
pub mod deadline;
pub mod download;
mod exclusions;
pub mod final_error;
pub mod generate;
pub mod image_store;
pub mod job;
pub mod key_rotation;
pub mod make_image;
pub mod rewrite_prompt;
pub mod tally;
pub mod timing;
