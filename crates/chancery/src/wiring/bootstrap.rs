//! The token for the first owner, left in a file whenever a process that serves the admin API starts and nobody owns the
//! platform.

use std::path::Path;

use anyhow::Context as _;
use chancery_domain::{
    bootstrap::BootstrapToken,
    ports::platform::PlatformStore,
    random::Random,
    secret::{OpaqueToken, TokenKind},
    time::Clock,
};

use super::{House, private_file::write_new};

impl House {
    /// Leaves a token in that file if the platform has no owner, and says what to do with it at the admin API, which
    /// is at that URL. That it cannot be left is no reason not to serve.
    pub(crate) async fn offer_ownership(&self, file: Option<&Path>, admin_url: &str) {
        match leave_token(&self.storage, &*self.clock, &*self.random, file).await {
            Ok(Offered::Owned) => {}
            Ok(Offered::Nowhere) => tracing::warn!(
                "nobody owns the platform: set admin.bootstrap_token_file, or use `chancery admin-key create`"
            ),
            Ok(Offered::In(file)) => tracing::warn!(
                "nobody owns the platform: within an hour, run `chancery bootstrap --token-file {} --admin-url \
                 {admin_url}`",
                file.display()
            ),
            Err(error) => tracing::error!(error = format!("{error:#}"), "no bootstrap token could be left"),
        }
    }
}

/// Whether somebody may become the first owner.
enum Offered<'a> {
    /// There is an owner.
    Owned,
    /// There is none, and no file for a token.
    Nowhere,
    /// By the token in this file.
    In(&'a Path),
}

/// Leaves a token, unless there is an owner.
async fn leave_token<'a>(
    store: &dyn PlatformStore,
    clock: &dyn Clock,
    random: &dyn Random,
    file: Option<&'a Path>,
) -> anyhow::Result<Offered<'a>> {
    let now = clock.now();
    let tx = store.begin().await?;
    if !tx.role_bindings().owners(now).await?.is_empty() {
        return Ok(Offered::Owned);
    }
    let Some(file) = file else {
        return Ok(Offered::Nowhere);
    };
    let token = OpaqueToken::generate(TokenKind::Bootstrap, random);
    let stored = BootstrapToken { digest: token.digest(), expires_at: now + BootstrapToken::LIFE };
    tx.bootstrap_tokens().insert(&stored).await?;
    // Written first: a token in a file that the store does not know opens nothing, and the other way round nobody has it.
    write_anew(file, token.expose()).with_context(|| format!("writing {}", file.display()))?;
    tx.commit().await?;
    Ok(Offered::In(file))
}

/// Writes a new file that only its owner can read. What an earlier start left there goes; no link is followed.
fn write_anew(path: &Path, text: &str) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    write_new(path, text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_token_is_for_the_owner_of_the_file_alone_and_takes_the_place_of_the_last() {
        let folder = tempfile::tempdir().expect("a directory");
        let [file, other] = ["token", "other"].map(|name| folder.path().join(name));
        std::fs::write(&other, "untouched").expect("written");
        std::os::unix::fs::symlink(&other, &file).expect("a link");
        for text in ["first", "second"] {
            write_anew(&file, text).expect("written");
            assert_eq!(std::fs::read_to_string(&file).expect("read"), format!("{text}\n"));
        }
        let mode = std::fs::symlink_metadata(&file).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(&other).expect("read"), "untouched");
    }
}
