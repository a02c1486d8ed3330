//! Files that hold secrets: not for everybody on the machine.

use std::{fs, os::unix::fs::PermissionsExt as _};

/// What nobody but the owner and a group that reads may do: anything as somebody else, or write as the group.
const TOO_MUCH: u32 = 0o027;

/// The first line of a file that neither everybody can read nor anybody but its owner can write.
///
/// A group may read it: that is how systemd and Kubernetes hand secrets to a process that is not root.
pub(super) fn first_line(file: &str) -> Result<String, String> {
    let unreadable = |error| format!("cannot read {file}: {error}");
    let mode = fs::metadata(file).map_err(unreadable)?.permissions().mode() & 0o777;
    if mode & TOO_MUCH != 0 {
        return Err(format!("{file} is open to others (mode {mode:03o}): `chmod 600 {file}`, or 640 for a group's"));
    }
    let text = fs::read_to_string(file).map_err(unreadable)?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t336_a_file_with_a_secret_is_open_to_its_owner_and_a_group_that_reads_alone() {
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("secret");
        fs::write(&file, "words \nmore\n").expect("written");
        let name = file.to_str().expect("a path in UTF-8");
        for (mode, taken) in [
            (0o400, true),
            (0o600, true),
            (0o440, true),
            (0o640, true),
            (0o660, false),
            (0o604, false),
            (0o644, false),
            (0o602, false),
        ] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("set");
            match first_line(name) {
                Ok(line) => assert!(taken && line == "words", "{mode:o}: {line}"),
                Err(said) => assert!(!taken && said.contains("chmod 600"), "{mode:o}: {said}"),
            }
        }
    }
}
