//! A dump of the database gives nothing away: no private key, no secret and no token is in it in any form, and with the
//! master key of another deployment nothing in it opens.

mod der;
mod opener;
mod search;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use chancery_domain::{
    id::TenantId,
    key::Key,
    ports::{
        jose::{Purpose, Sealer as _},
        platform::PlatformStore,
        store::{SealedKek, Store, TenantReader},
    },
    secret::{OpaqueToken, TokenKind, from_base64url},
};
use chancery_keys::{kek::TenantKek, master::MasterKeys, seal::TenantSealer};
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
    let (mut tokens, mut links) = (Vec::new(), std::collections::BTreeMap::new());
    for tenant in &tenants {
        use_all_algorithms(&site.admin, tenant).await?;
        tokens.push(leave_traces(tenant).await?);
        links.insert(tenant.tenant.clone(), password_link(&site.admin, tenant).await?);
    }
    // Killed, so that what the log of SQLite holds beside the file stays there.
    site.program.kill();
    let installation = &site.installation;
    let dumps = dumps(database, installation).await?;

    let master = from_base64url(installation.master_key()).context("a master key")?;
    let admin_key = Secret::text("the admin key", installation.admin_key());
    let mut secrets = vec![Secret::bytes("the master key", &master), admin_key];
    let storage = open(installation).await?;
    for (tenant, token) in tenants.iter().zip(&tokens) {
        let home = Home::of(&storage, tenant).await?;
        secrets.extend(home.private_keys(&master)?);
        secrets.push(home.next_refresh_token(&master, token).await?);
        secrets.push(Secret::text("a refresh token", token));
        secrets.push(Secret::text("a password", &tenant.user()?.password));
        secrets.push(Secret::text("a password link", &links[&tenant.tenant]));
        let client = tenant.confidential_client()?.client_secret.as_deref().context("no secret")?;
        secrets.push(Secret::text("a client secret", client));
    }
    search::proves_itself();
    for (name, dump) in &dumps {
        let found = search::find(dump, &secrets);
        assert!(found.is_empty(), "{name} gives away: {found:#?}");
    }
    Ok(())
}

/// What stands in a link that the tenant's user has not used yet.
async fn password_link(admin: &Admin, tenant: &Tenant) -> Result<String> {
    let users = admin.call("UserService/ListUsers", json!({ "parent": format!("tenants/{}", tenant.tenant) })).await?;
    let made = admin.call("UserService/CreatePasswordLink", json!({ "name": users["users"][0]["name"] })).await?;
    let uri = made["uri"].as_str().context("no link")?;
    uri.rsplit('=').next().map(str::to_owned).context("no link")
}

/// The master key of another deployment.
const FOREIGN: [u8; 32] = [7; 32];

/// A tenant's rows in the dump.
struct Home {
    id: TenantId,
    kek: SealedKek,
    keys: Vec<Key>,
    rows: Box<dyn TenantReader>,
}

impl Home {
    async fn of(storage: &Storage, tenant: &Tenant) -> Result<Self> {
        let found = PlatformStore::read(storage).tenants().find_by_slug(&tenant.tenant.parse()?).await?;
        let id = found.context("no such tenant")?.id;
        let rows = Store::read(storage, id);
        Ok(Self { id, kek: rows.keys().kek().await?, keys: rows.keys().all().await?, rows })
    }

    /// Everything that the right master key opens, and no other does.
    fn private_keys(&self, master: &[u8]) -> Result<Vec<Secret>> {
        let opener = Opener::of_tenant(master, self.id, &self.kek).context("the right master key opens")?;
        let mut secrets = vec![Secret::bytes("a tenant's own key", opener.secret())];
        let found: Vec<Opened> = self.keys.iter().filter_map(|key| opener.private_key(self.id, key)).collect();
        assert_eq!(found.len(), self.keys.iter().filter(|key| key.private.is_some()).count());
        assert!(found.len() >= 8, "only {} private keys", found.len());
        for Opened { name, pkcs8 } in &found {
            secrets.push(Secret::bytes(&format!("PKCS#8 of {name}"), pkcs8));
            let parts = der::private_parts(pkcs8);
            assert!(!parts.is_empty(), "nothing private in {name}");
            secrets.extend(parts.iter().map(|part| Secret::bytes(&format!("a part of {name}"), part)));
        }

        assert!(Opener::of_tenant(&FOREIGN, self.id, &self.kek).is_none(), "another master key opens a tenant's key");
        assert!(masters(FOREIGN)?.open_kek(self.id, &self.kek).is_err());
        let (_, foreign) = masters(FOREIGN)?.new_kek(self.id, &SeededRandom::new(1))?;
        let stranger = Opener::of_tenant(&FOREIGN, self.id, &foreign).context("its own")?;
        let opens = |key: &Key| stranger.private_key(self.id, key).is_some();
        assert!(!self.keys.iter().any(opens), "another tenant's key opens private keys");
        Ok(secrets)
    }

    /// The child that a used refresh token keeps sealed.
    async fn next_refresh_token(&self, master: &[u8], token: &str) -> Result<Secret> {
        let parent = OpaqueToken::parse(TokenKind::Refresh, token).context("a refresh token")?;
        let spent = self.rows.refresh().standing(&parent.digest()).await?.and_then(|found| found.token.spent);
        let sealed = spent.context("the token was not used")?.sealed_child;
        let open = |kek: &TenantKek| TenantSealer::new(kek).open_under(token, Purpose::RefreshChild, &sealed);
        let (foreign, _) = masters(FOREIGN)?.new_kek(self.id, &SeededRandom::new(1))?;
        assert!(open(&foreign).is_none(), "another deployment opens a sealed token");
        let own = masters(master.try_into()?)?.open_kek(self.id, &self.kek)?;
        let child = open(&own).context("the right key opens the child")?;
        Ok(Secret::text("the next refresh token", std::str::from_utf8(&child)?))
    }
}

fn masters(value: [u8; 32]) -> Result<MasterKeys> {
    Ok(MasterKeys::new(vec![("first".parse()?, value)])?)
}

/// Keys of every kind of private part: an elliptic curve's, Edwards', RSA's; and a rotation.
async fn use_all_algorithms(admin: &Admin, tenant: &Tenant) -> Result<()> {
    let name = format!("tenants/{}/keyPolicy", tenant.tenant);
    let algorithms = ["ES256", "ES512", "EdDSA", "RS256"];
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
