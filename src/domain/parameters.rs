//! The names of an image URL's parameters.

/// Every parameter: the table that documents are checked against.
pub const PARAMETERS: &[&str] = &[
    "prompt",
    "size",
    "width",
    "height",
    "optimization",
    "enhance",
    "prompt_enhancement",
    "seed",
    "model",
    "negative_prompt",
    "steps",
    "guidance",
    "async",
    "refresh",
    "id",
    "sig",
    "exp",
];

/// True for a parameter that a signature covers: all but itself, and the id of the image, which follows from the others.
pub fn is_signed(name: &str) -> bool {
    PARAMETERS.contains(&name) && name != "id" && name != "sig"
}

/// A name without the `amp;` before it, which it has in a link whose `&amp;` was never unescaped.
pub fn unescaped(mut name: &str) -> &str {
    // A search for the text, as by `trim_start_matches`, would be dear for each parameter of each request.
    while let Some(rest) = name.strip_prefix("amp;") {
        name = rest;
    }
    name
}
