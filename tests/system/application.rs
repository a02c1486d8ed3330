//! An application on our SDK (`chancery-relying-party`), served as any other, against two tenants of the running program on
//! both databases: what attackers bring to it, and what it does then.
//!
//! The browser of a person is two here: one before the application, one before the server. What goes from one to the other
//! is carried over by hand, so that a case can change it on the way.

mod calls;
mod ended;
mod mixed_up;

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use axum::{Router, middleware::map_response, response::Response, routing::get};
use chancery_relying_party::{LogoutError, RelyingParty, SignInError, User};
use chancery_tests::{
    browser::{Answer, Browser},
    dev::{Client, Tenant},
    installation::free_port,
    page::Page,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use crate::{
    databases::on_both,
    interop::scene::{self, Scene},
    making::{self, own_name},
};
use calls::Calls;

on_both! {
    by scene::on;
    t061_an_answer_without_its_issuer = mixed_up::other_issuers;
    t061_an_answer_to_somebody_elses_request = mixed_up::mix_up;
    t062_an_injected_code = mixed_up::injected;
    t219_logout_tokens = ended::logout_tokens;
    t220_a_frame_with_a_foreign_sid = ended::frames;
}

/// A running application at which people sign in by either tenant, and what its refusals were.
struct Application {
    origin: String,
    /// What it calls of the server.
    calls: Calls,
    refusals: Arc<Mutex<Vec<String>>>,
    /// As a client of the tenant on `oauth21`, and of that on `oidc`.
    clients: [Client; 2],
}

impl Application {
    /// Registers it at both tenants and serves it.
    async fn start(scene: &Scene) -> Result<Self> {
        let (calls, refusals) = (Calls::count().await?, Arc::new(Mutex::new(Vec::new())));
        // Its address is registered before it is served.
        let address = format!("127.0.0.1:{}", free_port()?);
        let (origin, id) = (format!("http://{address}"), own_name("sdk"));
        let (mut app, mut clients) = (Router::new(), Vec::new());
        for tenant in tenants(scene) {
            let slug = &tenant.tenant;
            // Both redirect URIs at both tenants, as an attacker would like it best.
            let mut more = json!({ "redirectUris": tenants(scene).map(|tenant| callback(&origin, tenant)) });
            if slug == &scene.site.second.tenant {
                let frame = format!("{origin}/{slug}/frontchannel-logout");
                more["frontchannelLogoutUri"] = frame.into();
                more["frontchannelLogoutSessionRequired"] = true.into();
            }
            let client = making::client(&scene.site.admin, tenant, &id, &more).await?;
            let redirect_uri = callback(&origin, tenant);
            let party = RelyingParty::builder(&tenant.issuer, &client.client_id, &redirect_uri)
                .client_secret(client.client_secret.clone().context("no secret")?)
                .client(calls.client()?)
                .hear_logout()
                .build()?;
            let own = Router::new().route(&format!("/{slug}/me"), get(me)).merge(party.routes()).with_state(party);
            (app, clients) = (app.merge(own), [clients, vec![client]].concat());
        }
        let told = Arc::clone(&refusals);
        let app = app.layer(map_response(move |response: Response| {
            let told = Arc::clone(&told);
            async move { note(&told, response) }
        }));
        let listener = TcpListener::bind(&address).await?;
        tokio::spawn(async move { axum::serve(listener, app).await });
        let clients = clients.try_into().map_err(|_| anyhow::anyhow!("two clients"))?;
        Ok(Self { origin, calls, refusals, clients })
    }

    fn url(&self, tenant: &Tenant, path: &str) -> String {
        format!("{}/{}/{path}", self.origin, tenant.tenant)
    }

    /// Begins to sign in: where the application sends the browser.
    async fn begin(&self, browser: &mut Browser, tenant: &Tenant) -> Result<Url> {
        browser.open(&self.url(tenant, "login")).await?.away()
    }

    /// Comes back to the application with an answer. Gives the page that it ends at.
    async fn come_back(&self, browser: &mut Browser, tenant: &Tenant, answer: &Answer) -> Result<Page> {
        let url = Url::parse_with_params(&self.url(tenant, "callback"), answer)?;
        browser.open(url.as_str()).await?.page()
    }

    /// Signs in from beginning to end.
    async fn sign_in(&self, browser: &mut Browser, at_server: &mut Browser, tenant: &Tenant) -> Result<()> {
        let url = self.begin(browser, tenant).await?;
        let answer = at_server.authorize(url.as_str(), tenant.user()?, &callback(&self.origin, tenant)).await?;
        self.come_back(browser, tenant, &answer).await?;
        ensure!(self.who(browser, tenant).await?["sub"].is_string(), "{:?}", self.refusals());
        Ok(())
    }

    /// Who is signed in there in that browser; null for nobody.
    async fn who(&self, browser: &mut Browser, tenant: &Tenant) -> Result<Value> {
        let page = browser.open(&self.url(tenant, "me")).await?.page()?;
        Ok(serde_json::from_str(&page.html)?)
    }

    /// The refusals so far, by their types.
    fn refusals(&self) -> Vec<String> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn tenants(scene: &Scene) -> [&Tenant; 2] {
    [&scene.site.first, &scene.site.second]
}

fn callback(origin: &str, tenant: &Tenant) -> String {
    format!("{origin}/{}/callback", tenant.tenant)
}

async fn me(user: Option<User>) -> String {
    let told = user.map(|user| json!({ "iss": user.issuer, "sub": user.subject, "sid": user.text("sid") }));
    json!(told).to_string()
}

/// Writes down which error of the SDK a response comes from.
fn note(told: &Mutex<Vec<String>>, response: Response) -> Response {
    let extensions = response.extensions();
    let sign_in = extensions.get::<Arc<SignInError>>().map(|error| format!("{error:?}"));
    let logout = extensions.get::<Arc<LogoutError>>().map(|error| format!("{error:?}"));
    told.lock().unwrap_or_else(PoisonError::into_inner).extend(sign_in.or(logout));
    response
}
