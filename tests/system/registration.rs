//! Clients that register themselves at the endpoint (RFC 7591, RFC 7592, OpenID Connect Dynamic Client Registration), on
//! both databases.

mod floods;
mod invitations;
mod libraries;
mod lives;
mod pages;
mod places;
mod strangers;
mod unused;

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    dev::{Client, Tenant},
    http::{Http, Reply},
};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::{
    client_requests::published::Web,
    databases::{Database, Site},
    making,
};

/// The usual answer to wrong metadata.
const METADATA: &str = "invalid_client_metadata";
/// The answer to wrong redirect URIs.
const REDIRECT: &str = "invalid_redirect_uri";

#[tokio::test]
async fn p007_p045_to_p047_t022_t154_t156_t238_to_t246_registration_on_sqlite() -> Result<()> {
    all(Database::Sqlite).await
}

#[tokio::test]
async fn p007_p045_to_p047_t022_t154_t156_t238_to_t246_registration_on_postgres() -> Result<()> {
    all(Database::Postgres).await
}

async fn all(database: Database) -> Result<()> {
    let web = Web::open().await?;
    let folder = tempfile::tempdir()?;
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, web.certificate())?;
    let roots = roots.display().to_string();
    let environment = [
        ("CHANCERY_OUTBOUND__ALLOWED_HOSTS", "localhost"),
        ("CHANCERY_OUTBOUND__EXTRA_ROOTS", &*roots),
        ("CHANCERY_WORKER__PURGE_EXPIRED", "* * * * * *"),
    ];
    let site = database.site_with(&environment).await?;
    let office = Office::of(&site.second)?;
    strangers::t238_closed_is_the_default(&site).await.context("t238")?;
    office.open(&site, &json!({})).await.context("opening")?;
    lives::p045_a_registration_lives(&site, &office).await.context("p045")?;
    lives::p007_every_member_comes_back(&web, &site, &office).await.context("p007")?;
    strangers::t005_t009_t012_to_t015_redirect_uris(&office).await.context("t005")?;
    strangers::t013_links(&office).await.context("t013")?;
    strangers::t240_no_more_than_the_policy_gives(&office).await.context("t240")?;
    strangers::t241_each_token_manages_its_own(&site, &office).await.context("t241")?;
    strangers::t242_what_is_not_theirs_to_say(&site, &office).await.context("t242")?;
    strangers::t244_what_is_sent_is_bounded(&office).await.context("t244")?;
    strangers::t246_no_statement_is_believed(&office).await.context("t246")?;
    places::p046_t154_the_list_of_a_sector(&web, &office).await.context("p046 t154")?;
    places::p046_the_place_to_begin_a_sign_in(&office).await.context("p046")?;
    places::t151_t155_t158_places_that_are_not_called(&office).await.context("t158")?;
    pages::p047_t156_t243_the_pages_show_a_stranger(&web, &site, &office).await.context("p047")?;
    pages::t022_no_redirect_for_a_stranger_that_asks_for_too_much(&office).await.context("t022")?;
    strangers::t079_t120_t121_unfit_keys(&office).await.context("t079")?;
    unused::an_unused_stranger_goes(&site, &office).await.context("unused")?;
    invitations::t239_a_token_is_good_where_it_is_for(&site).await.context("t239")?;
    floods::t245_a_flood_is_stopped(&site).await.context("t245")
}

/// The registration endpoint of a tenant.
struct Office<'a> {
    http: Http,
    tenant: &'a Tenant,
    endpoint: Url,
}

impl<'a> Office<'a> {
    fn of(tenant: &'a Tenant) -> Result<Self> {
        let endpoint = Url::parse(&format!("{}/register", tenant.issuer))?;
        Ok(Self { http: Http::new()?, tenant, endpoint })
    }

    /// Lets everybody register there, within this policy and wide limits, and waits until the front knows.
    async fn open(&self, site: &Site, policy: &Value) -> Result<()> {
        let mut wide = json!({
            "access": "ACCESS_OPEN", "mostClients": 10_000, "mostPerHour": 10_000, "mostPerSource": 10_000,
        });
        for (name, value) in policy.as_object().context("an object")? {
            wide[name] = value.clone();
        }
        self.set(site, &json!({ "registration": wide, "responseTypes": ["code", "id_token", "id_token token"] }))
            .await?;
        self.until("opened", async || Ok(self.discovered().await?.is_some())).await
    }

    /// Sets settings of the tenant.
    async fn set(&self, site: &Site, settings: &Value) -> Result<()> {
        making::set(&site.admin, self.tenant, settings).await
    }

    /// Waits until something is as it was set.
    async fn until(&self, what: &str, is: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
        making::until(what, is).await
    }

    /// What discovery says of the endpoint.
    async fn discovered(&self) -> Result<Option<String>> {
        let url = format!("{}/.well-known/openid-configuration", self.tenant.issuer);
        let metadata = Reply::read(self.http.get(&url)?.send().await?).await?.success()?;
        Ok(metadata["registration_endpoint"].as_str().map(str::to_owned))
    }

    async fn ask(&self, method: Method, url: &Url, token: Option<&str>, body: Option<&Value>) -> Result<Reply> {
        let mut request = self.http.request(method, url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        Reply::read(request.send().await?).await
    }

    /// Sends metadata.
    async fn register(&self, metadata: &Value) -> Result<Reply> {
        self.ask(Method::POST, &self.endpoint, None, Some(metadata)).await
    }

    /// Registers a client that must be taken.
    async fn registered(&self, metadata: &Value) -> Result<Registered> {
        let reply = self.register(metadata).await?;
        ensure!(reply.status == 201, "{}: {}", reply.status, reply.body);
        Registered::read(reply.body)
    }

    /// That metadata are refused with that error, by the name of the member.
    async fn refuses(&self, metadata: &Value, error: &str, member: &str) -> Result<()> {
        let reply = self.register(metadata).await?;
        ensure!(reply.refusal() == (400, error), "{metadata}: {} {}", reply.status, reply.body);
        let hint = reply.body["error_description"].as_str().unwrap_or_default();
        ensure!(hint.starts_with(member), "{metadata}: {hint}");
        ensure!(reply.header("cache-control") == "no-store", "{:?}", reply.headers);
        Ok(())
    }
}

/// A client as it was registered.
struct Registered {
    /// What it was told.
    told: Value,
    /// Its `client_id`.
    id: String,
    /// What manages it.
    token: String,
    /// Where.
    place: Url,
}

impl Registered {
    fn read(told: Value) -> Result<Self> {
        let text = |name: &str| told[name].as_str().map(str::to_owned).with_context(|| format!("no {name} in {told}"));
        let (id, token) = (text("client_id")?, text("registration_access_token")?);
        let place = Url::parse(&text("registration_client_uri")?)?;
        Ok(Self { told, id, token, place })
    }

    /// The application that it is.
    fn client(&self) -> Client {
        let texts = |name: &str| {
            let list = self.told[name].as_array().into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Client {
            client_id: self.id.clone(),
            client_secret: self.told["client_secret"].as_str().map(str::to_owned),
            redirect_uris: texts("redirect_uris"),
            post_logout_redirect_uris: texts("post_logout_redirect_uris"),
        }
    }
}

/// The least that a client says.
fn app() -> Value {
    json!({ "redirect_uris": ["https://sundial.example/cb"] })
}

/// The same with one member more.
fn with(member: &str, value: Value) -> Value {
    let mut metadata = app();
    metadata[member] = value;
    metadata
}
