//! `chancery serve` on a database of its own, as an operator installs it.

use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    admin::Admin,
    browser::Browser,
    dev::{Client, Tenant, User},
    http::Http,
    party::random_text,
    program::Program,
};

/// A database with its schema, a master key, an admin key, and the configuration that goes with them.
pub struct Installation {
    folder: TempDir,
    database_url: String,
    master_key: String,
    public_url: String,
    more: String,
    /// The addresses of the first replica.
    pub first: Replica,
    admin_key: String,
}

/// One process of an installation: its configuration and its addresses.
#[derive(Clone, Debug)]
pub struct Replica {
    /// The configuration.
    pub config: PathBuf,
    /// Its own address of the front.
    pub http_url: String,
    /// Its address of the admin API.
    pub admin_url: String,
    name: String,
}

impl Installation {
    /// One on SQLite.
    pub async fn on_sqlite() -> Result<Self> {
        Self::on_sqlite_with("").await
    }

    /// One on SQLite with more lines in its configuration.
    pub async fn on_sqlite_with(more: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite://{}/chancery.db", folder.path().display());
        Self::prepare(folder, url, more).await
    }

    /// One on SQLite whose platform nobody owns: the operator's key is empty.
    pub async fn unowned() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite://{}/chancery.db", folder.path().display());
        Self::migrated(folder, url, "").await
    }

    /// The same on an empty database of a server.
    pub async fn unowned_on(database_url: &str) -> Result<Self> {
        Self::migrated(tempfile::tempdir()?, database_url.to_owned(), "").await
    }

    /// One on an empty database of a server.
    pub async fn on(database_url: &str) -> Result<Self> {
        Self::on_with(database_url, "").await
    }

    /// One on an empty database of a server, with more lines in the configuration of each replica.
    pub async fn on_with(database_url: &str, more: &str) -> Result<Self> {
        Self::prepare(tempfile::tempdir()?, database_url.to_owned(), more).await
    }

    async fn prepare(folder: TempDir, database_url: String, more: &str) -> Result<Self> {
        let unowned = Self::migrated(folder, database_url, more).await?;
        let config = unowned.first.config.display().to_string();
        let key = Program::run(&["admin-key", "create", "--config", &config, "--name", "tests"]).await?;
        anyhow::ensure!(key.success, "admin-key create: {}", key.stderr);
        Ok(Self { admin_key: key.stdout.trim().to_owned(), ..unowned })
    }

    async fn migrated(folder: TempDir, database_url: String, more: &str) -> Result<Self> {
        let master_key = random_text();
        let public_url = format!("http://127.0.0.1:{}", free_port()?);
        let first =
            Replica::configure(folder.path(), "first", &public_url, &public_url, &database_url, &master_key, more)?;
        let config = first.config.display().to_string();
        let migrated = Program::run(&["migrate", "--config", &config]).await?;
        anyhow::ensure!(migrated.success, "migrate: {}", migrated.stderr);
        let (more, admin_key) = (more.to_owned(), String::new());
        Ok(Self { folder, database_url, master_key, public_url, more, first, admin_key })
    }

    /// Another replica on the same database.
    pub fn replica(&self, name: &str) -> Result<Replica> {
        self.replica_on(name, &self.database_url)
    }

    /// Another replica that reaches the same database by another URL.
    pub fn replica_on(&self, name: &str, database_url: &str) -> Result<Replica> {
        let http_url = format!("http://127.0.0.1:{}", free_port()?);
        let (folder, public_url, more) = (self.folder.path(), &self.public_url, &self.more);
        Replica::configure(folder, name, public_url, &http_url, database_url, &self.master_key, more)
    }

    /// Starts a replica with those roles, or with all.
    pub fn start(&self, replica: &Replica, roles: &[&str]) -> Result<Program> {
        let config = replica.config.display().to_string();
        let roles: Vec<_> = roles.iter().flat_map(|role| ["--role", role]).collect();
        Program::start(self.folder.path(), &replica.name, &[&["serve", "--config", &config][..], &roles].concat())
    }

    /// Starts a replica with all roles and waits until it serves.
    pub async fn serve(&self, replica: &Replica) -> Result<Program> {
        let mut program = self.start(replica, &[])?;
        self.until_ready(&mut program, replica).await?;
        Ok(program)
    }

    /// The same with these environment variables.
    pub async fn serve_with(&self, replica: &Replica, environment: &[(&str, &str)]) -> Result<Program> {
        let config = replica.config.display().to_string();
        let arguments = ["serve", "--config", &config];
        let mut program = Program::start_with(self.folder.path(), &replica.name, &arguments, environment)?;
        self.until_ready(&mut program, replica).await?;
        Ok(program)
    }

    /// Waits until the front of a replica serves.
    pub async fn until_ready(&self, program: &mut Program, replica: &Replica) -> Result<()> {
        let (http, url) = (Http::new()?, format!("{}/readyz", replica.http_url));
        let ready = async |_: &Program| {
            let response = http.get(&url).ok()?.send().await.ok()?;
            response.status().is_success().then_some(())
        };
        program.until("ready front", ready).await
    }

    /// An operator at a replica.
    pub async fn admin(&self, replica: &Replica) -> Result<Admin> {
        let mut patience = 50;
        loop {
            match Admin::connect(&replica.admin_url, &self.admin_key).await {
                Err(_) if patience > 0 => patience -= 1,
                done => return done,
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }

    /// The way to a replica for what is meant for the public URL.
    pub fn way_to(&self, replica: &Replica) -> Result<Http> {
        Http::by_way_of(&self.public_url, &replica.http_url)
    }

    /// The URL that every issuer begins with.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The database.
    #[must_use]
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// The key of the platform's operator.
    #[must_use]
    pub fn admin_key(&self) -> &str {
        &self.admin_key
    }

    /// The master key.
    #[must_use]
    pub fn master_key(&self) -> &str {
        &self.master_key
    }

    /// Where configurations and logs are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Replica {
    fn configure(
        folder: &Path,
        name: &str,
        public_url: &str,
        http_url: &str,
        database_url: &str,
        master_key: &str,
        more: &str,
    ) -> Result<Self> {
        let admin_url = format!("http://127.0.0.1:{}", free_port()?);
        let config = folder.join(format!("{name}.toml"));
        let text = format!(
            "public_url = \"{public_url}\"\n\n[http]\nlisten = \"{}\"\n\n[admin]\nlisten = \"{}\"\n\n[database]\n\
             url = \"{database_url}\"\n\n[keys]\nmaster = [{{ id = \"first\", value = \"{master_key}\" }}]\n{more}",
            http_url.trim_start_matches("http://"),
            admin_url.trim_start_matches("http://"),
        );
        std::fs::write(&config, text).context("writing the configuration")?;
        Ok(Self { config, http_url: http_url.to_owned(), admin_url, name: name.to_owned() })
    }
}

/// Ports that no system gives out by itself (those begin at 32 768), so that none is taken between the choice and its
/// use.
const PORTS: std::ops::Range<u32> = 20_000..32_000;

/// A port that nobody listens on, and that no test chose before that still runs: as long as this process lives, it holds a
/// name for each of its ports that no other can have.
pub fn free_port() -> Result<u16> {
    static CHOSEN: AtomicU32 = AtomicU32::new(0);
    static HELD: Mutex<Vec<UnixListener>> = Mutex::new(Vec::new());
    // Processes that run at the same time begin at different places.
    let begin = std::process::id().wrapping_mul(97);
    for _ in PORTS {
        let step = begin.wrapping_add(CHOSEN.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(PORTS.start + step % (PORTS.end - PORTS.start))?;
        let name = SocketAddr::from_abstract_name(format!("chancery-test-port-{port}"))?;
        if let Ok(held) = UnixListener::bind_addr(&name)
            && TcpListener::bind(("127.0.0.1", port)).is_ok()
        {
            HELD.lock().unwrap_or_else(PoisonError::into_inner).push(held);
            return Ok(port);
        }
    }
    anyhow::bail!("no port is free")
}

/// Makes a tenant with a public client `web`, a confidential client `backend` and a user, as `dev` does.
pub async fn found(admin: &Admin, slug: &str, profile: &str) -> Result<Tenant> {
    found_with(admin, slug, json!({ "profile": profile })).await
}

/// The same, with more said of the tenant.
pub async fn found_with(admin: &Admin, slug: &str, tenant: Value) -> Result<Tenant> {
    found_by(&Http::new()?, admin, slug, tenant).await
}

/// The same, where the way to the front is another one than the public URL.
pub async fn found_by(way: &Http, admin: &Admin, slug: &str, tenant: Value) -> Result<Tenant> {
    let made = admin.call("TenantService/CreateTenant", json!({ "tenantId": slug, "tenant": tenant }));
    let issuer = made.await?["issuer"].as_str().context("no issuer")?.to_owned();
    let parent = format!("tenants/{slug}");
    let mut clients = Vec::new();
    for (id, method) in [("web", "AUTH_METHOD_NONE"), ("backend", "AUTH_METHOD_CLIENT_SECRET_BASIC")] {
        let confidential = id == "backend";
        let client = Client {
            client_id: format!("{id}-{slug}"),
            client_secret: None,
            redirect_uris: vec![format!("https://{slug}.example/{id}/callback")],
            post_logout_redirect_uris: vec![format!("https://{slug}.example/{id}/signed-out")],
        };
        let mut grants = vec!["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN"];
        if confidential {
            grants.push("GRANT_TYPE_CLIENT_CREDENTIALS");
        }
        let message = json!({ "parent": parent, "clientId": client.client_id, "client": {
            "kind": "KIND_WEB",
            "authMethods": [method],
            "redirectUris": client.redirect_uris,
            "postLogoutRedirectUris": client.post_logout_redirect_uris,
            "grantTypes": grants,
            "scopes": ["openid", "profile", "email", "offline_access"],
        }});
        admin.call("ClientService/CreateClient", message).await?;
        let client_secret = if confidential {
            let of = json!({ "parent": format!("{parent}/clients/{}", client.client_id) });
            admin.call("ClientService/GenerateClientSecret", of).await?["secret"].as_str().map(str::to_owned)
        } else {
            None
        };
        clients.push(Client { client_secret, ..client });
    }
    let user = User { username: format!("ann.{slug}"), password: format!("correct-horse-{slug}") };
    let message = json!({ "parent": parent, "user": {
        "username": user.username,
        "email": format!("ann@{slug}.example"),
        "emailVerified": true,
        "claims": { "name": "Ann Example" },
    }});
    let name = admin.call("UserService/CreateUser", message).await?["name"].clone();
    let link = admin.call("UserService/CreatePasswordLink", json!({ "name": name })).await?;
    let link = link["uri"].as_str().context("no link")?;
    let page = Browser::with(way.clone()).choose_password(link, &user.password).await?;
    anyhow::ensure!(page.has("password-set"), "no password was set ({}): {}", page.status, page.html);
    Ok(Tenant { tenant: slug.to_owned(), issuer, clients, users: vec![user] })
}
