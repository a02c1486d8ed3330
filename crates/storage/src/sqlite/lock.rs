//! One process per SQLite file: what this process knows of the file must be the truth.

use std::{
    ffi::OsString,
    fs::{File, TryLockError},
    io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use crate::open::OpenError;

/// What nobody but its owner may do with a database file: a group may read it, for a backup.
const TOO_MUCH: u32 = 0o027;

/// The lock beside a database file, held until dropped. The operating system lets go of it even when we crash.
pub(crate) struct FileLock(File);

impl FileLock {
    /// Takes the lock, or says who has to go.
    pub(crate) fn take(database: &Path) -> Result<Self, OpenError> {
        let path = beside(database);
        let file = private(&path).map_err(|cause| OpenError::File { file: path.clone(), cause })?;
        match file.try_lock() {
            Ok(()) => {
                // The database gives its own rights to the files that it makes beside itself.
                let opened = private(database).and_then(|file| file.metadata());
                let mode = opened.map(|it| it.permissions().mode() & 0o777);
                match mode.map_err(|cause| OpenError::File { file: database.to_owned(), cause })? {
                    mode if mode & TOO_MUCH != 0 => Err(OpenError::OpenToOthers { file: database.to_owned(), mode }),
                    _ => Ok(Self(file)),
                }
            }
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse { file: database.to_owned() }),
            Err(TryLockError::Error(cause)) => Err(OpenError::File { file: path, cause }),
        }
    }

    /// Lets go before the end, so that the file can be opened again. What fails here is mended by the end.
    pub(crate) fn release(&self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the lock of the database file stays until this process ends");
        }
    }
}

/// Opens a file, or makes one that nobody else on the machine can read.
fn private(path: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).mode(0o600).open(path)
}

/// `chancery.db` has its lock in `chancery.db.lock`.
fn beside(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(".lock");
    PathBuf::from(name)
}
