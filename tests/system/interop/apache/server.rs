//! A running Apache.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use chancery_tests::dev::{Client, Tenant};
use tempfile::TempDir;

const PROGRAM: &str = "/usr/sbin/apache2";

/// A running Apache, stopped when dropped.
pub(super) struct Apache {
    child: Child,
    folder: TempDir,
}

/// How the module is set up.
#[derive(Default)]
pub(super) struct Setup<'a> {
    /// More lines of its configuration; `{folder}` stands for the folder that the files lie in.
    pub(super) lines: &'a str,
    /// Files by their names.
    pub(super) files: Vec<(&'a str, String)>,
}

impl Apache {
    /// One whose folder `/guarded/` needs somebody who signed in at the issuer, and `/api/` an access token of it.
    pub(super) async fn start(port: u16, tenant: &Tenant, client: &Client, setup: &Setup<'_>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for (place, html) in [
            ("", "<!doctype html><h1 id=\"outside\">Outside</h1>"),
            ("guarded", "<!doctype html><h1 id=\"guarded\">Guarded</h1>"),
            ("api", "an answer"),
        ] {
            let place = folder.path().join("pages").join(place);
            std::fs::create_dir_all(&place)?;
            std::fs::write(place.join("index.html"), html)?;
        }
        for (name, text) in &setup.files {
            std::fs::write(folder.path().join(name), text)?;
        }
        let config = folder.path().join("apache.conf");
        std::fs::write(&config, configuration(folder.path(), port, tenant, client, setup.lines)?)?;
        let child = Command::new(PROGRAM)
            .args(["-X", "-f"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(folder.path().join("error.log"))?)
            .spawn()
            .context("starting apache2; tests/run installs it")?;
        let mut apache = Self { child, folder };
        apache.until_it_listens(port).await?;
        Ok(apache)
    }

    async fn until_it_listens(&mut self, port: u16) -> Result<()> {
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(());
            }
            anyhow::ensure!(self.child.try_wait()?.is_none(), "apache2 ended: {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("apache2 does not listen: {}", self.log())
    }

    /// What it complained of.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn configuration(folder: &Path, port: u16, tenant: &Tenant, client: &Client, more: &str) -> Result<String> {
    let folder = folder.display().to_string();
    let modules =
        ["mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime", "headers", "env", "auth_openidc"];
    let modules =
        modules.map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n")).concat();
    let id = &client.client_id;
    let secret = client.client_secret.as_ref().map(|secret| format!("OIDCClientSecret {secret}\n")).unwrap_or_default();
    let back = client.redirect_uris.first().context("no redirect URI")?;
    let issuer = &tenant.issuer;
    let more = more.replace("{folder}", &folder);
    Ok(format!(
        "ServerName 127.0.0.1\nServerRoot {folder}\nPidFile {folder}/pid\nErrorLog {folder}/error.log\nLogLevel warn\n\
         DefaultRuntimeDir {folder}\nMutex file:{folder} default\nListen 127.0.0.1:{port}\n{modules}\
         TypesConfig /etc/mime.types\nDocumentRoot {folder}/pages\nDirectoryIndex index.html\n\
         OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration\nOIDCClientID {id}\n{secret}\
         OIDCRedirectURI {back}\nOIDCCryptoPassphrase not-a-secret-of-anybody\nOIDCScope \"openid email\"\n{more}\n\
         <Location /guarded/>\nAuthType openid-connect\nRequire valid-user\nHeader set Cache-Control no-store\n\
         Header set X-Access-Token \"%{{OIDC_access_token}}e\"\n\
         Header set X-Sub \"%{{OIDC_CLAIM_sub}}e\"\nHeader set X-Email \"%{{OIDC_CLAIM_email}}e\" \"expr=-n reqenv('OIDC_CLAIM_email')\"\n\
         </Location>\n\
         <Location /api/>\nAuthType oauth20\nRequire claim client_id:{id}\n\
         Header set X-Sub \"%{{OIDC_CLAIM_sub}}e\"\n</Location>\n\
         <Directory {folder}/pages>\nRequire all granted\n</Directory>\n"
    ))
}
