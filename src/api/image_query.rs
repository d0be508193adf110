//! The parameters of an image request in a URL.

use super::params::Params;
use crate::config::{Config, parse_flag};
use crate::domain::image_id::short_hash;
use crate::domain::numbers::SeedChoice;
use crate::domain::size::excerpt;
use crate::domain::{Asked, Guidance, ImageRequest, Prompt, Seed, Size, Steps, Treatment};
use crate::error::Error;
use crate::ports::{Normalizer, Random};

/// Every parameter that a URL can carry: the table that documents are checked against.
pub const PARAMETERS: &[&str] = &[
    "prompt",
    "size",
    "width",
    "height",
    "optimization",
    "enhance",
    "seed",
    "model",
    "negative_prompt",
    "steps",
    "guidance",
    "refresh",
    "id",
    "sig",
    "exp",
];

/// What a caller said about an image; what is `None` was not said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImageQuery {
    /// `prompt`, or the path behind `/prompt/`.
    pub prompt: Option<Prompt>,
    /// `size`, or `width` and `height`.
    pub size: Option<Size>,
    /// `optimization` or `enhance`.
    pub optimize: Option<bool>,
    /// `seed`.
    pub seed: Option<SeedChoice>,
    /// `model`, one of `IMAGE_MODELS`.
    pub model: Option<String>,
    /// `negative_prompt`.
    pub negative_prompt: Option<Prompt>,
    /// `steps`.
    pub steps: Option<Steps>,
    /// `guidance`.
    pub guidance: Option<Guidance>,
    /// `refresh`.
    pub refresh: bool,
}

/// Where a request's prompt stands.
#[derive(Clone, Copy)]
pub enum PromptPlace<'a> {
    /// In the query.
    Query,
    /// In the path behind `/prompt/`, still encoded.
    Path(&'a str),
}

impl ImageQuery {
    /// Reads a URL's parameters.
    ///
    /// # Errors
    /// The first one that is wrong: what was given and what is accepted.
    pub fn parse(
        params: &Params<'_>,
        place: PromptPlace<'_>,
        config: &Config,
        normalizer: &dyn Normalizer,
    ) -> Result<Self, Error> {
        let prompt = match place {
            PromptPlace::Path(encoded) => Some(super::params::decode("prompt", encoded)?),
            PromptPlace::Query => params.get("prompt")?,
        };
        let prompt = prompt.map(|text| Prompt::parse("prompt", &text, normalizer)).transpose()?;
        // A form sends its empty fields too: a blank value of what is optional says nothing.
        let said = |names: &[&'static str]| -> Result<Option<(&'static str, String)>, Error> {
            Ok(params.first(names)?.filter(|(_, value)| !value.trim().is_empty()))
        };
        let flag = |names: &[&'static str]| {
            said(names)?.map(|(name, value)| parse_flag(&value).ok_or_else(|| no_flag(name, &value))).transpose()
        };
        let model = match (said(&["model"])?, place) {
            (Some((_, name)), _) if config.models.contains(&name) => Some(name),
            (Some(_), PromptPlace::Path(_)) => Some(config.default_model()?.to_owned()),
            (Some((_, name)), PromptPlace::Query) => return Err(no_model(&name, config)),
            (None, _) => None,
        };
        Ok(Self {
            prompt,
            size: size(said(&["size"])?, said(&["width"])?, said(&["height"])?)?,
            optimize: flag(&["optimization", "enhance"])?,
            seed: said(&["seed"])?.map(|(name, value)| SeedChoice::parse(name, &value)).transpose()?,
            model,
            negative_prompt: said(&["negative_prompt"])?
                .map(|(name, value)| Prompt::parse(name, &value, normalizer))
                .transpose()?,
            steps: said(&["steps"])?.map(|(name, value)| Steps::parse(name, &value)).transpose()?,
            guidance: said(&["guidance"])?.map(|(name, value)| Guidance::parse(name, &value)).transpose()?,
            refresh: flag(&["refresh"])?.unwrap_or_default(),
        })
    }

    /// The image that is asked for, what was not said taken from the settings; `None` without a
    /// prompt. With it the seed, where one was drawn.
    pub fn request(&self, config: &Config, random: &dyn Random) -> Result<Option<Wanted>, Error> {
        let Some(prompt) = self.prompt.clone() else { return Ok(None) };
        let drawn = (self.seed == Some(SeedChoice::Random)).then(|| Seed::draw(random));
        let seed = match self.seed {
            Some(SeedChoice::Given(seed)) => Some(seed),
            _ => drawn,
        };
        let size = match self.size {
            Some(size) => size,
            None => config.default_size()?,
        };
        let optimize = self.optimize.unwrap_or_default();
        let request = ImageRequest {
            treatment: Treatment::wanted(&prompt, optimize, config.chat.is_some()),
            prompt,
            optimize,
            size,
            model: match &self.model {
                Some(model) => model.clone(),
                None => config.default_model()?.to_owned(),
            },
            seed,
            negative_prompt: self.negative_prompt.clone(),
            steps: self.steps,
            guidance: self.guidance.clone(),
            demo: config.demo,
        };
        Ok(Some(Wanted { request, drawn_seed: drawn }))
    }

    /// Whether everything that was said is what an image was asked for with.
    pub fn fits(&self, asked: &Asked) -> bool {
        let hash = |text: &Prompt| short_hash(text.as_str());
        agrees(self.prompt.as_ref().map(hash), Some(&asked.prompt))
            && agrees(self.size, Some(&asked.size))
            && agrees(self.optimize, Some(&asked.optimize))
            && agrees(self.seed, asked.seed.map(SeedChoice::Given).as_ref())
            && agrees(self.model.as_ref(), Some(&&asked.model))
            && agrees(self.negative_prompt.as_ref().map(hash), asked.negative_prompt.as_ref())
            && agrees(self.steps, asked.steps.as_ref())
            && agrees(self.guidance.clone(), asked.guidance.as_ref())
    }
}

/// An image that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// With what.
    pub request: ImageRequest,
    /// The seed that was drawn for it.
    pub drawn_seed: Option<Seed>,
}

fn agrees<T: PartialEq>(said: Option<T>, asked: Option<&T>) -> bool {
    said.is_none_or(|said| Some(&said) == asked)
}

type Said = Option<(&'static str, String)>;

fn size(size: Said, width: Said, height: Said) -> Result<Option<Size>, Error> {
    match (size, width, height) {
        (None, None, None) => Ok(None),
        (Some((name, value)), None, None) => Size::parse(name, &value).map(Some),
        (None, Some((_, width)), Some((_, height))) => Size::parse_sides(&width, &height).map(Some),
        (Some(_), Some((name, _)), _) | (Some(_), None, Some((name, _))) => {
            Err(Error::invalid(name, format!("`{name}` stands beside `size`: give one of the two.")))
        }
        (None, Some(_), None) => Err(Error::invalid("height", "`width` is given without `height`: give both.")),
        (None, None, Some(_)) => Err(Error::invalid("width", "`height` is given without `width`: give both.")),
    }
}

fn no_flag(name: &str, value: &str) -> Error {
    Error::invalid(name, format!("`{name}` is “{}”; it takes 1, true, yes, on or 0, false, no, off.", excerpt(value)))
}

/// A model that is not on offer.
pub fn no_model(name: &str, config: &Config) -> Error {
    config.default_model().err().unwrap_or_else(|| {
        Error::ModelNotFound(format!("`model` is “{}”; this service has: {}.", excerpt(name), config.models.join(", ")))
    })
}
