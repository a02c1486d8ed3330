//! How files are named, how long they grow, and what they may not tell.

use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::root;

/// Split what grows beyond.
const MOST_LINES: usize = 500;

/// Names of drawers: give the thing inside its own name.
const DRAWERS: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc"];

/// What git does not keep. In a second work tree `.git` is a file.
const UNTRACKED: &[&str] = &[".git", "target", "node_modules", ".venv", "chancery-data", "__pycache__"];

/// What people write by hand, and so must be able to read.
const WRITTEN: &[&str] = &["rs", "proto", "toml", "html", "css", "mjs", "py", "sh", "md", "json", "yaml", "yml", ""];

/// What programs write.
const GENERATED: [&str; 3] = ["Cargo.lock", "package-lock.json", "tenant-document.schema.json"];

#[test]
fn modules_are_files_beside_their_folder() {
    let found = offending(|path| path.file_name().is_some_and(|name| name == "mod.rs"));
    assert!(found.is_empty(), "write foo.rs beside foo/: {found:#?}");
}

#[test]
fn nothing_is_a_drawer() {
    let found = offending(|path| path.file_stem().is_some_and(|stem| DRAWERS.iter().any(|drawer| stem == *drawer)));
    assert!(found.is_empty(), "give the thing inside a name: {found:#?}");
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let long = |path: &Path| {
        let generated = path.file_name().is_some_and(|name| GENERATED.iter().any(|generated| name == *generated));
        let licence = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("LICENSE"));
        !generated && !licence && text(path).is_some_and(|text| written(&text) > MOST_LINES)
    };
    let found = offending(long);
    assert!(found.is_empty(), "longer than {MOST_LINES} lines: {found:#?}");
}

/// How many lines of a text people wrote: those between the marks of a reference are the program's own.
fn written(text: &str) -> usize {
    let mut generated = false;
    let by_people = |line: &&str| {
        generated = (generated || line.starts_with("<!-- generated: ")) && !line.starts_with("<!-- end of ");
        !generated
    };
    text.lines().filter(by_people).count()
}

#[test]
fn no_file_tells_of_the_machine_it_was_written_on() {
    // Written in two parts, so that this file does not find itself.
    let homes = [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/Use", "rs/")];
    let begins_a_path = |text: &str, at: usize| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '}' | '*' | ')' | '$'))
    };
    let tells = |path: &Path| {
        text(path).is_some_and(|text| {
            homes.iter().any(|home| text.match_indices(home).any(|(at, _)| begins_a_path(&text, at)))
        })
    };
    let found = offending(tells);
    assert!(found.is_empty(), "paths of one machine: {found:#?}");
}

/// The files, as paths from the root, of which that holds.
fn offending(holds: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let root = root();
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 50, "the walk found the project");
    files.retain(|path| holds(path));
    files.iter().map(|path| path.strip_prefix(&root).unwrap_or(path).to_owned()).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder").filter_map(Result::ok) {
        let name = entry.file_name();
        if UNTRACKED.iter().any(|untracked| name == *untracked) {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(&entry.path(), files),
            Ok(kind) if kind.is_file() => files.push(entry.path()),
            Ok(_) | Err(_) => {}
        }
    }
}

fn text(path: &Path) -> Option<String> {
    let extension = path.extension().map(|e| e.to_string_lossy().into_owned()).unwrap_or_default();
    WRITTEN.contains(&extension.as_str()).then(|| fs::read_to_string(path).ok()).flatten()
}
