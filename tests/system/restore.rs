//! A dump that is restored into another cluster, which counts its transactions from lower on.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chancery_testkit::postgres::Cluster;
use chancery_tests::{
    admin::{Admin, Answers, reason},
    installation::Replica,
    program::Program,
};
use serde_json::{Value, json};
use tokio::{process::Command, time::timeout};

use crate::databases::{Database, Site};

/// The dump of a site, served from a cluster of its own.
struct Restored {
    replica: Replica,
    url: String,
    _program: Program,
    _cluster: Cluster,
}

impl Restored {
    async fn from(site: &Site) -> Result<Self> {
        let cluster = tokio::task::spawn_blocking(Cluster::start).await?;
        let url = cluster.create("restored", None);
        copy(site.installation.database_url(), &url).await?;
        let replica = site.installation.replica_on("restored", &url)?;
        let program = site.installation.serve(&replica).await?;
        Ok(Self { replica, url, _program: program, _cluster: cluster })
    }
}

#[tokio::test]
async fn a_dump_in_a_fresh_cluster_is_written_and_watched_as_before() -> Result<()> {
    let mut site = Database::Postgres.site().await?;
    // A cluster that has come far.
    let far = "DO $$ BEGIN FOR each IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$";
    site.execute(far).await?;
    let client = format!("tenants/{}/clients/{}", site.first.tenant, site.first.confidential_client()?.client_id);
    let found = site.admin.call("ClientService/GetClient", json!({ "name": client })).await?;
    let mut answers = site.admin.follow("WatchService/WatchChanges", json!({})).await??;
    let update = json!({ "client": { "name": client, "displayName": "Restored" }, "updateMask": "displayName" });
    site.admin.call("ClientService/UpdateClient", update).await?;
    let token = token_behind(&mut answers, &client).await?;
    site.program.kill();

    let restored = Restored::from(&site).await?;
    let admin = site.installation.admin(&restored.replica).await?;
    admin.call("ClientService/DeleteClient", json!({ "name": client })).await?;
    let create = json!({
        "parent": format!("tenants/{}", site.first.tenant),
        "clientId": site.first.confidential_client()?.client_id,
        "client": {
            "kind": found["kind"], "authMethods": found["authMethods"], "redirectUris": found["redirectUris"],
            "grantTypes": found["grantTypes"], "scopes": found["scopes"],
        },
    });
    admin.call("ClientService/CreateClient", create).await?;

    let refused = first_token(&admin, json!({ "resumeToken": token })).await.expect_err("the token is of another life");
    let status = refused.downcast::<tonic::Status>()?;
    assert_eq!(reason(&status).as_deref(), Some("WATCH_POSITION_TOO_OLD"), "{status:?}");
    first_token(&admin, json!({})).await?;
    let told = "SELECT COUNT(*) FROM audit_events WHERE action = 'database.restore'";
    assert_eq!(number(&restored.url, told).await?, 1);
    Ok(())
}

/// The token that goes on behind a change of that thing. It is told once no transaction of the cluster is older.
async fn token_behind(answers: &mut Answers, thing: &str) -> Result<String> {
    loop {
        let told = timeout(Duration::from_secs(60), answers.next()).await??.context("the change")?;
        if told["change"]["name"] == thing {
            return Ok(told["resumeToken"].as_str().context("a token")?.to_owned());
        }
    }
}

/// The token of the first answer to who watches.
async fn first_token(admin: &Admin, request: Value) -> Result<String> {
    let mut answers = admin.follow("WatchService/WatchChanges", request).await??;
    let first = timeout(Duration::from_secs(10), answers.next()).await??.context("an answer at once")?;
    Ok(first["resumeToken"].as_str().context("a token")?.to_owned())
}

/// Copies a database as operators do.
async fn copy(from: &str, to: &str) -> Result<()> {
    let dump = Command::new("pg_dump").arg(from).output().await?;
    anyhow::ensure!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), &dump.stdout)?;
    let restored = Command::new("psql").args([to, "-q", "-v", "ON_ERROR_STOP=1", "-f"]).arg(file.path()).output();
    let restored = restored.await?;
    anyhow::ensure!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    Ok(())
}

async fn number(url: &str, sql: &'static str) -> Result<i64> {
    let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(url).await?;
    Ok(sqlx::query_scalar(sql).fetch_one(&mut connection).await?)
}
