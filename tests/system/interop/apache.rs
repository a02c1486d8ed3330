//! Debian's Apache with `mod_auth_openidc`, before a page that only people who signed in may see.

mod server;

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::Browser,
    dev::{Client, Tenant},
    http::Http,
    installation::free_port,
    party::Party,
};
use serde_json::{Value, json};

use super::scene::{Scene, text};
use crate::script;
use server::{Apache, Setup};

/// A place for Apache: a port, and a client with its redirect URI there.
struct Place<'a> {
    tenant: &'a Tenant,
    port: u16,
    client: Client,
}

impl<'a> Place<'a> {
    /// At the tenant on `oidc`, with more said of the client.
    async fn new(scene: &'a Scene, more: Value) -> Result<Self> {
        Self::at(scene, &scene.site.second, free_port()?, more).await
    }

    async fn at(scene: &'a Scene, tenant: &'a Tenant, port: u16, more: Value) -> Result<Self> {
        let origin = format!("http://127.0.0.1:{port}");
        let mut said = json!({
            "redirectUris": [format!("{origin}/guarded/callback")],
            "postLogoutRedirectUris": [format!("{origin}/")],
        });
        said.as_object_mut().context("an object")?.extend(more.as_object().cloned().unwrap_or_default());
        let client = scene.client_of(tenant, said).await?;
        Ok(Self { tenant, port, client })
    }

    async fn start(&self, setup: &Setup<'_>) -> Result<Apache> {
        Apache::start(self.port, self.tenant, &self.client, setup).await
    }

    /// What the browser saw on its way to the guarded page, and of what else it is to do there.
    async fn visit(&self, setup: &Setup<'_>, more: Value) -> Result<Value> {
        let apache = self.start(setup).await?;
        let user = self.tenant.user()?;
        let party = Party::discover(self.tenant, &self.client).await?;
        let mut task = json!({
            "authorization_endpoint": party.endpoint("authorization_endpoint")?,
            "end_session_endpoint": party.endpoint("end_session_endpoint")?,
            "guarded": format!("http://127.0.0.1:{}/guarded/", self.port),
            "user": user,
        });
        task.as_object_mut().context("an object")?.extend(more.as_object().cloned().unwrap_or_default());
        let said = script::run("apache_module.mjs", &task, &mut Browser::new()?, user).await;
        said.with_context(|| apache.log())
    }

    /// The same with these lines of configuration.
    async fn visit_with(&self, lines: &str) -> Result<Value> {
        self.visit(&Setup { lines, ..Setup::default() }, json!({})).await
    }
}

/// Files and lines by which the module signs with that key.
fn signing<'a>(lines: &'a str, key: &Value) -> Result<Setup<'a>> {
    let files = vec![("key.pem", text(key, "pkcs8")?.to_owned()), ("public.pem", text(key, "spki")?.to_owned())];
    Ok(Setup { lines, files })
}

pub(super) async fn code(scene: &Scene) -> Result<()> {
    for tenant in [&scene.site.first, &scene.site.second] {
        let place = Place::at(scene, tenant, free_port()?, json!({ "skipConsent": false })).await?;
        let said = place.visit_with("OIDCPKCEMethod S256").await?;
        ensure!(said["asked"]["response_type"] == "code" && said["came"] == "query", "{said}");
        ensure!(said["asked"]["code_challenge_method"] == "S256", "{said}");
        ensure!(said["email"].as_str().is_some_and(|email| email.contains('@')), "{said}");
    }
    Ok(())
}

pub(super) async fn form_post(scene: &Scene) -> Result<()> {
    let said = Place::new(scene, json!({})).await?.visit_with("OIDCResponseMode form_post").await?;
    ensure!(said["asked"]["response_mode"] == "form_post" && said["came"] == "form", "{said}");
    Ok(())
}

/// Answers of these types, each as a form and as it comes by itself.
pub(super) async fn each(scene: &Scene, types: &[&str]) -> Result<()> {
    for response_type in types {
        for (mode, came) in [("OIDCResponseMode form_post", "form"), ("", "fragment")] {
            let lines = format!("OIDCResponseType \"{response_type}\"\n{mode}");
            let said = Place::new(scene, json!({})).await?.visit_with(&lines).await.context(lines)?;
            ensure!(said["asked"]["response_type"] == *response_type, "{said}");
            // A browser keeps a fragment to itself.
            ensure!(said["came"] == came || came == "fragment" && said["came"] == "nothing", "{said}");
            ensure!(said["sub"].as_str().is_some_and(|sub| !sub.is_empty()), "{said}");
        }
    }
    Ok(())
}

pub(super) async fn request_by_post(scene: &Scene) -> Result<()> {
    Place::new(scene, json!({})).await?.visit_with("OIDCProviderAuthRequestMethod POST").await?;
    Ok(())
}

/// UserInfo answers that the issuer signs.
pub(super) async fn signed_userinfo(scene: &Scene) -> Result<()> {
    let place = Place::new(scene, json!({ "userinfoSignedResponseAlg": "RS256" })).await?;
    let said = place.visit_with("OIDCUserInfoSignedResponseAlg RS256").await?;
    ensure!(said["email"].is_string(), "{said}");
    Ok(())
}

