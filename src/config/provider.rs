//! The providers that `IMAGE_ENDPOINTS` knows by name: a row each, with the date of its source. None of them can be
//! reached from where this was written.

use super::api::Api;
use super::sizes::Sizes;

/// The default model of this service, by our name.
pub(super) const FLUX_SCHNELL: &str = "black-forest-labs/FLUX.1-schnell";

/// A provider of images: all that an entry of `IMAGE_ENDPOINTS` need not say.
#[derive(Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name in the setting.
    pub name: &'static str,
    /// Its URL, with [`ACCOUNT`] in place of an account. One that ends in `/` is completed by the model's name.
    pub url: &'static str,
    /// Its wire format.
    pub api: Api,
    /// Its models: our name and its own.
    pub models: &'static [(&'static str, &'static str)],
    /// The sizes it takes; the nearest is sent.
    pub sizes: Sizes,
    /// The fields of its format that it takes beyond model and prompt.
    pub fields: &'static [&'static str],
    /// The most steps it takes.
    pub max_steps: u32,
}

/// The place of the account in a [`Provider::url`].
pub(super) const ACCOUNT: &str = "{account}";

/// The sides that NVIDIA's API takes for FLUX.1: 768 to 1,344 in steps of 64.
pub const NVIDIA_SIZES: Sizes = Sizes::Sides { min: 768, max: 1_344, step: 64, max_pixels: u32::MAX };
/// The most steps that NVIDIA's API takes for FLUX.1-schnell.
pub const NVIDIA_MAX_STEPS: u32 = 4;

/// The table.
pub(super) static PROVIDERS: &[Provider] = &[
    // Clients on GitHub, September 2026: the fixed sizes, no seed and no steps; 30 to 120 s an image.
    Provider {
        name: "sensenova",
        url: "https://token.sensenova.cn/v1/images/generations",
        api: Api::OpenAi,
        models: &[("sensenova-u1-fast", "sensenova-u1-fast")],
        sizes: Sizes::Listed(&[
            (2_048, 2_048),
            (1_664, 2_496),
            (2_496, 1_664),
            (1_760, 2_368),
            (2_368, 1_760),
            (1_824, 2_272),
            (2_272, 1_824),
            (2_752, 1_536),
            (1_536, 2_752),
            (3_072, 1_376),
            (1_344, 3_136),
        ]),
        fields: &["size"],
        max_steps: 0,
    },
    // Clients on GitHub, September 2026: OpenAI's fields, sizes such as 1024x768 and 1792x1024.
    Provider {
        name: "agnes",
        url: "https://apihub.agnes-ai.com/v1/images/generations",
        api: Api::OpenAi,
        models: &[("agnes-image-2.1-flash", "agnes-image-2.1-flash")],
        sizes: Sizes::Any,
        fields: &["size"],
        max_steps: 0,
    },
    // Clients on GitHub, September 2026: 40 calls a minute, for trial use only.
    Provider {
        name: "nvidia",
        url: "https://ai.api.nvidia.com/v1/genai/black-forest-labs/flux.1-schnell",
        api: Api::Nvidia,
        models: &[(FLUX_SCHNELL, "black-forest-labs/flux.1-schnell")],
        sizes: NVIDIA_SIZES,
        fields: &["width", "height", "seed", "steps"],
        max_steps: NVIDIA_MAX_STEPS,
    },
    // Cloudflare's API reference, 2026: the URL is completed by the model. What each model takes is known by its name.
    Provider {
        name: "cloudflare",
        url: "https://api.cloudflare.com/client/v4/accounts/{account}/ai/run/",
        api: Api::WorkersAi,
        models: &[(FLUX_SCHNELL, "@cf/black-forest-labs/flux-1-schnell")],
        sizes: Sizes::Any,
        fields: &[],
        max_steps: 0,
    },
    // Together's API reference and clients, 2026: sides are multiples of 16, FLUX.1-schnell takes 1 to 12 steps.
    Provider {
        name: "together",
        url: "https://api.together.xyz/v1/images/generations",
        api: Api::OpenAi,
        models: &[(FLUX_SCHNELL, FLUX_SCHNELL)],
        sizes: Sizes::Sides { min: 64, max: 1_792, step: 16, max_pixels: u32::MAX },
        fields: &["width", "height", "seed", "steps"],
        max_steps: 12,
    },
];

/// The names of all providers, for a message.
pub(super) const NAMES: &str = "sensenova, agnes, nvidia, cloudflare or together";

impl Provider {
    /// The row of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.name.eq_ignore_ascii_case(name))
    }

    /// True if it may have a model of this name, which is its own.
    pub(super) fn has(&self, model: &str) -> bool {
        match self.api {
            Api::Nvidia => self.models.iter().any(|(_, theirs)| *theirs == model),
            Api::WorkersAi => model.starts_with('@'),
            _ => true,
        }
    }

    /// True if it takes this field.
    pub fn takes(&self, field: &str) -> bool {
        self.fields.contains(&field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_named_in_the_message_and_has_a_url_of_its_format() {
        for provider in PROVIDERS {
            assert!(NAMES.contains(provider.name), "{}", provider.name);
            let url = url::Url::parse(&provider.url.replace(ACCOUNT, "a")).unwrap_or_else(|_| unreachable!());
            assert_eq!(Api::of(&url), Some(provider.api), "{}", provider.name);
            assert!(Provider::named(provider.name).is_some_and(|found| found.name == provider.name));
        }
    }
}
