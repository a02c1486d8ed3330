//! The examples of `proto/examples`: clients in Rust, Python and Node that were made from the published proto alone.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use chancery_tests::{dev::Dev, program::program_of_this_build};
use serde_json::{Value, json};
use tokio::process::Command;

#[tokio::test]
async fn an_example_in_rust_does_the_whole_life_of_a_tenant() -> Result<()> {
    lives_through(Command::new(program_of_this_build("chancery-admin-example")?)).await
}

#[tokio::test]
async fn an_example_in_python_does_the_whole_life_of_a_tenant() -> Result<()> {
    let mut python = Command::new(tests().join("world/.venv/bin/python"));
    python.arg(tests().join("../proto/examples/python/admin.py"));
    lives_through(python).await
}

#[tokio::test]
async fn an_example_in_node_does_the_whole_life_of_a_tenant() -> Result<()> {
    // Node looks for packages beside the script; what is installed is elsewhere.
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("admin.mjs");
    std::fs::copy(tests().join("../proto/examples/node/admin.mjs"), &script)?;
    std::os::unix::fs::symlink(tests().join("world/node_modules"), folder.path().join("node_modules"))?;
    let mut node = Command::new("node");
    node.arg(script).env("CHANCERY_PROTO", tests().join("../proto"));
    lives_through(node).await
}

fn tests() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs an example against a provider of its own and looks at what it tells, and at what it left.
async fn lives_through(mut example: Command) -> Result<()> {
    let dev = Dev::start().await?;
    example
        .env("CHANCERY_ADMIN_URL", &dev.announced.admin_url)
        .env("CHANCERY_ADMIN_KEY", &dev.announced.admin_key)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let ended = tokio::time::timeout(Duration::from_secs(120), example.output()).await.context("it does not end")??;
    let (said, complained) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    anyhow::ensure!(ended.status.success(), "{}\n{said}\n{complained}", ended.status);
    let mut told: Value = serde_json::from_str(said.lines().last().unwrap_or_default()).context("what it told")?;
    let tenant = told["tenant"].take();
    let pages = told["pages"].take().as_u64().context("pages")?;
    assert!(pages > 2, "{pages} pages");
    assert_eq!(
        told,
        json!({
            "tenant": null,
            "pages": null,
            "scopes": ["orders:0", "orders:1", "orders:2", "orders:3", "orders:4"],
            "conflict": "ETAG_MISMATCH",
            "display_name": "Reports of the year",
            "field": "client.redirect_uris[0]",
            "early": "KEY_NOT_ANNOUNCED",
            "rotated": 1,
        })
    );
    let left = dev.admin().await?.call("TenantService/GetTenant", json!({ "name": tenant })).await?;
    assert_eq!(left["state"], "STATE_DELETED", "{left}");
    Ok(())
}
