//! The files that a command is about, and the documents in them.

use std::path::{Path, PathBuf};

use chancery_proto::v1::TenantDocument;
use clap::Args;

use super::place::{self, Node, Wrong};
use super::{parse, read};
use crate::error::CliError;

/// The files.
#[derive(Args, Debug)]
pub(super) struct Files {
    /// A file, or a folder with files (.yaml, .yml, .json); may be repeated
    #[arg(long = "file", short = 'f', value_name = "FILE|DIR", required = true)]
    pub(super) files: Vec<PathBuf>,
}

/// A document, and where it stands.
pub(super) struct Loaded {
    /// The document.
    pub(super) document: TenantDocument,
    /// The same with its places.
    pub(super) node: Node,
}

/// Every file, those of folders in the order of their names.
pub(super) fn all(given: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let mut found = Vec::new();
    for path in given {
        if path.is_dir() {
            walk(path, &mut found)?;
        } else {
            found.push(path.clone());
        }
    }
    if found.is_empty() {
        return Err(CliError::Usage("there is no .yaml, .yml or .json file there".to_owned()));
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), CliError> {
    let entries = CliError::reading(folder, std::fs::read_dir(folder))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(CliError::reading(folder, entry)?.path());
    }
    paths.sort();
    for path in paths {
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let is_document = path.extension().is_some_and(|it| it == "yaml" || it == "yml" || it == "json");
        if path.is_dir() && !is_hidden {
            walk(&path, found)?;
        } else if is_document && !is_hidden {
            found.push(path);
        }
    }
    Ok(())
}

/// The documents of a file, or what is wrong with it, a line for each.
pub(super) fn load(file: &Path) -> Result<Vec<Loaded>, Vec<String>> {
    let text = std::fs::read_to_string(file).map_err(|cause| vec![format!("{}: {cause}", file.display())])?;
    let told = |wrong: &Wrong| at(file, wrong.place, &wrong.what);
    let nodes = parse::read(&text).map_err(|wrong| vec![told(&wrong)])?;
    let (mut loaded, mut failed) = (Vec::new(), Vec::new());
    for node in nodes {
        match read::document(&node) {
            Ok(document) => loaded.push(Loaded { document, node }),
            Err(wrong) => failed.extend(wrong.iter().map(told)),
        }
    }
    if failed.is_empty() { Ok(loaded) } else { Err(failed) }
}

/// Something about a place in a file, as editors and compilers write it.
pub(super) fn at(file: &Path, place: place::Place, what: &str) -> String {
    format!("{}:{}:{}: {what}", file.display(), place.line, place.column)
}
