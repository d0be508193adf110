//! The ways in: what each route reads of a request, and what it answers.

pub mod error_card;
pub mod error_reply;
pub mod get_image;
pub mod health;
pub mod image_query;
pub mod image_reply;
pub mod lookup;
pub mod pages;
pub mod params;
