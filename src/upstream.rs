//! The wire formats of the upstreams.

pub mod chat;
pub mod chat_answer;
pub mod classify;
pub mod error_body;
pub mod image_api;
pub mod image_call;
mod image_list;
mod json_post;
pub mod openai;
mod retry_after;
pub mod siliconflow;
pub mod workers_ai;
