//! A site that asks for certificates at a listener of its own, and the clients there.

use std::{
    net::IpAddr,
    process::Child,
    sync::LazyLock,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    admin::Admin,
    dev::Tenant,
    http::{Reply, from_own_address, own_address},
    installation::free_port,
    party::Party,
};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{runtime::Runtime, sync::OnceCell};

use super::authority::{Authority, Shown};
use crate::{
    authorization::scene::confidential,
    databases::{Database, Site},
};

/// The listener, as the configuration says it.
pub(crate) struct Door {
    pub(crate) url: String,
    /// What it shows itself, in PEM.
    pub(crate) certificate: String,
    environment: Vec<(&'static str, String)>,
    _folder: TempDir,
}

impl Door {
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
        let file = |name: &str, text: String| -> Result<String> {
            let path = folder.path().join(name);
            std::fs::write(&path, text)?;
            Ok(path.display().to_string())
        };
        let port = free_port()?;
        let url = format!("https://localhost:{port}");
        let environment = vec![
            ("CHANCERY_HTTP__MTLS__LISTEN", format!("127.0.0.1:{port}")),
            ("CHANCERY_HTTP__MTLS__PUBLIC_URL", url.clone()),
            ("CHANCERY_HTTP__MTLS__TLS_CERTIFICATE", file("chain.pem", certified.cert.pem())?),
            ("CHANCERY_HTTP__MTLS__TLS_KEY", file("key.pem", certified.signing_key.serialize_pem())?),
        ];
        Ok(Self { url, certificate: certified.cert.pem(), environment, _folder: folder })
    }

    /// The variables that say so.
    pub(crate) fn environment(&self) -> Vec<(&str, &str)> {
        self.environment.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// Whoever calls there with that certificate, or without one.
    pub(crate) fn caller(&self, shown: Option<&Shown>) -> Result<reqwest::Client> {
        let trusted = reqwest::Certificate::from_pem(self.certificate.as_bytes())?;
        let builder = reqwest::Client::builder().redirect(Policy::none()).no_proxy();
        let builder = builder.tls_certs_only([trusted]).timeout(Duration::from_secs(30));
        let builder = builder.local_address(own_address().map(IpAddr::V4));
        Ok(match shown {
            Some(shown) => builder.identity(reqwest::Identity::from_pem(shown.pem().as_bytes())?),
            None => builder,
        }
        .build()?)
    }
}

/// The site, with an authority that its first two tenants believe, and one that the second believes alone.
pub(crate) struct Scene {
    pub(crate) site: Site,
    pub(crate) door: Door,
    pub(crate) authority: Authority,
    pub(crate) of_second: Authority,
    _guard: Child,
}

/// The site outlives the test that made it, and so what drives it.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// Runs a case.
pub(super) fn on(database: Database, case: impl AsyncFnOnce(&Scene) -> Result<()>) -> Result<()> {
    RUNTIME.block_on(from_own_address(async { case(Scene::shared(database).await?).await }))
}

impl Scene {
    async fn shared(database: Database) -> Result<&'static Self> {
        static ON_SQLITE: OnceCell<Scene> = OnceCell::const_new();
        static ON_POSTGRES: OnceCell<Scene> = OnceCell::const_new();
        let shared = match database {
            Database::Sqlite => &ON_SQLITE,
            Database::Postgres => &ON_POSTGRES,
        };
        shared.get_or_try_init(|| Self::make(database)).await
    }

    async fn make(database: Database) -> Result<Self> {
        let door = Door::new()?;
        let site = database.site_with(&door.environment()).await?;
        let guard = site.ends_with_this_process()?;
        let (authority, of_second) = (Authority::new("known")?, Authority::new("known to one")?);
        let both = [authority.pem(), of_second.pem()];
        believe(&site.admin, &site.first, &both[..1]).await?;
        believe(&site.admin, &site.second, &both).await?;
        Ok(Self { site, door, authority, of_second, _guard: guard })
    }

