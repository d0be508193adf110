//! The nouns of the service: values that are valid once they exist.

pub mod image_format;
pub mod image_id;
pub mod image_record;
pub mod image_request;
pub mod numbers;
pub mod prompt;
pub mod size;
pub mod svg_text;

pub use image_id::ImageId;
pub use image_record::{Asked, ImageRecord, Pixels, PromptStatus};
pub use image_request::{ImageRequest, Treatment};
pub use numbers::{Guidance, Seed, Steps};
pub use prompt::Prompt;
pub use size::Size;
