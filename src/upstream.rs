//! The upstreams' wire formats, and the rotation of keys: what they speak, and nothing else.

pub mod chat;
pub mod chat_answer;
pub mod demo;
pub mod failure;
pub mod image_call;
mod image_list;
mod json_post;
pub mod key_ring;
pub mod openai;
mod retry_after;
pub mod siliconflow;
pub mod workers_ai;

pub use image_call::{ImageAnswer, ImageCall, ImageSource};
