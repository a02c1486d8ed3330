//! `chancery dev` and what it announces.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::{admin::Admin, program::Program};

/// A running `dev`.
pub struct Dev {
    /// The process.
    pub program: Program,
    /// What it announced.
    pub announced: Announcement,
    folder: PathBuf,
    _folder: Option<TempDir>,
}

/// The object that `dev --output json` prints.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// Where the front is.
    pub public_url: String,
    /// Where the admin API is.
    pub admin_url: String,
    /// A key to it.
    pub admin_key: String,
    /// Where the figures are given, if anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics_url: Option<String>,
    /// The demo tenants.
    pub tenants: Vec<Tenant>,
}

/// A tenant to try.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// The last part of its name.
    pub tenant: String,
    /// Its issuer.
    pub issuer: String,
    /// Its clients.
    pub clients: Vec<Client>,
    /// Its users.
    pub users: Vec<User>,
}

/// A client to try.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its `client_id`.
    pub client_id: String,
    /// Its secret, unless it is public.
    pub client_secret: Option<String>,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after signing out.
    pub post_logout_redirect_uris: Vec<String>,
}

/// A person to try.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// What to sign in with.
    pub username: String,
    /// And the password.
    pub password: String,
}

impl Tenant {
    /// The public client: the one without a secret.
    pub fn public_client(&self) -> Result<&Client> {
        self.clients.iter().find(|client| client.client_secret.is_none()).context("no public client")
    }

    /// The client with a secret.
    pub fn confidential_client(&self) -> Result<&Client> {
        self.clients.iter().find(|client| client.client_secret.is_some()).context("no confidential client")
    }

    /// A person.
    pub fn user(&self) -> Result<&User> {
        self.users.first().context("no user")
    }
}

impl Dev {
    /// Starts `dev` on data of its own.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// The same with more arguments.
    pub async fn start_with(more: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().to_owned();
        Ok(Self { _folder: Some(folder), ..Self::start_in_with(&path, more).await? })
    }

    /// Starts `dev` on the data in that folder.
    pub async fn start_in(folder: &Path) -> Result<Self> {
        Self::start_in_with(folder, &[]).await
    }

    async fn start_in_with(folder: &Path, more: &[&str]) -> Result<Self> {
        let data = folder.join("data").display().to_string();
        let listeners = ["--http", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
        let arguments = [&["dev", "--output", "json", "--data", &data][..], &listeners, more].concat();
        let name = format!("dev-{}", uuid::Uuid::new_v4().simple());
        let mut program = Program::start(folder, &name, &arguments)?;
        let announced = program
            .until("announcement", async |program| serde_json::from_str::<serde_json::Value>(&program.printed()).ok())
            .await?;
        let announced = serde_json::from_value(announced).context("the announcement")?;
        Ok(Self { program, announced, folder: folder.to_owned(), _folder: None })
    }

    /// Where its data and its log are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// An operator with its key.
    pub async fn admin(&self) -> Result<Admin> {
        Admin::connect(&self.announced.admin_url, &self.announced.admin_key).await
    }
}
