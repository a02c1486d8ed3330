//! What the cases of a database share.

use std::process::Child;

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    admin::Admin,
    browser::{Answer, Browser, Cookie, Landing, answer_in},
    dev::Tenant,
    http::Http,
    party::{Attempt, Party},
};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use url::Url;

pub(crate) use crate::making::FRONT;
use crate::{
    client_keys::changed,
    databases::{Database, Site},
    making::{self, offer_every_type, own_name, response_types, until},
    shared::{self, OnEach},
};

/// All that the clients here may ask for.
pub(crate) const SCOPES: &str = "openid profile email offline_access";

/// A site with its people signed in.
pub(crate) struct Scene {
    pub(crate) site: Site,
    /// The public client of the tenant on `oauth21`.
    pub(crate) web: Party,
    /// The confidential client of the tenant on `oauth21`.
    pub(crate) backend: Party,
    /// A confidential client of the tenant on `oidc`, which may ask for everything and need not send a challenge.
    pub(crate) hybrid: Party,
    first_cookies: Vec<Cookie>,
    second_cookies: Vec<Cookie>,
    /// Its input ends with this process, which is when the site must end.
    _guard: Child,
}

/// What one request without a cookie is answered with.
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// Runs a case.
pub(crate) fn on(database: Database, case: impl AsyncFnOnce(&Scene) -> Result<()>) -> Result<()> {
    static SCENES: OnEach<Scene> = OnEach::new();
    shared::run(async { case(SCENES.of(database, || Scene::make(database)).await?).await })
}

impl Scene {
    async fn make(database: Database) -> Result<Self> {
        let site = database.site().await?;
        let guard = site.ends_with_this_process()?;
        open(&site.admin, &site.second).await?;
        let web = Party::discover(&site.first, site.first.public_client()?).await?;
        let backend = Party::discover(&site.first, site.first.confidential_client()?).await?;
        let hybrid = Party::discover(&site.second, site.second.confidential_client()?).await?;
        let silent = hybrid.begin("openid", &[("prompt", "none")])?.with("response_type", "id_token");
        let known = async || Ok(see(&silent).await?.header("location").contains("error=login_required"));
        until("the client may ask for every type", known).await?;
        let mut browsers = [Browser::new()?, Browser::new()?];
        let user = site.first.user()?;
        for party in [&web, &backend] {
            party.sign_in(&mut browsers[0], user, SCOPES).await?;
        }
        let attempt = hybrid.begin(SCOPES, &[("prompt", "consent")])?;
        hybrid.obtain_code(&mut browsers[1], site.second.user()?, &attempt).await?;
        let [first_cookies, second_cookies] = browsers.map(|browser| browser.cookies().to_vec());
        Ok(Self { site, web, backend, hybrid, first_cookies, second_cookies, _guard: guard })
    }

    /// The operator.
    pub(crate) const fn admin(&self) -> &Admin {
        &self.site.admin
    }

    /// A browser in which the person of `party`'s tenant is signed in.
    pub(crate) fn signed_in(&self, party: &Party) -> Result<Browser> {
        let cookies = if self.is_of_second(party) { &self.second_cookies } else { &self.first_cookies };
        let mut browser = Browser::new()?;
        cookies.iter().cloned().for_each(|cookie| browser.plant(cookie));
        Ok(browser)
    }

    fn is_of_second(&self, party: &Party) -> bool {
        party.metadata["issuer"] == self.site.second.issuer.as_str()
    }

    /// The tenant that `party` is a client of.
    pub(crate) fn tenant(&self, party: &Party) -> &Tenant {
        if self.is_of_second(party) { &self.site.second } else { &self.site.first }
    }

    /// What a request gets in a browser where everything was done before.
    pub(crate) async fn answer(&self, party: &Party, attempt: &Attempt) -> Result<Answer> {
        let user = self.tenant(party).user()?;
        self.signed_in(party)?.authorize(attempt.url.as_str(), user, party.redirect_uri()?).await
    }

    /// A code for a request in such a browser.
    pub(crate) async fn code(&self, party: &Party, attempt: &Attempt) -> Result<String> {
        party.code_in(&self.answer(party, attempt).await?, attempt)
    }

    /// A confidential client beside `party` that is this case's alone, with more said of it. People are not asked about it.
    pub(crate) async fn confidential(&self, party: &Party, more: &Value) -> Result<Party> {
        confidential(self.admin(), self.tenant(party), more).await
    }

