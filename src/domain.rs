//! The nouns of the service: values that are valid once they exist.

pub mod account;
pub mod date;
pub mod drawn_prompt;
pub mod flag;
pub mod hops;
pub mod host;
pub mod image_format;
pub mod image_id;
pub mod image_record;
pub mod image_request;
pub mod numbers;
pub mod prompt;
pub mod route_path;
pub mod size;
pub mod visible_text;

pub use drawn_prompt::DrawnPrompt;
pub use hops::Hops;
pub use image_format::Pixels;
pub use image_id::ImageId;
pub use image_record::{ImageRecord, PromptStatus, RequestFingerprint};
pub use image_request::{ImageRequest, PromptMode};
pub use numbers::{Guidance, Seed, Steps};
pub use prompt::Prompt;
pub use size::Size;
