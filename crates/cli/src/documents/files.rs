//! The files that a command is about, and the documents in them.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chancery_proto::v1::TenantDocument;
use clap::Args;

use super::place::{Node, Place, Wrong};
use super::{parse, read};
use crate::error::CliError;
use crate::name;

/// The files.
#[derive(Args, Debug)]
pub(super) struct Files {
    /// A file, or a folder with files (.yaml, .yml, .json); may be repeated
    #[arg(long = "file", short = 'f', value_name = "FILE|DIR", required = true)]
    pub(super) files: Vec<PathBuf>,
}

/// A document of a file, or why there is none.
#[derive(Clone)]
pub(super) struct Loaded {
    /// The name of the tenant; the file where it names none.
    pub(super) name: String,
    /// The file.
    pub(super) file: PathBuf,
    /// The document, or lines that say what is wrong.
    pub(super) read: Result<Read, Vec<String>>,
}

/// A document, and where it stands.
#[derive(Clone)]
pub(super) struct Read {
    /// The document.
    pub(super) document: TenantDocument,
    /// The same with its places.
    pub(super) node: Node,
}

/// The documents of all these files, those of folders in the order of their names. Where several are about one tenant,
/// none is taken: which of them is meant cannot be told, and with `--prune` each deletes what another has.
pub(super) fn load(given: &[PathBuf]) -> Result<Vec<Loaded>, CliError> {
    let mut found = Found::default();
    for path in given {
        if path.is_dir() { found.walk(path)? } else { found.add(path) }
    }
    if found.files.is_empty() {
        return Err(CliError::Usage("there is no .yaml, .yml or .json file there".to_owned()));
    }
    let of = |file: &PathBuf| match fs::read_to_string(file) {
        Ok(text) => documents(file, &text),
        Err(cause) => vec![unread(file, format!("{}: {cause}", file.display()))],
    };
    let mut loaded = found.files.iter().flat_map(of).collect::<Vec<_>>();
    refuse_rivals(&mut loaded);
    Ok(loaded)
}

/// Every file and folder once, however often it is named or linked to.
#[derive(Default)]
struct Found {
    files: Vec<PathBuf>,
    seen: HashSet<PathBuf>,
}

impl Found {
    fn is_new(&mut self, path: &Path) -> bool {
        self.seen.insert(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
    }

    fn add(&mut self, file: &Path) {
        if self.is_new(file) {
            self.files.push(file.to_owned());
        }
    }

    fn walk(&mut self, folder: &Path) -> Result<(), CliError> {
        if !self.is_new(folder) {
            return Ok(());
        }
        let entries = CliError::reading(folder, fs::read_dir(folder))?;
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(CliError::reading(folder, entry)?.path());
        }
        paths.sort();
        for path in paths {
            let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            let is_document = path.extension().is_some_and(|it| it == "yaml" || it == "yml" || it == "json");
            if path.is_dir() && !is_hidden {
                self.walk(&path)?;
            } else if is_document && !is_hidden {
                self.add(&path);
            }
        }
        Ok(())
    }
}

/// The documents of a file, one at least.
pub(super) fn documents(file: &Path, text: &str) -> Vec<Loaded> {
    let told = |wrong: &Wrong| at(file, wrong.place, &wrong.what);
    let nodes = match parse::read(text) {
        Ok(nodes) if nodes.is_empty() => return vec![unread(file, format!("{}: holds no document", file.display()))],
        Ok(nodes) => nodes,
        Err(wrong) => return vec![unread(file, told(&wrong))],
    };
    let one = |node: Node| {
        let name = read::tenant(&node).map(|tenant| format!("tenants/{}", name::id(tenant)));
        let name = name.unwrap_or_else(|| file.display().to_string());
        let read = match read::document(&node) {
            Ok(document) => Ok(Read { document, node }),
            Err(wrong) => Err(wrong.iter().map(told).collect()),
        };
        Loaded { name, file: file.to_owned(), read }
    };
    nodes.into_iter().map(one).collect()
}

fn unread(file: &Path, why: String) -> Loaded {
    Loaded { name: file.display().to_string(), file: file.to_owned(), read: Err(vec![why]) }
}

fn refuse_rivals(loaded: &mut [Loaded]) {
    let mut files: HashMap<String, Vec<String>> = HashMap::new();
    for one in &*loaded {
        files.entry(one.name.clone()).or_default().push(one.file.display().to_string());
    }
    for one in loaded {
        let rivals = files.get(&one.name).map(Vec::as_slice).unwrap_or_default();
        if let Ok(read) = &one.read
            && rivals.len() > 1
        {
            let what = format!("{} has {} documents: {}", one.name, rivals.len(), rivals.join(", "));
            one.read = Err(vec![at(&one.file, read.node.place, &what)]);
        }
    }
}

