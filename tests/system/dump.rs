//! A dump of the database gives nothing away: no private key, no secret and no token is in it in any form, and with the
//! master key of another deployment nothing in it opens.

mod der;
mod opener;
mod search;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use chancery_domain::{
    id::TenantId,
    ports::{
        jose::{Purpose, Sealer as _},
        platform::PlatformStore as _,
        store::Store as _,
    },
    random::Random as _,
    secret::{OpaqueToken, TokenKind, from_base64url},
};
use chancery_keys::{master::MasterKeys, seal::TenantSealer};
use chancery_storage::{Options, Storage};
use chancery_testkit::{FakeClock, SeededRandom};
use chancery_tests::{admin::Admin, browser::Browser, dev::Tenant, installation::Installation, party::Party};
use serde_json::json;

use self::{
    opener::{Opened, Opener},
    search::Secret,
};
use crate::databases::Database;

#[tokio::test]
async fn nothing_can_be_read_from_a_dump_of_sqlite() -> Result<()> {
    nothing_can_be_read_from_a_dump(Database::Sqlite).await
}

#[tokio::test]
async fn nothing_can_be_read_from_a_dump_of_postgres() -> Result<()> {
    nothing_can_be_read_from_a_dump(Database::Postgres).await
}

async fn nothing_can_be_read_from_a_dump(database: Database) -> Result<()> {
    let mut site = database.site().await?;
    let tenants = [site.first.clone(), site.second.clone()];
    let mut tokens = Vec::new();
    for tenant in &tenants {
        use_all_algorithms(&site.admin, tenant).await?;
        tokens.push(leave_traces(tenant).await?);
    }
    // Killed, so that what the log of SQLite holds beside the file stays there.
    site.program.kill();
    let installation = &site.installation;
    let dumps = dumps(database, installation).await?;

    let master = from_base64url(installation.master_key()).context("a master key")?;
    let storage = open(installation).await?;
    let mut secrets =
        vec![Secret::bytes("the master key", &master), Secret::text("the admin key", installation.admin_key())];
    let other = MasterKeys::new(vec![("first".parse()?, [7; 32])])?;
    for (tenant, token) in tenants.iter().zip(&tokens) {
        let id = id_of(&storage, tenant).await?;
        let rows = storage.read(id);
        let (sealed, keys) = (rows.keys().kek().await?, rows.keys().all().await?);
        let opener = Opener::of_tenant(&master, id, &sealed).context("the right master key opens")?;
        secrets.push(Secret::bytes("a tenant's own key", opener.secret()));
        let opened: Vec<Opened> = keys.iter().filter_map(|key| opener.private_key(id, key)).collect();
        assert_eq!(opened.len(), keys.iter().filter(|key| key.private.is_some()).count());
        assert!(opened.len() >= 10, "only {} private keys", opened.len());
        for Opened { name, pkcs8 } in &opened {
            secrets.push(Secret::bytes(&format!("PKCS#8 of {name}"), pkcs8));
            let parts = der::private_parts(pkcs8);
            assert!(!parts.is_empty(), "nothing private in {name}");
            secrets.extend(parts.iter().map(|part| Secret::bytes(&format!("a part of {name}"), part)));
        }
        secrets.push(Secret::text("a refresh token", token));
        secrets.push(Secret::text("a password", &tenant.user()?.password));
        let client = tenant.confidential_client()?.client_secret.as_deref().context("no secret")?;
        secrets.push(Secret::text("a client secret", client));

        // With the master key of another deployment.
        assert!(other.open_kek(id, &sealed).is_err(), "another master key opens a tenant's key");
        assert!(Opener::of_tenant(&[7; 32], id, &sealed).is_none());
        let (foreign_kek, foreign) = other.new_kek(id, &SeededRandom::new(1))?;
        let stranger = Opener::of_tenant(&[7; 32], id, &foreign).context("its own")?;
        assert!(
            keys.iter().all(|key| stranger.private_key(id, key).is_none()),
            "another tenant key opens private keys"
        );
        let parent = OpaqueToken::parse(TokenKind::Refresh, token).context("a refresh token")?;
        let spent = rows.refresh().standing(&parent.digest()).await?.and_then(|found| found.token.spent);
        let child = spent.context("the token was not used")?.sealed_child;
        let own = MasterKeys::new(vec![("first".parse()?, master.as_slice().try_into()?)])?.open_kek(id, &sealed)?;
        let open = |sealer: TenantSealer| sealer.open_under(token, Purpose::RefreshChild, &child);
        let child = open(TenantSealer::new(&own)).context("the right key opens the child")?;
        secrets.push(Secret::text("the next refresh token", std::str::from_utf8(&child)?));
        assert!(open(TenantSealer::new(&foreign_kek)).is_none(), "another deployment opens a sealed token");
    }
    search::proves_itself();
    for (name, dump) in &dumps {
        let found = search::find(dump, &secrets);
        assert!(found.is_empty(), "{name} gives away: {found:#?}");
    }
    Ok(())
}

