//! The wire formats of the upstreams.

mod bigmodel;
pub mod chat;
pub mod chat_answer;
pub mod classify;
mod codes;
pub mod error_body;
pub mod image_api;
pub mod image_call;
mod image_list;
mod nvidia;
mod openai;
mod post;
mod refusal;
mod retry_after;
mod siliconflow;
mod workers_ai;
