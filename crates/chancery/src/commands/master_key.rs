//! `chancery master-key`: makes a key that seals the tenants' keys.

use std::{io, path::Path};

use anyhow::Context as _;
use chancery_cli::{Output, say};
use serde_json::json;

use crate::{
    config::new_master_key,
    wiring::{SystemRandom, write_new},
};

/// Makes a key and writes it into a new file that only its owner can read, or prints it.
pub(super) fn run(file: Option<&Path>, output: Output) -> anyhow::Result<()> {
    let key = new_master_key(&SystemRandom);
    let Some(file) = file else {
        return Ok(say(output, &key, &json!({ "master_key": key }))?);
    };
    write(file, &key)?;
    let shown = file.display().to_string();
    Ok(say(output, &format!("{shown} holds a new master key"), &json!({ "file": shown }))?)
}

/// Whatever stands there already stays: it may be the only copy of a key.
fn write(file: &Path, key: &str) -> anyhow::Result<()> {
    let shown = file.display();
    match write_new(file, key) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            anyhow::bail!("{shown} exists already, and may hold the only copy of a key: choose another name");
        }
        done => done.with_context(|| format!("cannot write {shown}")),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn t336_a_new_master_key_is_for_its_owner_alone_and_takes_no_others_place() {
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("master.key");
        run(Some(&file), Output::Table).expect("made");
        let text = fs::read_to_string(&file).expect("read");
        assert_eq!(text.trim().len(), 43);
        assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
        let refused = run(Some(&file), Output::Table).expect_err("it is there already");
        assert!(refused.to_string().contains("exists already"), "{refused}");
        assert_eq!(fs::read_to_string(&file).expect("read"), text);
    }
}
