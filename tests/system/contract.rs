//! The published contract before buf, as whoever makes clients from it will have it there. The tests of `crates/proto` hold
//! it against the same rules and against ours; that buf itself agrees is shown here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result};

/// A file of the contract that is easily spoiled.
const SCOPE: &str = "chancery/admin/v1/scope.proto";

#[test]
fn buf_finds_nothing_to_say_about_the_contract() -> Result<()> {
    silent(&buf(&contract(), &["lint"])?)?;
    silent(&buf(&contract(), &["format", "--diff", "--exit-code"])?)
}

#[test]
fn buf_names_the_place_of_what_is_written_badly() -> Result<()> {
    let copy = Copy::new()?;
    copy.rewrite(SCOPE, "  // What people read when they are asked for consent.\n", "")?;
    let said = buf(copy.path(), &["lint"])?;
    complains(&said, &[SCOPE, "\"description\" should have a non-empty comment"])
}

#[test]
fn buf_lets_additions_pass_and_names_what_would_break_a_client() -> Result<()> {
    let copy = Copy::new()?;
    let before = copy.path().join("before.binpb");
    let before = before.to_str().context("a path in UTF-8")?;
    silent(&buf(&contract(), &["build", "--output", before])?)?;
    let breaking = ["breaking", "--against", before];
    copy.rewrite(SCOPE, "message Scope {", "message Scope {\n  // More.\n  string more = 99;")?;
    silent(&buf(copy.path(), &breaking)?)?;
    copy.rewrite(SCOPE, "string description", "int64 description")?;
    complains(&buf(copy.path(), &breaking)?, &[SCOPE, "\"description\"", "changed type"])
}

#[test]
fn buf_finds_the_last_release_unbroken() -> Result<()> {
    let released = contract().join("released/descriptors.bin");
    if !released.exists() {
        eprintln!("nothing is released yet, so nothing can be broken; `just release-proto` keeps the contract");
        return Ok(());
    }
    silent(&buf(&contract(), &["breaking", "--against", "released/descriptors.bin#format=binpb"])?)
}

fn contract() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto")
}

fn buf(folder: &Path, arguments: &[&str]) -> Result<Output> {
    let machine = if cfg!(target_arch = "aarch64") { "aarch64" } else { "x64" };
    let program =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("world/node_modules/@bufbuild/buf-linux-{machine}/bin/buf"));
    Command::new(&program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .with_context(|| format!("starting {}; tests/run installs what it needs", program.display()))
}

fn silent(output: &Output) -> Result<()> {
    anyhow::ensure!(output.status.success() && output.stdout.is_empty(), "{}", told(output));
    Ok(())
}

/// It found something, and tells what and where. By 100 buf says that it ran and found.
fn complains(output: &Output, words: &[&str]) -> Result<()> {
    let told = told(output);
    anyhow::ensure!(output.status.code() == Some(100), "{told}");
    anyhow::ensure!(words.iter().all(|word| told.contains(word)), "{told}");
    Ok(())
}

fn told(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}{}", output.status, text(&output.stdout), text(&output.stderr))
}

/// A copy of the contract that may be spoiled.
struct Copy(tempfile::TempDir);

impl Copy {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for part in ["buf.yaml", "chancery/admin/v1", "google/api"] {
            copy(&contract().join(part), &folder.path().join(part))?;
        }
        Ok(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn rewrite(&self, file: &str, old: &str, new: &str) -> Result<()> {
        let path = self.path().join(file);
        let text = fs::read_to_string(&path)?;
        anyhow::ensure!(text.contains(old), "{file} has no {old:?}");
        Ok(fs::write(&path, text.replacen(old, new, 1))?)
    }
}

/// A file, or a folder with the files in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a folder above")?)?;
    if from.is_file() {
        fs::copy(from, to)?;
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
