//! One process per SQLite file: what this process knows of the file must be the truth.

use std::{
    ffi::OsString,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use crate::open::OpenError;

/// The lock beside a database file, held until dropped. The operating system lets go of it even when we crash.
pub(crate) struct FileLock(File);

impl FileLock {
    /// Takes the lock, or says who has to go.
    pub(crate) fn take(database: &Path) -> Result<Self, OpenError> {
        let path = beside(database);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|cause| OpenError::Lock { file: path.clone(), cause })?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse { file: database.to_owned() }),
            Err(TryLockError::Error(cause)) => Err(OpenError::Lock { file: path, cause }),
        }
    }

    /// Lets go before the end, so that the file can be opened again. What fails here is mended by the end.
    pub(crate) fn release(&self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the lock of the database file stays until this process ends");
        }
    }
}

/// `chancery.db` has its lock in `chancery.db.lock`.
fn beside(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(".lock");
    PathBuf::from(name)
}
