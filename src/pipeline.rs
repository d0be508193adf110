//! How an image comes about: the steps in their order, and the one place where each is made.

pub mod deadline;
pub mod download;
pub mod generate;
pub mod image_maker;
pub mod library;
pub mod make_image;
pub mod maker_state;
pub mod memory;
pub mod rewrite_prompt;
pub mod rotation;
pub mod timing;
