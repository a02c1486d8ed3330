//! From a server that nobody owns to its first owner.

use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result};
use chancery_tests::program::Program;

use super::told;
use crate::databases::Database;

#[tokio::test]
async fn t279_the_first_owner_comes_in_once_by_the_token_in_the_file_on_sqlite() -> Result<()> {
    the_first_owner_comes_in_once(Database::Sqlite).await
}

#[tokio::test]
async fn t279_the_first_owner_comes_in_once_by_the_token_in_the_file_on_postgres() -> Result<()> {
    the_first_owner_comes_in_once(Database::Postgres).await
}

async fn the_first_owner_comes_in_once(database: Database) -> Result<()> {
    let installation = database.install_unowned().await?;
    let file = installation.folder().join("bootstrap-token");
    let chosen = file.display().to_string();
    let system = [("CHANCERY_ADMIN__SYSTEM_TENANT", "system"), ("CHANCERY_ADMIN__BOOTSTRAP_TOKEN_FILE", &*chosen)];
    let mut program = installation.serve_with(&installation.first, &system).await?;
    let listens = async |program: &Program| program.logged().contains("the admin API listens").then_some(());
    program.until("listening admin API", listens).await?;
    assert_eq!(std::fs::metadata(&file)?.permissions().mode() & 0o777, 0o600);
    let token = std::fs::read_to_string(&file)?;
    assert!(!program.logged().contains(token.trim()), "the token stands in the log");

    let url = ["--admin-url", &*installation.first.admin_url];
    let token_file = file.display().to_string();
    let bootstrap = [&["bootstrap", "--token-file", &token_file, "--system-tenant"][..], &url].concat();
    let made = told(&bootstrap).await?;
    let secret = made["secret"].as_str().context("no key")?;
    assert_eq!(made["issuer"], format!("{}/t/system", installation.public_url()));
    let tenants = told(&[&["tenants", "list", "--admin-key", secret][..], &url].concat()).await?;
    assert_eq!(tenants[0]["name"], "tenants/system");

    let again = Program::run(&bootstrap).await?;
    assert!(!again.success && again.stderr.contains("PLATFORM_OWNED"), "{again:?}");

    // A server that has an owner leaves no token any more.
    std::fs::remove_file(&file)?;
    assert!(program.stop().await?.success());
    let _program = installation.serve_with(&installation.first, &system).await?;
    assert!(!file.exists());
    Ok(())
}