    /// A client of the tenant on `oauth21` that is this case's alone, and that people are not asked about.
    pub(crate) async fn client(&self, kind: &str, redirect_uris: &[&str]) -> Result<Party> {
        let tenant = &self.site.first;
        let more = json!({
            "kind": kind,
            "authMethods": ["AUTH_METHOD_NONE"],
            "redirectUris": redirect_uris,
            "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN"],
        });
        Party::discover(tenant, &making::client(self.admin(), tenant, &own_name("case"), &more).await?).await
    }
}

/// A confidential client of a tenant that nobody else uses, with more said of it. People are not asked about it.
pub(crate) async fn confidential(admin: &Admin, tenant: &Tenant, more: &Value) -> Result<Party> {
    let usual = json!({
        "authMethods": ["AUTH_METHOD_CLIENT_SECRET_BASIC", "AUTH_METHOD_CLIENT_SECRET_POST"],
        "scopes": ["openid", "profile", "email", "address", "phone", "offline_access"],
    });
    let client = making::client(admin, tenant, &own_name("case"), &changed(usual, more)).await?;
    Party::discover(tenant, &client).await
}

/// Lets the tenant give every response type, to a client that may ask for it.
async fn open(admin: &Admin, tenant: &Tenant) -> Result<()> {
    offer_every_type(admin, tenant, &json!({})).await?;
    let client_id = &tenant.confidential_client()?.client_id;
    let client = json!({
        "name": format!("tenants/{}/clients/{client_id}", tenant.tenant),
        "responseTypes": response_types(),
        "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN", "GRANT_TYPE_IMPLICIT"],
    });
    let update = json!({ "client": client, "updateMask": "responseTypes,grantTypes" });
    admin.call("ClientService/UpdateClient", update).await?;
    Ok(())
}

/// Sends one GET without a cookie.
pub(crate) async fn see(url: &Url) -> Result<Seen> {
    see_by(Method::GET, url, &[]).await
}

/// Sends one request without a body and without a cookie.
pub(crate) async fn see_by(method: Method, url: &Url, headers: &[(&str, &str)]) -> Result<Seen> {
    let mut request = Http::new()?.request(method, url).header("accept", "text/html");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Seen { status, headers, body: response.text().await? })
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// That this gets a page with 400 and no redirect, whoever asks. Gives the page.
pub(crate) async fn page(url: &Url) -> Result<String> {
    let seen = see(url).await.with_context(|| url.to_string())?;
    ensure!(seen.status == 400, "{}: {url}", seen.status);
    ensure!(seen.headers.get("location").is_none(), "{url} is sent to {}", seen.header("location"));
    ensure!(seen.header("content-type").starts_with("text/html"), "{}", seen.header("content-type"));
    ensure!(seen.header("cache-control") == "no-store", "{:?}", seen.headers);
    ensure!(seen.body.contains("id=\"oauth-error\">invalid_request<"), "{}", seen.body);
    Ok(seen.body)
}

/// That the client hears of this error: a 303 to its redirect URI with exactly the state and the issuer, and no code.
pub(crate) async fn refused(party: &Party, attempt: &Attempt, url: &Url, error: &str) -> Result<Answer> {
    let seen = see(url).await?;
    ensure!(seen.status == 303, "{} for {url:.300}: {:.300}", seen.status, seen.body);
    let location = Url::parse(seen.header("location"))?;
    told(party, attempt, &answer_in(&location, party.redirect_uri()?)?, error)
}

/// The same of an answer.
pub(crate) fn told(party: &Party, attempt: &Attempt, answer: &Answer, error: &str) -> Result<Answer> {
    let text = |name: &str| answer.get(name).map(String::as_str);
    ensure!(text("error") == Some(error), "{error} was expected of {answer:?}");
    ensure!(text("state") == Some(&attempt.state), "another state in {answer:?}");
    ensure!(text("iss") == party.metadata["issuer"].as_str(), "another issuer in {answer:?}");
    for given in ["code", "access_token", "id_token"] {
        ensure!(text(given).is_none(), "{given} in {answer:?}");
    }
    let description = text("error_description").context("no description")?;
    let legal = |byte: u8| matches!(byte, 0x20 | 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    ensure!(description.bytes().all(legal), "{description}");
    Ok(answer.clone())
}

/// That a browser is on its way back to the client with this error.
pub(crate) fn sent_back(party: &Party, attempt: &Attempt, landing: Landing, error: &str) -> Result<Answer> {
    told(party, attempt, &answer_in(&landing.away()?, party.redirect_uri()?)?, error)
}

/// The text of a member.
pub(crate) fn text<'a>(of: &'a Value, name: &str) -> Result<&'a str> {
    of[name].as_str().with_context(|| format!("no {name} in {of}"))
}
