//! Every setting with its default: the table that documents are checked against.

/// A setting: its name, its secrecy and its default as documents show it.
pub struct Setting {
    /// The variable's name.
    pub name: &'static str,
    /// True if it is set as a secret.
    pub secret: bool,
    /// The default; empty if there is none.
    pub default: &'static str,
}

const fn secret(name: &'static str) -> Setting {
    Setting { name, secret: true, default: "" }
}

const fn variable(name: &'static str, default: &'static str) -> Setting {
    Setting { name, secret: false, default }
}

/// The settings.
pub const SETTINGS: &[Setting] = &[
    secret("IMAGE_API_KEYS"),
    secret("PROCESS_API_KEY"),
    secret("ACCESS_TOKENS"),
    secret("URL_SIGNING_KEY"),
    secret("IMAGE_ENDPOINTS"),
    variable("IMAGE_API_URL", "https://api.siliconflow.cn/v1/image/generations"),
    variable("IMAGE_MODELS", "black-forest-labs/FLUX.1-schnell,Kwai-Kolors/Kolors"),
    variable("WORKERS_AI", "last"),
    variable("WORKERS_AI_PER_DAY", "170"),
    variable("WORKERS_AI_MODELS", r#"{"black-forest-labs/FLUX.1-schnell":"@cf/black-forest-labs/flux-1-schnell"}"#),
    variable("KEY_IMAGES_PER_MINUTE", ""),
    variable("PROCESS_API_URL", "https://open.bigmodel.cn/api/paas/v4/chat/completions"),
    variable("PROCESS_MODEL", "glm-4-flash,glm-4-flash-250414,glm-4.7-flash"),
    variable("PROCESS_FALLBACK", "on"),
    variable("PUBLIC_URL", ""),
    variable("DEFAULT_SIZE", "512x512"),
    variable("CACHE_TTL", "2592000"),
    variable("GENERATION_TIMEOUT", "60"),
    variable("ERROR_IMAGE_URL", ""),
    variable("DEMO_IMAGES", ""),
    variable("ALLOWED_REFERERS", ""),
    variable("ANONYMOUS_PER_DAY", ""),
];
