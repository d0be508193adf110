//! Providers that `IMAGE_ENDPOINTS` knows by name, a row each.

use super::api::Api;

/// A provider of images: all that an entry of `IMAGE_ENDPOINTS` need not say.
#[derive(Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name in the setting.
    pub name: &'static str,
    /// Its URL, with `{account}` in place of an account. One that ends in `/` is completed by the model's name.
    pub url: &'static str,
    /// Its wire format.
    pub api: Api,
    /// Its models: our name and its own.
    pub models: &'static [(&'static str, &'static str)],
    /// The sizes it takes.
    pub sizes: Sizes,
    /// The fields of its format that it takes beyond model and prompt.
    pub fields: &'static [&'static str],
}

/// The sizes that a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sizes {
    /// Every size.
    Any,
    /// These widths and heights.
    Listed(&'static [(u32, u32)]),
    /// Sides within a range.
    Sides {
        /// The shortest side.
        min: u32,
        /// The longest side.
        max: u32,
        /// Each side is a multiple of this.
        step: u32,
        /// The most pixels of the whole.
        max_pixels: u32,
    },
}