/// Something about a place in a file, as editors and compilers write it.
pub(super) fn at(file: &Path, place: Place, what: &str) -> String {
    format!("{}:{}:{}: {what}", file.display(), place.line, place.column)
}

/// Writes a file beside the old one and moves it over, so that a reader meets the one or the other.
pub(super) fn replace(file: &Path, text: &str) -> Result<(), CliError> {
    let failed = |path: &Path| {
        let what = format!("cannot write {}", path.display());
        |cause: io::Error| CliError::Io { what, cause }
    };
    // What a link points to, and not the link.
    let old = file.canonicalize().map_err(failed(file))?;
    let mut beside = old.clone().into_os_string();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut new = File::create_new(&beside).map_err(failed(&beside))?;
    let written = fs::metadata(&old)
        .and_then(|old| new.set_permissions(old.permissions()))
        .and_then(|()| new.write_all(text.as_bytes()))
        .and_then(|()| new.sync_all())
        .and_then(|()| fs::rename(&beside, &old));
    written.map_err(|cause| {
        // What is told is why it was not written.
        let _ = fs::remove_file(&beside);
        failed(file)(cause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("written");
        }
        folder
    }

    /// The names of what was loaded, and the first line of what is wrong, without the folder.
    fn loaded(folder: &Path, given: &[&str]) -> Vec<(String, Option<String>)> {
        let given: Vec<_> = given.iter().map(|file| folder.join(file)).collect();
        let short = |text: &str| text.replace(&format!("{}/", folder.display()), "");
        let one = |one: Loaded| (short(&one.name), one.read.err().map(|wrong| short(&wrong[0])));
        load(&given).expect("read").into_iter().map(one).collect()
    }

    #[test]
    fn of_two_documents_about_one_tenant_none_is_taken() {
        let acme = "tenant:\n  name: acme\n";
        let folder = folder(&[
            ("a.yaml", acme),
            ("b.yaml", "tenant: {name: blue}\n---\ntenant: {name: tenants/acme}\n"),
            ("c.yaml", "tenant:\n  name: acme\n  profil: oidc\n"),
        ]);
        let rivals = |place: &str| Some(format!("{place}: tenants/acme has 3 documents: a.yaml, b.yaml, c.yaml"));
        let typo = Some("c.yaml:3:3: there is no field `profil` here; did you mean `profile`?".to_owned());
        let expected = [
            ("tenants/acme".to_owned(), rivals("a.yaml:1:1")),
            ("tenants/blue".to_owned(), None),
            ("tenants/acme".to_owned(), rivals("b.yaml:3:1")),
            ("tenants/acme".to_owned(), typo),
        ];
        assert_eq!(loaded(folder.path(), &[""]), expected);
    }

    #[test]
    fn a_file_without_a_document_says_so() {
        let folder = folder(&[("empty.yaml", ""), ("comment.yaml", "# Nothing yet.\n")]);
        for file in ["empty.yaml", "comment.yaml"] {
            let expected = [(file.to_owned(), Some(format!("{file}: holds no document")))];
            assert_eq!(loaded(folder.path(), &[file]), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_loaded_once_however_it_is_reached() {
        let folder = folder(&[("acme.yaml", "tenant: {name: acme}")]);
        std::os::unix::fs::symlink(".", folder.path().join("loop")).expect("linked");
        std::os::unix::fs::symlink("acme.yaml", folder.path().join("link.yaml")).expect("linked");
        let expected = [("tenants/acme".to_owned(), None)];
        assert_eq!(loaded(folder.path(), &["", "acme.yaml", "loop/acme.yaml"]), expected);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_replaced_keeps_its_links_and_who_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder(&[("acme.yaml", "old")]);
        let (file, link) = (folder.path().join("acme.yaml"), folder.path().join("link.yaml"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("set");
        std::os::unix::fs::symlink("acme.yaml", &link).expect("linked");
        replace(&link, "new").expect("replaced");
        let mode = fs::metadata(&file).expect("there").permissions().mode() & 0o777;
        assert_eq!((fs::read_to_string(&file).expect("read").as_str(), mode), ("new", 0o640));
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read_dir(folder.path()).expect("read").count(), 2, "nothing is left beside");
    }
}
