//! What the demo gave out, kept beside its data so that a restart can print it again.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

/// The credentials of the demo. The database has only their digests.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Credentials {
    pub(super) admin_key: String,
    pub(super) tenants: Vec<DemoTenant>,
}

/// One demo tenant.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct DemoTenant {
    pub(super) tenant: String,
    pub(super) clients: Vec<DemoClient>,
    pub(super) users: Vec<DemoUser>,
}

/// One of its clients.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct DemoClient {
    pub(super) client_id: String,
    pub(super) client_secret: Option<String>,
    pub(super) redirect_uris: Vec<String>,
    pub(super) post_logout_redirect_uris: Vec<String>,
}

/// One of its users.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct DemoUser {
    pub(super) username: String,
    pub(super) password: String,
}

impl Credentials {
    fn file(data: &Path) -> PathBuf {
        data.join("demo.json")
    }

    /// Reads what an earlier run wrote, if there was one.
    pub(super) fn load(data: &Path) -> anyhow::Result<Option<Self>> {
        let file = Self::file(data);
        if !file.exists() {
            return Ok(None);
        }
        let text = std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let parsed = serde_json::from_slice(&text);
        parsed.map(Some).with_context(|| {
            format!("{} is not what `chancery dev` wrote; remove {} to begin anew", file.display(), data.display())
        })
    }

    /// Writes them for the next run, readable by their owner alone.
    pub(super) fn save(&self, data: &Path) -> anyhow::Result<()> {
        write_private(&Self::file(data), &serde_json::to_vec_pretty(self)?)
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let partial = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&partial, path)
    };
    write().with_context(|| format!("writing {}", path.display()))
}