    /// A client of the first tenant whose certificate an authority must vouch for, with that name in it.
    pub(super) async fn known_by(&self, member: &str, name: &str) -> Result<Party> {
        let more = json!({ "authMethods": ["AUTH_METHOD_TLS_CLIENT_AUTH"], member: name });
        confidential(&self.site.admin, &self.site.first, &more).await
    }

    /// A client of the first tenant with certificates of its own making, by those keys.
    pub(super) async fn known_by_keys(&self, keys: &[Value]) -> Result<Party> {
        let jwks = json!({ "keys": keys }).to_string();
        let more = json!({ "authMethods": ["AUTH_METHOD_SELF_SIGNED_TLS_CLIENT_AUTH"], "jwks": jwks });
        confidential(&self.site.admin, &self.site.first, &more).await
    }

    /// Calls an endpoint where certificates are asked for, as that client, with that certificate.
    pub(super) async fn call(
        &self,
        party: &Party,
        shown: Option<&Shown>,
        endpoint: &str,
        form: &[(&str, &str)],
    ) -> Result<Reply> {
        call(&self.door, party, shown, endpoint, form).await
    }

    /// What comes of asking for a token for itself.
    pub(super) async fn asks(&self, party: &Party, shown: Option<&Shown>) -> Result<Reply> {
        self.call(party, shown, "token_endpoint", &[("grant_type", "client_credentials")]).await
    }

    /// That the certificate proves the client.
    pub(super) async fn takes(&self, party: &Party, shown: &Shown) -> Result<()> {
        self.asks(party, Some(shown)).await?.success().map(drop)
    }

    /// That it proves nothing, in the one way in which nothing is proven.
    pub(super) async fn refuses(&self, party: &Party, shown: Option<&Shown>) -> Result<()> {
        let reply = self.asks(party, shown).await?;
        ensure!(reply.refusal() == (401, "invalid_client"), "{reply:?}");
        let nobody = self.call(party, None, "token_endpoint", &[("grant_type", "client_credentials")]).await?;
        ensure!(reply.body == nobody.body, "{reply:?} and {nobody:?}");
        ensure!(reply.header("cache-control") == "no-store", "{reply:?}");
        Ok(())
    }
}

/// The same at the listener of another site.
pub(crate) async fn call(
    door: &Door,
    party: &Party,
    shown: Option<&Shown>,
    endpoint: &str,
    form: &[(&str, &str)],
) -> Result<Reply> {
    let place = &party.metadata["mtls_endpoint_aliases"][endpoint];
    let place = place.as_str().with_context(|| format!("no {endpoint} in {}", party.metadata))?;
    ensure!(place.starts_with(&door.url), "{place}");
    let form = [form, &[("client_id", party.client.client_id.as_str())]].concat();
    Reply::read(door.caller(shown)?.post(place).form(&form).send().await?).await
}

/// Lets a tenant believe these authorities and no other, and devices ask; the metadata follow within seconds.
pub(crate) async fn believe(admin: &Admin, tenant: &Tenant, authorities: &[String]) -> Result<()> {
    let settings = json!({ "clientCertificateAuthorities": authorities, "deviceAuthorization": true });
    let named = json!({ "name": format!("tenants/{}", tenant.tenant), "settings": settings });
    let mask = "settings.clientCertificateAuthorities,settings.deviceAuthorization";
    admin.call("TenantService/UpdateTenant", json!({ "tenant": named, "updateMask": mask })).await?;
    let begun = Instant::now();
    loop {
        let party = Party::discover(tenant, tenant.confidential_client()?).await?;
        let methods = party.metadata["token_endpoint_auth_methods_supported"].as_array().context("methods")?;
        if methods.contains(&json!("tls_client_auth")) != authorities.is_empty() {
            return Ok(());
        }
        ensure!(begun.elapsed() < Duration::from_secs(20), "the metadata do not follow: {}", party.metadata);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
