//! Pictures that the Worker draws itself: the error card, and demo pictures.

pub mod demo;
pub mod error_card;
pub mod text;
