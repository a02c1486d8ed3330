//! The file of contexts: read whole, written whole, and nobody else's to read.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Context;
use crate::error::CliError;

/// Every context, and which one is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Contexts {
    /// The context that is used where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// The contexts by their names.
    #[serde(default)]
    pub contexts: BTreeMap<String, Context>,
}

impl Contexts {
    /// Where the file is when nobody says otherwise: `$XDG_CONFIG_HOME/chancery/contexts.toml`, with `~/.config` in its
    /// place where that is not set. `None` on a machine without a home.
    #[must_use]
    pub fn usual_place() -> Option<PathBuf> {
        let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let config = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")))?;
        Some(config.join("chancery").join("contexts.toml"))
    }

    /// Reads the file. None at all is no contexts; one that others may read, or with a word that means nothing, is
    /// refused.
    pub fn read(path: &Path) -> Result<Self, CliError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(cause) => return CliError::reading(path, Err(cause)),
        };
        private(path)?;
        toml::from_str(&text).map_err(|fault| {
            let line = fault.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            CliError::Usage(format!("{}:{line}: {}", path.display(), fault.message().trim_end()))
        })
    }

    /// Changes the file, alone: whoever else changes it meanwhile waits. A change that fails leaves it as it was.
    pub fn change<T>(path: &Path, change: impl FnOnce(&mut Self) -> Result<T, CliError>) -> Result<T, CliError> {
        let cannot = |cause| CliError::Io { what: format!("cannot write {}", path.display()), cause };
        let folder = path.parent().unwrap_or(Path::new("."));
        make_folder(folder).map_err(cannot)?;
        let lock = private_file(&path.with_extension("toml.lock")).map_err(cannot)?;
        lock.lock().map_err(cannot)?;
        let mut contexts = Self::read(path)?;
        let answer = change(&mut contexts)?;
        contexts.write(path).map_err(cannot)?;
        Ok(answer)
    }

    /// The context of that name, or the current one where none is given.
    pub fn find(&self, name: Option<&str>) -> Result<Option<&Context>, CliError> {
        let Some(name) = name.or(self.current.as_deref()) else { return Ok(None) };
        self.contexts.get(name).map(Some).ok_or_else(|| {
            let known: Vec<_> = self.contexts.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            CliError::Usage(format!("there is no context {name:?}; there are: {known} (see `chancery context --help`)"))
        })
    }

    /// Written beside and moved over, so that a reader meets the old one or the new one.
    fn write(&self, path: &Path) -> io::Result<()> {
        let text = toml::to_string(self).map_err(io::Error::other)?;
        let beside = path.with_extension("toml.new");
        let mut file = private_file(&beside)?;
        file.set_len(0)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    }
}

#[cfg(unix)]
fn private(path: &Path) -> Result<(), CliError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = CliError::reading(path, fs::metadata(path))?.permissions().mode() & 0o777;
    let of_others = mode & 0o077;
    if of_others == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(CliError::Usage(format!("{shown} holds secrets, and others may read it (mode {mode:o}): chmod 600 {shown}")))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is a mode to look at")]
const fn private(_: &Path) -> Result<(), CliError> {
    Ok(())
}

/// Opens a file to write to, made for its owner alone where it is not there.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(admin_url: &str) -> Context {
        Context {
            admin_url: admin_url.to_owned(),
            ca_file: None,
            admin_key: Some("hush".parse().expect("a key")),
            admin_key_file: None,
            client_certificate: None,
            client_key: None,
            tenant: Some("acme".to_owned()),
            login: None,
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "a change may fail")]
    fn add(contexts: &mut Contexts) -> Result<(), CliError> {
        contexts.contexts.insert("prod".to_owned(), context("https://admin.example"));
        contexts.current = Some("prod".to_owned());
        Ok(())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/er/contexts.toml");
        assert_eq!(Contexts::read(&path).expect("none yet"), Contexts::default());
        Contexts::change(&path, add).expect("written");
        let read = Contexts::read(&path).expect("read");
        assert_eq!(read.find(None).expect("there"), Some(&context("https://admin.example")));
        assert!(read.find(Some("dev")).expect_err("unknown").to_string().contains("prod"));
    }

    #[test]
    fn a_change_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("contexts.toml");
        Contexts::change(&path, add).expect("written");
        let refused: Result<(), _> = Contexts::change(&path, |contexts| {
            contexts.contexts.clear();
            Err(CliError::Usage("no".to_owned()))
        });
        assert!(refused.is_err());
        assert_eq!(Contexts::read(&path).expect("read").contexts.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("contexts.toml");
        Contexts::change(&path, add).expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        for wide in [0o640, 0o604, 0o660] {
            fs::set_permissions(&path, fs::Permissions::from_mode(wide)).expect("changed");
            let refusal = Contexts::read(&path).expect_err("too wide").to_string();
            assert!(refusal.contains("chmod 600"), "{refusal}");
        }
    }

    #[test]
    fn words_that_mean_nothing_are_named_with_their_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("contexts.toml");
        Contexts::change(&path, add).expect("written");
        let mut text = fs::read_to_string(&path).expect("read");
        text.push_str("admin_keys = \"x\"\n");
        fs::write(&path, &text).expect("written");
        let refusal = Contexts::read(&path).expect_err("unknown word").to_string();
        assert!(
            refusal.contains(&format!("contexts.toml:{}: unknown field `admin_keys`", text.lines().count())),
            "{refusal}"
        );
    }
}
