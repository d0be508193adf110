//! Access control for new images: tokens, signed URLs, pages on the owner's list.

mod caller;
mod policy;
pub mod signature;
#[cfg(test)]
mod tests;
mod visitor;

pub use caller::Caller;
pub use visitor::visitor;
