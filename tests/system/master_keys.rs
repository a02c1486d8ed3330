//! The master key changes under a running installation, the process is killed in the middle, and every tenant goes on
//! signing; a start without a key that is in use is refused by name.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{
    admin::Admin,
    dev::{Client, Tenant},
    installation::Installation,
    party::{Party, random_text},
    program::{Finished, Program},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use crate::databases::Database;

/// How many tenants there are.
const TENANTS: usize = 300;
/// How many calls are made at a time.
const AT_ONCE: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_master_key_changes_while_all_goes_on_on_sqlite() -> Result<()> {
    the_master_key_changes_while_all_goes_on(Database::Sqlite).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_master_key_changes_while_all_goes_on_on_postgres() -> Result<()> {
    the_master_key_changes_while_all_goes_on(Database::Postgres).await
}

async fn the_master_key_changes_while_all_goes_on(database: Database) -> Result<()> {
    let installation = database.install().await?;
    let (old, new) = (("first", installation.master_key().to_owned()), ("second", random_text()));
    let program = installation.serve(&installation.first).await?;
    let tenants = found_many(&installation.admin(&installation.first).await?).await?;
    program.stop().await?;

    // Too early: everything is sealed under the old key still.
    let said = refused_with(&installation, &[&new]).await?;
    assert!(said.contains("master key first is missing (it seals the keys of 300 tenants)"), "{said}");

    configure(&installation, &[&new, &old])?;
    let mut program = installation.serve(&installation.first).await?;
    let started = command(&installation, &["rewrap", "--reason", "yearly"]).await?;
    assert_eq!((&started["state"], &started["totalCount"]), (&json!("STATE_RUNNING"), &json!(TENANTS)), "{started}");
    let admin = installation.admin(&installation.first).await?;
    until_done(&admin, 1).await?;
    let paused = command(&installation, &["pause"]).await?;
    all_sign(&tenants[..10]).await.context("half-way")?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let still = rewrap(&admin).await?;
    assert_eq!((done(&still), &still["state"]), (done(&paused), &json!("STATE_PAUSED")));
    assert!((1..TENANTS as u64).contains(&done(&still)), "{still}");

    command(&installation, &["resume"]).await?;
    until_done(&admin, done(&still) + 1).await?;
    program.kill();
    let program = installation.serve(&installation.first).await?;
    let admin = installation.admin(&installation.first).await?;
    let interrupted = rewrap(&admin).await?;
    assert!(done(&interrupted) < TENANTS as u64, "it was killed too late: {interrupted}");
    let watched = command(&installation, &["status", "--watch"]).await?;
    assert_eq!((&watched["state"], &watched["doneCount"]), (&json!("STATE_DONE"), &json!(TENANTS)), "{watched}");
    let listed = command(&installation, &["list"]).await?;
    assert_eq!((&listed[0]["name"], &listed[0]["inUse"]), (&json!("masterKeys/first"), &json!(false)), "{listed}");
    assert_eq!((&listed[1]["seals"], &listed[1]["tenantCount"]), (&json!(true), &json!(TENANTS)), "{listed}");
    assert!(program.stop().await?.success(), "it did not stop in good order");

    configure(&installation, &[&new])?;
    let program = installation.serve(&installation.first).await?;
    all_sign(&tenants).await.context("under the new key alone")?;
    program.stop().await?;

    let said = refused_with(&installation, &[&old]).await?;
    assert!(said.contains("master key second is missing (it seals the keys of 300 tenants)"), "{said}");
    let said = refused_with(&installation, &[&("second", random_text()), &old]).await?;
    assert!(said.contains("master key second has another value here (it seals the keys of 300 tenants)"), "{said}");
    assert!(!said.contains(&old.1) && !said.contains(&new.1), "a master key is in the log");
    Ok(())
}

/// Writes these master keys into the configuration, in the place of those there.
fn configure(installation: &Installation, keys: &[&(&str, String)]) -> Result<()> {
    let file = &installation.first.config;
    let text = std::fs::read_to_string(file)?;
    let keys: Vec<_> = keys.iter().map(|(id, value)| format!("{{ id = \"{id}\", value = \"{value}\" }}")).collect();
    let line = format!("master = [{}]", keys.join(", "));
    let lines: Vec<_> =
        text.lines().map(|old| if old.starts_with("master = ") { line.as_str() } else { old }).collect();
    Ok(std::fs::write(file, lines.join("\n"))?)
}

/// What a start with these master keys says, which must fail.
async fn refused_with(installation: &Installation, keys: &[&(&str, String)]) -> Result<String> {
    configure(installation, keys)?;
    let mut program = installation.start(&installation.first, &[])?;
    let before = program.logged().len();
    anyhow::ensure!(!program.end(Duration::from_secs(20)).await?.success(), "it started");
    Ok(program.logged().split_off(before))
}

/// Tenants with a client each that can ask for tokens.
async fn found_many(admin: &Admin) -> Result<Vec<Tenant>> {
    let made = (0..TENANTS).map(|number| found_one(admin, format!("tenant-{number}")));
    stream::iter(made).buffer_unordered(AT_ONCE).try_collect().await
}

async fn found_one(admin: &Admin, slug: String) -> Result<Tenant> {
    let made = admin.call("TenantService/CreateTenant", json!({ "tenantId": slug })).await?;
    let issuer = made["issuer"].as_str().context("no issuer")?.to_owned();
    let client = json!({ "parent": format!("tenants/{slug}"), "clientId": "job", "client": {
        "kind": "KIND_SERVICE",
        "authMethods": ["AUTH_METHOD_CLIENT_SECRET_BASIC"],
        "grantTypes": ["GRANT_TYPE_CLIENT_CREDENTIALS"],
    }});
    admin.call("ClientService/CreateClient", client).await?;
    let of = json!({ "parent": format!("tenants/{slug}/clients/job") });
    let secret = admin.call("ClientService/GenerateClientSecret", of).await?;
    let client_secret = Some(secret["secret"].as_str().context("no secret")?.to_owned());
    let client = Client { client_id: "job".to_owned(), client_secret, ..Client::default() };
    Ok(Tenant { tenant: slug, issuer, clients: vec![client], users: Vec::new() })
}

/// Each of the tenants gives out a token that it then knows as its own.
async fn all_sign(tenants: &[Tenant]) -> Result<()> {
    let asked = tenants.iter().map(|tenant| async move {
        let party = Party::discover(tenant, tenant.confidential_client()?).await?;
        let token = party.token(&[("grant_type", "client_credentials")]).await?.success()?;
        let told = party.introspect(token["access_token"].as_str().unwrap_or_default()).await?;
        anyhow::ensure!(told["active"] == true, "{}: {told}", tenant.tenant);
        Ok(())
    });
    stream::iter(asked).buffer_unordered(AT_ONCE).try_collect().await
}

/// `chancery master-keys …`, answered in JSON.
async fn command(installation: &Installation, arguments: &[&str]) -> Result<Value> {
    let connection = [
        ("CHANCERY_ADMIN_URL", installation.first.admin_url.as_str()),
        ("CHANCERY_ADMIN_KEY", installation.admin_key()),
    ];
    let arguments = [&["master-keys"], arguments, &["--output", "json"]].concat();
    let Finished { success, stdout, stderr, .. } = Program::run_with(&arguments, &connection).await?;
    anyhow::ensure!(success, "{arguments:?}: {stderr}");
    serde_json::from_str(&stdout).with_context(|| format!("{arguments:?}: {stdout}"))
}

async fn rewrap(admin: &Admin) -> Result<Value> {
    admin.call("MasterKeyService/GetRewrap", json!({})).await
}

fn done(rewrap: &Value) -> u64 {
    rewrap["doneCount"].as_u64().unwrap_or_default()
}

/// Waits until that many tenants' keys have moved.
async fn until_done(admin: &Admin, number: u64) -> Result<()> {
    let begun = Instant::now();
    while done(&rewrap(admin).await?) < number {
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(30), "fewer than {number} within 30 seconds");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}
