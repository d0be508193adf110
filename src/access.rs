//! Who may have images made: tokens, signed URLs, pages on the owner's list.

mod caller;
mod policy;
pub mod signature;
#[cfg(test)]
mod tests;
mod visitor;

pub use caller::Caller;