/// Keys of every kind of private part: an elliptic curve's, Edwards', RSA's; and a rotation.
async fn use_all_algorithms(admin: &Admin, tenant: &Tenant) -> Result<()> {
    let name = format!("tenants/{}/keyPolicy", tenant.tenant);
    let algorithms = ["ES256", "ES384", "ES512", "EdDSA", "RS256"];
    let policy = json!({ "keyPolicy": { "name": name, "algorithms": algorithms }, "updateMask": "algorithms" });
    admin.call("KeyService/UpdateKeyPolicy", policy).await?;
    let now = json!({ "parent": format!("tenants/{}", tenant.tenant), "immediate": true, "reason": "a test" });
    admin.call("KeyService/RotateKeys", now).await?;
    Ok(())
}

/// Signs somebody in and refreshes once. Gives the refresh token that was used.
async fn leave_traces(tenant: &Tenant) -> Result<String> {
    let party = Party::discover(tenant, tenant.confidential_client()?).await?;
    let tokens = party.sign_in(&mut Browser::new()?, tenant.user()?, "openid offline_access").await?;
    let token = tokens["refresh_token"].as_str().context("no refresh token")?;
    party.refresh(token).await?.success()?;
    Ok(token.to_owned())
}

/// What a thief has: the files of SQLite, or what `pg_dump` writes.
async fn dumps(database: Database, installation: &Installation) -> Result<Vec<(String, Vec<u8>)>> {
    match database {
        Database::Sqlite => {
            let file = |name: &str| Ok((name.to_owned(), std::fs::read(installation.folder().join(name))?));
            let dumps = ["chancery.db", "chancery.db-wal"].map(file).into_iter().collect::<Result<Vec<_>>>()?;
            anyhow::ensure!(dumps.iter().any(|(_, dump)| dump.len() > 100_000), "where are the rows?");
            Ok(dumps)
        }
        Database::Postgres => {
            let dump = tokio::process::Command::new("pg_dump").arg(installation.database_url()).output().await?;
            anyhow::ensure!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
            let text = String::from_utf8_lossy(&dump.stdout).into_owned();
            anyhow::ensure!(text.contains("COPY public.tenant_keks"), "where are the rows?");
            Ok(vec![("pg_dump".to_owned(), dump.stdout)])
        }
    }
}

async fn open(installation: &Installation) -> Result<Storage> {
    Ok(Storage::open(Options::new(installation.database_url(), Arc::new(FakeClock::new()))).await?)
}

async fn id_of(storage: &Storage, tenant: &Tenant) -> Result<TenantId> {
    let reader = chancery_domain::ports::platform::PlatformStore::read(storage);
    let found = reader.tenants().find_by_slug(&tenant.tenant.parse()?).await?;
    Ok(found.context("no such tenant")?.id)
}
