//! Checks the documentation against the code's own tables.

use std::collections::BTreeSet;

use free_flux_api::config::SETTINGS;
use free_flux_api::domain::numbers::MAX_SEED;
use free_flux_api::domain::parameters::{PARAMETERS, is_signed};
use free_flux_api::domain::prompt::MAX_PROMPT_CHARS;
use free_flux_api::domain::size::{MAX_SIDE, MIN_SIDE};
use free_flux_api::error::ERROR_KINDS;
use free_flux_api::router::ROUTES;
use serde_json::Value;

use crate::support::TestApp;

const READMES: [(&str, &str); 2] =
    [("README.md", include_str!("../../README.md")), ("README.zh-CN.md", include_str!("../../README.zh-CN.md"))];
const USAGE_PAGE: &str = include_str!("../../assets/docs/index.html");
const WRANGLER: &str = include_str!("../../wrangler.toml");
const SIGN_SCRIPT: &str = include_str!("../../scripts/sign.mjs");

fn openapi() -> Value {
    serde_json::from_str(include_str!("../../assets/openapi.json")).expect("openapi.json is JSON")
}

/// The value at `pointer`; a `$ref` is followed.
fn at<'a>(document: &'a Value, pointer: &str) -> &'a Value {
    follow(document, document.pointer(pointer).unwrap_or_else(|| panic!("there is no {pointer}")))
}

fn follow<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(target) => at(document, target.strip_prefix('#').expect("a reference in this document")),
        None => value,
    }
}

fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().expect("an object").iter().map(|(name, field)| (name.as_str(), field))
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text")).collect()
}

/// The rows of the table with `word` in its first column, split into cells.
pub(crate) fn table<'a>(markdown: &'a str, word: &str) -> Vec<Vec<&'a str>> {
    let rows = |lines: &[&'a str]| -> Vec<Vec<&'a str>> {
        let lines = lines.iter().skip(2); // the heading and the rule
        lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
    };
    let lines: Vec<&str> = markdown.lines().collect();
    let tables = lines.split(|line| !line.starts_with('|')).filter(|lines| lines.len() > 2).map(rows);
    let mut found = tables.filter(|rows| rows.iter().any(|row| spans(row[0]).contains(&word) || row[0] == word));
    found.next().unwrap_or_else(|| panic!("there is no table with {word}"))
}

/// Every code with its status.
fn codes_and_statuses() -> Vec<(&'static str, u16)> {
    ERROR_KINDS.iter().map(|kind| (kind.code(), kind.status())).collect()
}

/// The texts in backticks.
pub(crate) fn spans(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    items.into_iter().collect()
}

#[test]
fn the_readmes_name_every_setting_with_its_default() {
    for (file, readme) in READMES {
        let rows = table(readme, "IMAGE_API_KEYS");
        let names: Vec<&str> = rows.iter().flat_map(|row| spans(row[0])).collect();
        assert_eq!(names, SETTINGS.iter().map(|setting| setting.name).collect::<Vec<_>>(), "{file}");
        for (row, setting) in rows.iter().zip(SETTINGS) {
            assert_eq!(!row[1].is_empty(), setting.secret, "{file}: is {} a secret?", setting.name);
            let default = spans(row[2]).first().copied().unwrap_or_default();
            assert!(setting.default.is_empty() || default == setting.default, "{file}: {} is {default}", setting.name);
        }
    }
}

#[test]
fn the_readmes_name_every_parameter_and_no_other() {
    for (file, readme) in READMES {
        let named: Vec<&str> = table(readme, "prompt").iter().flat_map(|row| spans(row[0])).collect();
        assert_eq!(set(named), set(PARAMETERS.to_vec()), "{file}");
    }
}

#[test]
fn the_readmes_name_every_error_with_its_status() {
    for (file, readme) in READMES {
        let named = table(readme, "400").into_iter().flat_map(|row| {
            let status = row[0].parse::<u16>().unwrap_or_else(|_| panic!("{file}: {} is no status", row[0]));
            spans(row[1]).into_iter().map(move |code| (code, status))
        });
        assert_eq!(named.collect::<Vec<_>>(), codes_and_statuses(), "{file}");
    }
}

#[test]
fn the_command_that_signs_covers_what_the_worker_checks() {
    let list = SIGN_SCRIPT.split_once("const SIGNED = [").and_then(|(_, rest)| rest.split_once("];"));
    let named: Vec<&str> = list.map(|(list, _)| list.split('"').skip(1).step_by(2).collect()).unwrap_or_default();
    assert_eq!(set(named), set(PARAMETERS.iter().copied().filter(|name| is_signed(name)).collect::<Vec<_>>()));
}

