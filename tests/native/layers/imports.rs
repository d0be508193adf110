//! Who imports whom: every path in a tree of sources, resolved to the file that it leads to.

use std::collections::{BTreeMap, BTreeSet};

use syn::buffer::{Cursor, TokenBuffer};
use syn::visit::{self, Visit};
use syn::{Attribute, ItemMod, ItemUse, Macro, Meta, UseTree, Visibility};

/// The text of each file, by its path below `src/`.
pub(super) type Sources = BTreeMap<String, String>;

/// A path as it is written, or a module's path from the crate's root.
type Path = Vec<String>;

/// How deep an imported name is followed to where it comes from.
const MAX_ALIASES: usize = 8;

/// Each file with the files that it imports.
pub(super) type Imports = BTreeMap<String, BTreeMap<String, Import>>;

/// That one file imports another.
#[derive(Default)]
pub(super) struct Import {
    /// A path by which it does.
    pub(super) path: String,
    /// A path to what the other, a parent, imports itself.
    pub(super) detour: Option<String>,
}

/// The imports of a crate whose root is `lib.rs`. What is compiled for tests alone is left out, and so are files that
/// no `mod` declares. A `mod` by itself is no import.
pub(super) fn imports(sources: &Sources) -> Imports {
    let mut modules = BTreeMap::new();
    read(sources, &mut modules, Vec::new(), "lib.rs");
    let mut imports: Imports = modules.values().map(|module| (module.file.clone(), BTreeMap::new())).collect();
    for (path, module) in &modules {
        for written in &module.written {
            let Some(target) = absolute(&modules, path, written, 0) else { continue };
            let Some((home, name)) = home_of(&modules, &target) else { continue };
            let file = &modules[home].file;
            if *file == module.file {
                continue;
            }
            let import = imports.entry(module.file.clone()).or_default().entry(file.clone()).or_default();
            import.path = written.join("::");
            if path.starts_with(home) && name.is_some_and(|name| modules[home].names.contains_key(name)) {
                import.detour = Some(written.join("::"));
            }
        }
    }
    imports
}

/// A module, which is a file or stands in one.
#[derive(Default)]
struct Module {
    file: String,
    /// The names that `use` brings in, and what they stand for.
    names: BTreeMap<String, Path>,
    /// Every path in it that may lead elsewhere.
    written: BTreeSet<Path>,
}

type Modules = BTreeMap<Path, Module>;

fn read(sources: &Sources, modules: &mut Modules, path: Path, file: &str) {
    let text = sources.get(file).unwrap_or_else(|| panic!("there is no src/{file}"));
    let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("src/{file}: {error}"));
    modules.insert(path.clone(), Module { file: file.to_owned(), ..Module::default() });
    Reader { sources, modules, path, file }.visit_file(&parsed);
}

/// Reads one file, with the modules that are written out in it.
struct Reader<'a> {
    sources: &'a Sources,
    modules: &'a mut Modules,
    /// The module that is being read.
    path: Path,
    file: &'a str,
}

impl Reader<'_> {
    fn module(&mut self) -> &mut Module {
        self.modules.get_mut(&self.path).expect("it is entered before it is read")
    }

    fn note(&mut self, written: Path) {
        self.module().written.insert(written);
    }

    fn note_use(&mut self, mut prefix: Path, tree: &UseTree) {
        let name = match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                return self.note_use(prefix, &path.tree);
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.note_use(prefix.clone(), tree));
            }
            UseTree::Glob(_) => return self.note(prefix),
            UseTree::Name(name) if name.ident == "self" => prefix.last().cloned().unwrap_or_default(),
            UseTree::Name(name) => {
                prefix.push(name.ident.to_string());
                name.ident.to_string()
            }
            UseTree::Rename(rename) => {
                if rename.ident != "self" {
                    prefix.push(rename.ident.to_string());
                }
                rename.rename.to_string()
            }
        };
        self.module().names.insert(name, prefix.clone());
        self.note(prefix);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if is_for_tests(&item.attrs) {
            return;
        }
        let mut path = self.path.clone();
        path.push(item.ident.to_string());
        if item.content.is_none() {
            let file = format!("{}.rs", path.join("/"));
            return read(self.sources, self.modules, path, &file);
        }
        self.modules.insert(path.clone(), Module { file: self.file.to_owned(), ..Module::default() });
        let outer = std::mem::replace(&mut self.path, path);
        visit::visit_item_mod(self, item);
        self.path = outer;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() && !is_for_tests(&item.attrs) {
            self.note_use(Path::new(), &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            self.note(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    /// What a macro gets is not parsed, but paths can be told from the rest.
    fn visit_macro(&mut self, call: &'ast Macro) {
        paths_in(TokenBuffer::new2(call.tokens.clone()).begin(), &mut |path| self.note(path));
        visit::visit_macro(self, call);
    }

    /// `pub(in crate::api)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

/// Every path of two names or more among tokens.
fn paths_in(mut cursor: Cursor<'_>, found: &mut dyn FnMut(Path)) {
    let mut path = Path::new();
    let mut colons = 0;
    loop {
        if let Some((ident, rest)) = cursor.ident() {
            if colons != 2 {
                flush(&mut path, found);
            }
            path.push(ident.to_string());
            (colons, cursor) = (0, rest);
            continue;
        }
        if let Some((_, rest)) = cursor.punct().filter(|(punct, _)| punct.as_char() == ':') {
            (colons, cursor) = (colons + 1, rest);
            continue;
        }
        flush(&mut path, found);
        colons = 0;
        if let Some((inside, _, _, rest)) = cursor.any_group() {
            paths_in(inside, found);
            cursor = rest;
        } else if let Some((_, rest)) = cursor.token_tree() {
            cursor = rest;
        } else {
            return;
        }
    }
}

fn flush(path: &mut Path, found: &mut dyn FnMut(Path)) {
    let path = std::mem::take(path);
    if path.len() > 1 {
        found(path);
    }
}

/// Where a path that is written in the module `from` leads, from the crate's root; `None` where it leaves the crate.
fn absolute(modules: &Modules, from: &[String], written: &[String], depth: usize) -> Option<Path> {
    let (first, rest) = written.split_first()?;
    let start = match first.as_str() {
        "crate" => Path::new(),
        "self" => from.to_vec(),
        "super" => {
            let parent = &from[..from.len().checked_sub(1)?];
            let goes_on = rest.first().is_some_and(|next| next == "super");
            return if goes_on { absolute(modules, parent, rest, depth) } else { Some([parent, rest].concat()) };
        }
        _ => {
            let child = [from, std::slice::from_ref(first)].concat();
            if modules.contains_key(&child) {
                child
            } else {
                let name = modules.get(from)?.names.get(first).filter(|_| depth < MAX_ALIASES)?;
                absolute(modules, from, name, depth + 1)?
            }
        }
    };
    Some([start.as_slice(), rest].concat())
}

/// The innermost module that a path names, and what it names in it.
fn home_of<'a>(modules: &Modules, path: &'a [String]) -> Option<(&'a [String], Option<&'a String>)> {
    let lengths = (0..=path.len()).rev();
    lengths
        .map(|length| path.split_at(length))
        .find(|(home, _)| modules.contains_key(*home))
        .map(|(home, rest)| (home, rest.first()))
}
