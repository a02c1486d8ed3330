//! One process per SQLite file: what this process knows of the file must be the truth.

use std::{
    ffi::OsString,
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use crate::open::OpenError;

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
                private(database).map_err(|cause| OpenError::File { file: database.to_owned(), cause })?;
                Ok(Self(file))
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
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.create(true).truncate(false).write(true).open(path)
}

/// `chancery.db` has its lock in `chancery.db.lock`.
fn beside(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(".lock");
    PathBuf::from(name)
}