#[test]
fn the_usage_page_names_every_parameter_and_every_error() {
    let names = PARAMETERS.iter().copied().chain(ERROR_KINDS.iter().map(|kind| kind.code()));
    let missing: Vec<_> = names.filter(|name| !USAGE_PAGE.contains(&format!("<code>{name}</code>"))).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn the_configuration_shows_every_setting_with_its_default() {
    for setting in SETTINGS {
        // A value that holds quotation marks itself stands in the other ones.
        let quote = if setting.default.contains('"') { '\'' } else { '"' };
        let (secret, variable) = (format!("secret put {} ", setting.name), format!("\n# {} = {quote}", setting.name));
        assert_eq!((WRANGLER.contains(&secret), WRANGLER.contains(&variable)), (setting.secret, !setting.secret));
        assert!(setting.secret || WRANGLER.contains(&format!("{variable}{}", setting.default)), "{}", setting.name);
    }
}

#[test]
fn every_header_that_other_hosts_may_read_is_written_about() {
    let reply = TestApp::working().get("/health");
    let exposed = reply.header("Access-Control-Expose-Headers").expect("a list");
    let exposed = set(exposed.split(", "));
    let document = openapi();
    let described = set(fields(at(&document, "/components/headers")).map(|(name, _)| name).chain(["X-Error-Code"]));
    assert_eq!(exposed.difference(&described).collect::<Vec<_>>(), Vec::<&&str>::new(), "openapi.json");
    for (file, readme) in READMES {
        let named = set(table(readme, "X-Cache").iter().flat_map(|row| spans(row[0])));
        assert_eq!(exposed.difference(&named).collect::<Vec<_>>(), Vec::<&&str>::new(), "{file}");
    }
}

#[test]
fn openapi_has_the_routes_and_the_static_files_and_nothing_else() {
    let document = openapi();
    let mut paths = set(fields(at(&document, "/paths")).map(|(path, _)| path));
    for path in set(ROUTES.iter().map(|route| route.path)) {
        assert!(paths.remove(path), "{path} is missing");
        let item = &document["paths"][path];
        let described = set(fields(item).map(|(name, _)| name).filter(|name| *name != "parameters"));
        let routes = ROUTES.iter().filter(|route| route.path == path);
        let methods = routes.flat_map(|route| route.methods).map(|method| method.name().to_lowercase());
        let methods: Vec<_> = methods.chain(["options".to_owned()]).collect();
        assert_eq!(described, set(methods.iter().map(String::as_str)), "{path}");
    }
    for path in paths {
        let file = if path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
        let file = format!("{}/assets{file}", env!("CARGO_MANIFEST_DIR"));
        assert!(std::path::Path::new(&file).is_file(), "{path} is neither a route nor a file");
    }
}

#[test]
fn openapi_has_the_parameters_of_an_image_and_nothing_else() {
    let document = openapi();
    for (path, in_path) in [("/", None), ("/prompt/{prompt}", Some("prompt"))] {
        let parameters = document["paths"][path]["parameters"].as_array().expect("a list");
        let parameters = parameters.iter().map(|parameter| follow(&document, parameter));
        let named = |place: &str| -> BTreeSet<&str> {
            let there = parameters.clone().filter(|parameter| parameter["in"] == place);
            set(there.map(|parameter| parameter["name"].as_str().expect("a name")))
        };
        assert_eq!(named("path"), set(in_path), "{path}");
        let schemes = fields(at(&document, "/components/securitySchemes")).map(|(_, scheme)| scheme);
        let signature = schemes.filter(|scheme| scheme["in"] == "query").filter_map(|scheme| scheme["name"].as_str());
        let described = named("query").into_iter().chain(in_path).chain(signature);
        assert_eq!(set(described), set(PARAMETERS.to_vec()), "{path}");
    }
}

#[test]
fn openapi_has_every_error_code_under_its_status() {
    let document = openapi();
    let mut codes = Vec::new();
    for (name, response) in fields(at(&document, "/components/responses")) {
        let Some(status) = name.strip_prefix("Error").and_then(|status| status.parse::<u16>().ok()) else { continue };
        let listed = texts(&response["headers"]["X-Error-Code"]["schema"]["enum"]);
        codes.extend(listed.into_iter().map(|code| (code, status)));
    }
    assert_eq!(set(codes), set(codes_and_statuses()));
    let listed = texts(at(&document, "/components/schemas/Error/properties/error/properties/code/enum"));
    assert_eq!(listed, ERROR_KINDS.iter().map(|kind| kind.code()).collect::<Vec<_>>());
}

#[test]
fn openapi_answers_each_status_with_the_error_of_that_status() {
    let document = openapi();
    // The errors of `/mcp` are JSON-RPC's.
    for (path, item) in fields(at(&document, "/paths")).filter(|(path, _)| *path != "/mcp") {
        for (method, operation) in fields(item).filter(|(name, _)| *name != "parameters") {
            for (status, response) in fields(&operation["responses"]).filter(|(status, _)| *status >= "400") {
                let expected = format!("#/components/responses/Error{status}");
                assert_eq!(response["$ref"], expected.as_str(), "{method} {path}");
            }
        }
    }
}

#[test]
fn openapi_has_the_limits_of_the_code() {
    let document = openapi();
    let number = |pointer: &str| at(&document, pointer).as_u64();
    for (pointer, limit) in [
        ("/components/schemas/Prompt/maxLength", MAX_PROMPT_CHARS as u64),
        ("/components/schemas/Seed/maximum", MAX_SEED),
        ("/components/parameters/width/schema/minimum", u64::from(MIN_SIDE)),
        ("/components/parameters/height/schema/maximum", u64::from(MAX_SIDE)),
    ] {
        assert_eq!(number(pointer), Some(limit), "{pointer}");
    }
    assert_eq!(at(&document, "/info/version"), env!("CARGO_PKG_VERSION"));
}

#[test]
fn openapi_has_no_dangling_references_and_no_unused_components() {
    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|field| references(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = openapi();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for target in &found {
        at(&document, target.strip_prefix('#').expect("a reference in this document"));
    }
    // A path responds with 405 to unsupported methods, which no operation can describe.
    found.insert("#/components/responses/Error405");
    for (kind, components) in fields(&document["components"]).filter(|(kind, _)| *kind != "securitySchemes") {
        for (name, _) in fields(components) {
            assert!(found.contains(format!("#/components/{kind}/{name}").as_str()), "{kind}/{name} is not used");
        }
    }
}
