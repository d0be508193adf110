//! What the imports of a crate must keep to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::imports::Imports;

/// The root, which declares the others: it is above them all.
const ROOT: &str = "lib.rs";

/// All that `imports` has against `rows`, the layers from the ground up; in each the names of files and folders of
/// `src/`, without their endings.
pub(super) fn violations(imports: &Imports, rows: &[Vec<&str>]) -> Vec<String> {
    let mut found = places(imports, rows);
    found.extend(imports_upwards(imports, rows));
    found.extend(detours(imports));
    found.extend(circles(imports));
    found
}

/// A file's layer by its name: `domain` for `domain.rs` and for `domain/size.rs`.
fn layer_of(file: &str) -> &str {
    let (name, _) = file.split_once('/').unwrap_or((file, ""));
    name.strip_suffix(".rs").unwrap_or(name)
}

/// Files that have no layer, layers that have no file, and layers that are named twice.
fn places(imports: &Imports, rows: &[Vec<&str>]) -> Vec<String> {
    let files: BTreeSet<&str> = imports.keys().filter(|file| *file != ROOT).map(|file| layer_of(file)).collect();
    let names: Vec<&str> = rows.iter().flatten().copied().collect();
    let homeless = files.iter().filter(|file| !names.contains(file)).map(|name| format!("{name} is in no layer"));
    let empty =
        names.iter().filter(|name| !files.contains(*name)).map(|name| format!("{name} is no file and no folder"));
    let twice = names.iter().enumerate().filter(|(at, name)| names[..*at].contains(name));
    homeless.chain(empty).chain(twice.map(|(_, name)| format!("{name} is in two layers"))).collect()
}

/// Imports of what is not below: of another row, or of another file or folder of the same row.
fn imports_upwards(imports: &Imports, rows: &[Vec<&str>]) -> Vec<String> {
    let names = rows.iter().enumerate().flat_map(|(row, names)| names.iter().map(move |name| (*name, row)));
    let row_of: BTreeMap<&str, usize> = names.chain([(layer_of(ROOT), rows.len())]).collect();
    let mut found = Vec::new();
    for (file, targets) in imports {
        for (target, import) in targets {
            let (from, to) = (layer_of(file), layer_of(target));
            let is_below = row_of.get(to).zip(row_of.get(from)).is_none_or(|(to, from)| to < from);
            if from != to && !is_below {
                found.push(format!("{file} imports {target}, which is not below it: {}", import.path));
            }
        }
    }
    found
}

/// Imports from a parent of what the parent itself imports: they hide who needs whom.
fn detours(imports: &Imports) -> Vec<String> {
    let all =
        imports.iter().flat_map(|(file, targets)| targets.iter().map(move |(target, import)| (file, target, import)));
    all.filter_map(|(file, target, import)| {
        let path = import.detour.as_ref()?;
        Some(format!("{file} imports by way of its parent {target}: {path}"))
    })
    .collect()
}

/// The shortest circle through each file that is the first, by name, of its circle.
fn circles(imports: &Imports) -> Vec<String> {
    let circles = imports.keys().filter_map(|file| circle_through(imports, file));
    let circles = circles.filter(|circle| circle.iter().min() == circle.first());
    circles.map(|circle| format!("a circle: {} → {}", circle.join(" → "), circle[0])).collect()
}

fn circle_through<'a>(imports: &'a Imports, start: &'a String) -> Option<Vec<&'a str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut next = VecDeque::from([start.as_str()]);
    while let Some(file) = next.pop_front() {
        for target in imports[file].keys() {
            if target == start {
                let mut circle = vec![file];
                while let Some(before) = came_from.get(circle[circle.len() - 1]) {
                    circle.push(before);
                }
                circle.reverse();
                return Some(circle);
            }
            if !came_from.contains_key(target.as_str()) {
                came_from.insert(target, file);
                next.push_back(target);
            }
        }
    }
    None
}
