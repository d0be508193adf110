//! The HTTP handlers: for each route, the parsing of the request and the response.

pub mod chat;
pub mod chat_task;
pub mod conversation;
pub mod delete_image;
pub mod error_reply;
pub mod etag;
pub mod events;
pub mod file_name;
pub mod find_image;
pub mod get_image;
pub mod health;
pub mod image_fields;
pub mod image_query;
pub mod image_reply;
pub mod images;
pub mod images_answer;
pub mod json_body;
pub mod json_fields;
pub mod markdown;
pub mod models;
pub mod pages;
pub mod post_images;
pub mod sign;
pub mod talk;
pub mod url_query;
