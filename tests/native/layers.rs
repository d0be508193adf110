//! The layers of `src/`: no file imports from a layer above its own, and no two import each other. The order is the table
//! in ARCHITECTURE.md.

mod imports;
mod rules;

use std::fs;
use std::path::Path;

use self::imports::{Sources, imports};
use self::rules::violations;
use crate::documents::{spans, table};

const ARCHITECTURE: &str = include_str!("../../ARCHITECTURE.md");

/// The layers from the ground up, each with its files and folders by name.
fn layers(markdown: &str) -> Vec<Vec<&str>> {
    let rows = table(markdown, "error.rs");
    rows.iter().map(|row| spans(row[0]).into_iter().map(name_of).collect()).collect()
}

/// `domain` of `domain/`, `error` of `error.rs`.
fn name_of(span: &str) -> &str {
    span.strip_suffix('/').or_else(|| span.strip_suffix(".rs")).unwrap_or(span)
}

/// Every Rust file below `folder`, by its path below `src/`.
fn read_folder(folder: &Path, prefix: &str, sources: &mut Sources) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), sources);
        } else if Path::new(&name).extension().is_some_and(|extension| extension == "rs") {
            sources.insert(name, fs::read_to_string(entry.path()).expect("a text"));
        }
    }
}

#[test]
fn every_import_leads_to_a_layer_below_and_none_makes_a_circle() {
    let mut sources = Sources::new();
    read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut sources);
    assert_eq!(violations(&imports(&sources), &layers(ARCHITECTURE)), Vec::<String>::new());
}

/// What is wrong with a crate of these files, in layers that are named from the ground up.
fn check(rows: &[Vec<&str>], files: &[(&str, &str)]) -> Vec<String> {
    let sources = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    violations(&imports(&sources), rows)
}

/// The files of a crate with the layers `low` and `high`, in the latter two siblings under a parent.
fn crate_of<'a>(low: &'a str, high: &'a str, one: &'a str, two: &'a str) -> [(&'a str, &'a str); 5] {
    [("lib.rs", "mod low; mod high;"), ("low.rs", low), ("high.rs", high), ("high/one.rs", one), ("high/two.rs", two)]
}

fn rows() -> Vec<Vec<&'static str>> {
    vec![vec!["low"], vec!["high"]]
}

#[test]
fn imports_from_below_and_from_siblings_are_fine() {
    let high = "mod one; mod two; pub use two::Two;";
    let one = "use crate::low::Low; pub struct One(super::two::Two);";
    let found = check(&rows(), &crate_of("pub struct Low;", high, one, "use std::fmt; pub struct Two;"));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn an_import_from_above_is_found_however_it_is_written() {
    for low in [
        "use crate::high::one::One;",
        "use crate::{high::one::{self, One as Other}};",
        "use super::high::one;",
        "use crate::high; fn f() { high::one::g() }",
        "fn f(_: &crate::high::one::One) {}",
        "fn f() { use crate::high::one::*; }",
        "fn f() -> String { format!(\"{}\", [crate::high::one::NAME]) }",
        "mod inner { use super::super::high::one::One; }",
        "macro_rules! m { () => { $crate::high::one::g() } }",
    ] {
        let found = check(&rows(), &crate_of(low, "pub mod one; mod two;", "", ""));
        assert!(
            found.iter().any(|found| found.starts_with("low.rs imports high/one.rs, which is not below it")),
            "{low}: {found:?}"
        );
    }
}

#[test]
fn an_import_from_the_same_row_or_from_the_root_is_found() {
    let beside = vec![vec!["low", "high"]];
    let found = check(&beside, &crate_of("", "mod one; mod two; use crate::low::Low;", "", ""));
    assert_eq!(found, ["high.rs imports low.rs, which is not below it: crate::low::Low"]);
    let found = check(&rows(), &crate_of("use crate::Root;", "mod one; mod two;", "", ""));
    assert_eq!(found, ["low.rs imports lib.rs, which is not below it: crate::Root"]);
}

#[test]
fn a_circle_of_siblings_is_found() {
    let (one, two) = ("use super::two::Two; pub struct One;", "use super::one::One; pub struct Two;");
    let found = check(&rows(), &crate_of("", "mod one; mod two;", one, two));
    assert_eq!(found, ["a circle: high/one.rs → high/two.rs → high/one.rs"]);
}

#[test]
fn a_circle_through_a_parents_reexport_is_found() {
    for high in ["mod one; mod two; pub use one::One;", "mod one; mod two; pub use self::one::*;"] {
        for two in ["use super::One;", "use crate::high::One;", "use super::*;", "fn f() { super::One::new() }"] {
            let found = check(&rows(), &crate_of("", high, "use super::two::Two; pub struct One;", two));
            let circle = "a circle: high.rs → high/one.rs → high/two.rs → high.rs";
            assert!(found.iter().any(|found| found == circle), "{high} {two}: {found:?}");
        }
    }
    let own = check(&rows(), &crate_of("", "mod one; mod two; pub use two::*;", "", "use super::Two;"));
    assert_eq!(own, ["a circle: high.rs → high/two.rs → high.rs"]);
}

#[test]
fn a_sibling_by_way_of_the_parent_is_found_where_there_is_no_circle_yet() {
    for two in ["use super::One;", "use crate::high::One;", "fn f() { super::One::new() }"] {
        let found = check(&rows(), &crate_of("", "mod one; mod two; pub use one::One;", "", two));
        assert!(
            matches!(&found[..], [one] if one.starts_with("high/two.rs imports by way of its parent high.rs: ")),
            "{two}: {found:?}"
        );
    }
    let found =
        check(&rows(), &crate_of("", "mod one; mod two; use one::One; pub struct High;", "", "use super::High;"));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn what_is_for_tests_alone_may_import_what_it_likes() {
    let low =
        "#[cfg(test)] mod tests; #[cfg(test)] mod more { use crate::high::one::One; } /// [`crate::high`]\nfn f() {}";
    assert_eq!(check(&rows(), &crate_of(low, "mod one; mod two;", "", "")), Vec::<String>::new());
    let conditional = "#[cfg(not(test))] mod more { use crate::high::one::One; }";
    assert_eq!(check(&rows(), &crate_of(conditional, "mod one; mod two;", "", "")).len(), 1);
}

#[test]
fn every_file_is_in_one_layer_and_every_layer_has_a_file() {
    let files = crate_of("", "mod one; mod two;", "", "");
    let found = check(&[vec!["low"], vec!["other"], vec!["low"]], &files);
    assert_eq!(found, ["high is in no layer", "other is no file and no folder", "low is in two layers"]);
}
