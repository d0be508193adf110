//! The ways in: what each route reads of a request, and what it answers.

pub mod chat;
pub mod delete_image;
pub mod error_card;
pub mod error_reply;
pub mod get_image;
pub mod health;
pub mod image_fields;
pub mod image_query;
pub mod image_reply;
pub mod json_fields;
pub mod lookup;
pub mod models;
pub mod obtain;
pub mod pages;
pub mod params;
pub mod post_images;
pub mod sign;
