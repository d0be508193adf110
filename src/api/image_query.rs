//! The parameters of an image request in a URL.

use super::url_query::{Params, decode};
use crate::config::Config;
use crate::domain::flag::parse_flag;
use crate::domain::image_id::short_hash;
use crate::domain::numbers::SeedChoice;
use crate::domain::prompt::Normalizer;
use crate::domain::visible_text::is_blank;
use crate::domain::{Guidance, ImageId, ImageRequest, Prompt, PromptMode, RequestFingerprint, Seed, Size, Steps};
use crate::error::{Error, ErrorKind, excerpt};
use crate::ports::Random;

/// The parameters that a caller gave; `None` if a parameter was not given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImageQuery {
    /// `prompt`, or the path after `/prompt/`.
    pub prompt: Option<Prompt>,
    /// `size`, or `width` and `height`.
    pub size: Option<Size>,
    /// `optimization`, `enhance` or `prompt_enhancement`.
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
    /// `async`: the caller does not wait.
    pub at_once: bool,
    /// `refresh`.
    pub refresh: bool,
}

/// The place of a request's prompt.
#[derive(Clone, Copy)]
pub enum PromptPlace<'a> {
    /// In the query.
    Query,
    /// In the path after `/prompt/`, still percent-encoded.
    Path(&'a str),
}

impl ImageQuery {
    /// Parses a URL's parameters.
    ///
    /// # Errors
    /// The first invalid parameter: the given value and the accepted ones.
    pub fn parse(
        params: &Params<'_>,
        place: PromptPlace<'_>,
        config: &Config,
        normalizer: &dyn Normalizer,
    ) -> Result<Self, Error> {
        let given = Given(params);
        Ok(Self {
            prompt: prompt(params, place)?.map(|text| Prompt::parse("prompt", &text, normalizer)).transpose()?,
            size: given.size()?,
            optimize: given.flag(&["optimization", "enhance", "prompt_enhancement"])?,
            seed: given.parsed("seed", SeedChoice::parse)?,
            model: given.model(place, config)?,
            negative_prompt: given.parsed("negative_prompt", |name, value| Prompt::parse(name, value, normalizer))?,
            steps: given.parsed("steps", Steps::parse)?,
            guidance: given.parsed("guidance", Guidance::parse)?,
            at_once: given.flag(&["async"])?.unwrap_or_default(),
            refresh: given.flag(&["refresh"])?.unwrap_or_default(),
        })
    }

    /// The request for the image, with missing parameters taken from the settings, and with the seed if one was drawn;
    /// `None` without a prompt.
    pub fn request(&self, config: &Config, random: &dyn Random) -> Result<Option<ResolvedRequest>, Error> {
        let Some(prompt) = self.prompt.clone() else { return Ok(None) };
        let drawn = (self.seed == Some(SeedChoice::Random)).then(|| Seed::from_random_bits(random.next_u64()));
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
            mode: PromptMode::of(&prompt, optimize, !config.chats.is_empty()),
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
        Ok(Some(ResolvedRequest { request, drawn_seed: drawn, may_stand_in: self.model.is_none() }))
    }

    /// True if all given parameters equal those that an image was requested with.
    pub fn matches(&self, asked: &RequestFingerprint) -> bool {
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

/// A complete request for an image.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedRequest {
    /// The parameters.
    pub request: ImageRequest,
    /// The seed, if it was drawn at random.
    pub drawn_seed: Option<Seed>,
    /// True if the caller named no model, so that another may be given in its place.
    pub may_stand_in: bool,
}

impl ResolvedRequest {
    /// True if `id` is the id of this image, or of its stand-in.
    pub fn is_named(&self, id: &ImageId) -> bool {
        self.request.id() == *id || self.request.fallback().is_some_and(|fallback| fallback.id() == *id)
    }
}

fn agrees<T: PartialEq>(given: Option<T>, asked: Option<&T>) -> bool {
    given.is_none_or(|given| Some(&given) == asked)
}

/// The URL parameters that have a value. Forms send empty fields too: a blank optional parameter counts as absent.
struct Given<'a>(&'a Params<'a>);

type Value = Option<(&'static str, String)>;

impl Given<'_> {
    /// The first value among `names`, with its name.
    fn first(&self, names: &[&'static str]) -> Result<Value, Error> {
        Ok(self.0.first(names)?.filter(|(_, value)| !is_blank(value)))
    }

    fn parsed<T>(
        &self,
        name: &'static str,
        parse: impl FnOnce(&str, &str) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.first(&[name])?.map(|(name, value)| parse(name, &value)).transpose()
    }

    /// A boolean with several `names`.
    ///
    /// # Errors
    /// 400 for another value, and if two of the parameters disagree.
    fn flag(&self, names: &[&'static str]) -> Result<Option<bool>, Error> {
        let mut found: Option<(&str, bool)> = None;
        for name in names {
            let Some((_, text)) = self.first(&[name])? else { continue };
            let value = parse_flag(&text).ok_or_else(|| no_flag(name, &text))?;
            match found {
                Some((other, known)) if known != value => return Err(Error::disagreement(name, other)),
                _ => found = Some((name, value)),
            }
        }
        Ok(found.map(|(_, value)| value))
    }

    /// Parses the model. `/prompt/` links may be written for other services: there a model that is not offered means
    /// the default.
    fn model(&self, place: PromptPlace<'_>, config: &Config) -> Result<Option<String>, Error> {
        let Some((_, name)) = self.first(&["model"])? else { return Ok(None) };
        match (config.model_named(&name), place) {
            (Some(known), _) => Ok(Some(known.to_owned())),
            (None, PromptPlace::Path(_)) => Ok(None),
            (None, PromptPlace::Query) => Err(no_model(&name, config)),
        }
    }

    fn size(&self) -> Result<Option<Size>, Error> {
        match (self.first(&["size"])?, self.first(&["width"])?, self.first(&["height"])?) {
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
}

fn prompt(params: &Params<'_>, place: PromptPlace<'_>) -> Result<Option<String>, Error> {
    match place {
        PromptPlace::Path(encoded) => decode("prompt", encoded).map(Some),
        PromptPlace::Query => params.get("prompt"),
    }
}

fn no_flag(name: &str, value: &str) -> Error {
    Error::invalid(name, format!("`{name}` is “{}”; it takes 1, true, yes, on or 0, false, no, off.", excerpt(value)))
}

/// The error for a model that is not offered.
pub fn no_model(name: &str, config: &Config) -> Error {
    config.default_model().err().unwrap_or_else(|| {
        let message =
            format!("`model` is “{}”; this service has: {}.", excerpt(name), config.models_on_offer().join(", "));
        Error::new(ErrorKind::ModelNotFound, message).about("model")
    })
}