/// The module refreshes its access token before that expires: here, a second after it came.
pub(super) async fn refresh(scene: &Scene) -> Result<()> {
    let lines = "OIDCScope \"openid email offline_access\"\nOIDCAuthRequestParams prompt=consent\n\
                 <Location /guarded/>\nOIDCRefreshAccessTokenBeforeExpiry 599\n</Location>";
    let setup = Setup { lines, ..Setup::default() };
    let said = Place::new(scene, json!({})).await?.visit(&setup, json!({ "refreshed_after": 3000 })).await?;
    ensure!(said["refreshed"] == true, "{said}");
    Ok(())
}

/// A secret in the form, and one that signs.
pub(super) async fn client_secrets(scene: &Scene) -> Result<()> {
    for (method, more) in [
        ("client_secret_post", json!({ "authMethods": ["AUTH_METHOD_CLIENT_SECRET_POST"] })),
        (
            "client_secret_jwt",
            json!({ "authMethods": ["AUTH_METHOD_CLIENT_SECRET_JWT"], "tokenEndpointAuthSigningAlg": "HS256" }),
        ),
    ] {
        let lines = format!("OIDCProviderTokenEndpointAuth {method}");
        Place::new(scene, more).await?.visit_with(&lines).await.context(method)?;
    }
    Ok(())
}

pub(super) async fn private_key_jwt(scene: &Scene) -> Result<()> {
    let keys = scene.keys(json!([{ "alg": "RS256", "kid": "apache", "use": "sig" }])).await?;
    let more = json!({ "authMethods": ["AUTH_METHOD_PRIVATE_KEY_JWT"], "jwks": keys["jwks"] });
    // The method is known once there is a key.
    let lines = "OIDCPrivateKeyFiles apache#{folder}/key.pem\nOIDCPublicKeyFiles apache#{folder}/public.pem\n\
                 OIDCProviderTokenEndpointAuth private_key_jwt";
    Place::new(scene, more).await?.visit(&signing(lines, &keys["keys"][0])?, json!({})).await?;
    Ok(())
}

/// A request that the module signs (RFC 9101), by value.
pub(super) async fn signed_request(scene: &Scene) -> Result<()> {
    let keys = scene.keys(json!([{ "alg": "RS256", "kid": "apache", "use": "sig" }])).await?;
    let more = json!({
        "jwks": keys["jwks"], "requestObjectSigningAlg": "RS256", "requireSignedRequestObject": true,
    });
    let object = json!({
        "copy_and_remove_from_request": ["state", "nonce", "redirect_uri"],
        "copy_from_request": ["response_type", "client_id", "scope"],
        "crypto": { "sign_alg": "RS256" },
        "request_object_type": "request",
    });
    let object = object.to_string().replace('"', "\\\"");
    let lines = format!(
        "OIDCRequestObject \"{object}\"\nOIDCPrivateKeyFiles apache#{{folder}}/key.pem\n\
         OIDCPublicKeyFiles apache#{{folder}}/public.pem"
    );
    let said = Place::new(scene, more).await?.visit(&signing(&lines, &keys["keys"][0])?, json!({})).await?;
    ensure!(said["asked"]["request"].is_string() && said["asked"]["redirect_uri"].is_null(), "{said}");
    Ok(())
}

/// The module sends the browser to the issuer to sign out.
pub(super) async fn logout(scene: &Scene) -> Result<()> {
    Place::new(scene, json!({})).await?.visit(&Setup::default(), json!({ "sign_out": "module" })).await?;
    Ok(())
}

/// Somebody signs out at the issuer, which tells the module itself, or whose page does in a frame.
pub(super) async fn told(scene: &Scene, member: &str, how: &str) -> Result<()> {
    let port = free_port()?;
    let mut more = json!({});
    more[member] = format!("http://127.0.0.1:{port}/guarded/callback?logout={how}").into();
    let place = Place::at(scene, &scene.site.second, port, more).await?;
    place.visit(&Setup::default(), json!({ "sign_out": "issuer" })).await?;
    Ok(())
}

/// The module before an API asks the issuer about the tokens that it is called with (RFC 7662).
pub(super) async fn api(scene: &Scene) -> Result<()> {
    let place = Place::new(scene, json!({})).await?;
    let secret = place.client.client_secret.as_deref().context("no secret")?;
    let (issuer, id) = (&place.tenant.issuer, &place.client.client_id);
    let lines = format!(
        "OIDCOAuthServerMetadataURL {issuer}/.well-known/openid-configuration\nOIDCOAuthClientID {id}\n\
         OIDCOAuthClientSecret {secret}"
    );
    let apache = place.start(&Setup { lines: &lines, ..Setup::default() }).await?;
    let (http, api) = (Http::new()?, format!("http://127.0.0.1:{}/api/", place.port));
    let party = Party::discover(place.tenant, &place.client).await?;
    for (is_revoked, status) in [(false, 200), (true, 401)] {
        let token = party.token(&[("grant_type", "client_credentials")]).await?.success()?;
        let token = text(&token, "access_token")?;
        if is_revoked {
            party.revoke(token).await?;
        }
        let answer = http.get(&api)?.bearer_auth(token).send().await?;
        ensure!(answer.status() == status, "{}: {}", answer.status(), apache.log());
        let sub = answer.headers().get("x-sub").and_then(|sub| sub.to_str().ok());
        ensure!(is_revoked || sub == Some(id), "{:?}", answer.headers());
    }
    Ok(())
}
