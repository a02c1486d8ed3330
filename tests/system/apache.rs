//! Debian's Apache with `mod_auth_openidc`, which others wrote, before a page that only people who signed in may see.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use chancery_tests::{
    admin::Admin,
    browser::Browser,
    dev::{Client, Dev, Tenant},
    installation::free_port,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::script;

const PROGRAM: &str = "/usr/sbin/apache2";

/// A running Apache, stopped when dropped.
struct Apache {
    child: Child,
    folder: TempDir,
}

impl Apache {
    /// One whose folder `/guarded/` needs somebody who signed in at the issuer.
    async fn start(port: u16, tenant: &Tenant, client: &Client, more: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let guarded = folder.path().join("pages/guarded");
        std::fs::create_dir_all(&guarded)?;
        std::fs::write(guarded.join("index.html"), "<!doctype html><h1 id=\"guarded\">Guarded</h1>")?;
        let config = folder.path().join("apache.conf");
        std::fs::write(&config, configuration(folder.path(), port, tenant, client, more)?)?;
        let child = Command::new(PROGRAM)
            .args(["-X", "-f"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
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

    fn log(&self) -> String {
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
    let folder = folder.display();
    let modules =
        ["mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime", "headers", "env", "auth_openidc"];
    let modules =
        modules.map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n")).concat();
    let (id, secret) = (&client.client_id, client.client_secret.as_deref().context("no secret")?);
    let (issuer, back) = (&tenant.issuer, &client.redirect_uris[0]);
    Ok(format!(
        "ServerName 127.0.0.1\nServerRoot {folder}\nPidFile {folder}/pid\nErrorLog {folder}/error.log\nLogLevel warn\n\
         DefaultRuntimeDir {folder}\nMutex file:{folder} default\nListen 127.0.0.1:{port}\n{modules}\
         TypesConfig /etc/mime.types\nDocumentRoot {folder}/pages\nDirectoryIndex index.html\n\
         OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration\nOIDCClientID {id}\nOIDCClientSecret {secret}\n\
         OIDCRedirectURI {back}\nOIDCCryptoPassphrase not-a-secret-of-anybody\nOIDCScope \"openid email\"\n{more}\n\
         <Location /guarded/>\nAuthType openid-connect\nRequire valid-user\n\
         Header set X-Sub \"%{{OIDC_CLAIM_sub}}e\"\nHeader set X-Email \"%{{OIDC_CLAIM_email}}e\" \"expr=-n reqenv('OIDC_CLAIM_email')\"\n\
         </Location>\n<Directory {folder}/pages>\nRequire all granted\n</Directory>\n"
    ))
}

/// A confidential client for that Apache.
async fn client(admin: &Admin, tenant: &Tenant, id: &str, port: u16, more: Value) -> Result<Client> {
    let redirect_uris = vec![format!("http://127.0.0.1:{port}/guarded/callback")];
    let mut said = json!({
        "kind": "KIND_WEB",
        "authMethods": ["AUTH_METHOD_CLIENT_SECRET_BASIC"],
        "redirectUris": redirect_uris,
        "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE"],
        "scopes": ["openid", "email"],
    });
    said.as_object_mut().context("an object")?.extend(more.as_object().cloned().unwrap_or_default());
    let message = json!({ "parent": format!("tenants/{}", tenant.tenant), "clientId": id, "client": said });
    let made = admin.call("ClientService/CreateClient", message).await?;
    let generated = admin.call("ClientService/GenerateClientSecret", json!({ "parent": made["name"] })).await?;
    let client_secret = generated["secret"].as_str().map(str::to_owned);
    Ok(Client { client_id: id.to_owned(), client_secret, redirect_uris, post_logout_redirect_uris: Vec::new() })
}

#[tokio::test]
async fn mod_auth_openidc_guards_a_page_by_the_code_flow() -> Result<()> {
    let dev = Dev::start().await?;
    let admin = dev.admin().await?;
    for tenant in &dev.announced.tenants {
        let port = free_port()?;
        let client = client(&admin, tenant, "apache", port, json!({})).await?;
        let said = visit(tenant, &client, port, "OIDCPKCEMethod S256").await?;
        assert_eq!(said["response_type"], "code", "{said}");
        assert!(said["email"].as_str().is_some_and(|email| email.contains('@')), "{said}");
    }
    Ok(())
}

/// What the browser saw on its way to the guarded page.
async fn visit(tenant: &Tenant, client: &Client, port: u16, more: &str) -> Result<Value> {
    let apache = Apache::start(port, tenant, client, more).await?;
    let user = tenant.user()?;
    let task = json!({ "guarded": format!("http://127.0.0.1:{port}/guarded/"), "user": user });
    let said = script::run("apache_module.mjs", &task, &mut Browser::new()?, user).await;
    said.with_context(|| apache.log())
}
