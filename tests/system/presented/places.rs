//! The places, and what each says to what it does not take.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::answer_in,
    http::{Http, Reply},
    party::Party,
};
use reqwest::{Method, Response};
use serde_json::json;
use url::Url;

use super::world::World;

/// Where a JWT is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// As a client's proof, signed by the client (RFC 7523 section 2.2).
    Proof,
    /// As a request, signed by the client (RFC 9101).
    Request,
    /// As a grant, signed by an issuer outside (RFC 7523 section 2.1).
    Assertion,
    /// As a hint of who is meant, signed by us.
    Hint,
    /// As a hint of who signs out, signed by us.
    LogoutHint,
    /// As an access token, signed by us.
    UserInfo,
    /// As a token to be told of.
    Introspection,
    /// As a token to be taken back.
    Revocation,
    /// As a token to be exchanged.
    Subject,
}

/// Where others sign.
pub(super) const THEIRS: [Place; 3] = [Place::Proof, Place::Request, Place::Assertion];

/// Where we signed.
pub(super) const OURS: [Place; 6] =
    [Place::Hint, Place::LogoutHint, Place::UserInfo, Place::Introspection, Place::Revocation, Place::Subject];

const STATE: &str = "the state that comes back";

impl World {
    /// That a place refuses this, with exactly the answer that it has for all that it does not take.
    pub(super) async fn refuses(&self, place: Place, token: &str, what: &str) -> Result<()> {
        let answer = self.present(place, token).await?;
        self.is_refused(place, answer).await.with_context(|| format!("{what} as {place:?}: {token:.200}"))
    }

    /// That a place takes this.
    pub(super) async fn takes(&self, place: Place, token: &str, what: &str) -> Result<()> {
        let response = self.present(place, token).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await?;
        let good = match place {
            Place::Proof | Place::Assertion | Place::Subject => status == 200 && body.contains("\"access_token\""),
            Place::Request => status == 200 && body.contains("id=\"login-submit\""),
            Place::UserInfo => status == 200 && body.contains("\"sub\""),
            Place::Introspection => status == 200 && body.contains("\"active\":true"),
            Place::Revocation => status == 200,
            Place::Hint => {
                status == 303 && !String::from_utf8_lossy(headers["location"].as_bytes()).contains("invalid")
            }
            Place::LogoutHint => status == 303,
        };
        ensure!(good, "{what} as {place:?}: {status} {headers:?} {body:.300}");
        Ok(())
    }

    async fn present(&self, place: Place, token: &str) -> Result<Response> {
        let backend = &self.backend;
        let own = |endpoint: &str| {
            let (id, secret) = (&backend.client.client_id, backend.client.client_secret.as_ref());
            anyhow::Ok(Http::new()?.post(backend.endpoint(endpoint)?)?.basic_auth(id, secret))
        };
        let request = match place {
            Place::Proof => Http::new()?.post(self.signer.endpoint("token_endpoint")?)?.form(&[
                ("grant_type", "client_credentials"),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", token),
            ]),
            Place::Request => authorize(&self.signer, &[("request", token)])?,
            Place::Hint => authorize(
                backend,
                &[
                    ("prompt", "none"),
                    ("id_token_hint", token),
                    ("code_challenge", &"c".repeat(43)),
                    ("code_challenge_method", "S256"),
                ],
            )?,
            Place::Assertion => own("token_endpoint")?.form(&[
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("assertion", token),
                ("scope", "profile"),
            ]),
            Place::Subject => own("token_endpoint")?.form(&[
                ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                ("subject_token", token),
                ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ]),
            Place::LogoutHint => {
                let after = backend.client.post_logout_redirect_uris.first().context("nowhere to go")?;
                let form = [("id_token_hint", token), ("post_logout_redirect_uri", after)];
                // As a page of this site posts it: from elsewhere it would be asked once more first.
                let post = Http::new()?.post(backend.endpoint("end_session_endpoint")?)?;
                post.header("sec-fetch-site", "same-origin").form(&form)
            }
            Place::UserInfo => {
                Http::new()?.post(backend.endpoint("userinfo_endpoint")?)?.form(&[("access_token", token)])
            }
            Place::Introspection => own("introspection_endpoint")?.form(&[("token", token)]),
            Place::Revocation => own("revocation_endpoint")?.form(&[("token", token)]),
        };
        Ok(request.send().await?)
    }

    async fn is_refused(&self, place: Place, response: Response) -> Result<()> {
        let location = response.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
        match place {
            Place::Request => {
                self.sent_back(&self.signer, response.status().as_u16(), location, "invalid_request_object")
            }
            Place::Hint => self.sent_back(&self.backend, response.status().as_u16(), location, "invalid_request"),
            Place::LogoutHint => {
                ensure!(response.status() == 200 && location.is_none(), "{response:?}");
                Ok(())
            }
            Place::Introspection => {
                let reply = Reply::read(response).await?;
                ensure!(reply.status == 200 && reply.body == json!({ "active": false }), "{reply:?}");
                Ok(())
            }
            // Nothing is known of it, so there is nothing to take back.
            Place::Revocation => {
                ensure!(response.status() == 200, "{response:?}");
                let still = self.backend.introspect(self.token("access_token")).await?;
                ensure!(still["active"] == true, "the good one was taken back");
                Ok(())
            }
            Place::UserInfo => {
                let reply = Reply::read(response).await?;
                ensure!(reply.refusal() == (401, "invalid_token"), "{reply:?}");
                ensure!(reply.header("www-authenticate").contains("error=\"invalid_token\""), "{reply:?}");
                Ok(())
            }
            Place::Proof => told(&Reply::read(response).await?, (401, "invalid_client")),
            Place::Assertion => told(&Reply::read(response).await?, (400, "invalid_grant")),
            Place::Subject => told(&Reply::read(response).await?, (400, "invalid_request")),
        }
    }

    fn sent_back(&self, party: &Party, status: u16, location: Option<String>, error: &str) -> Result<()> {
        let location = location.with_context(|| format!("{status} and no Location"))?;
        ensure!(status == 303, "{status}");
        let answer = answer_in(&Url::parse(&location)?, party.redirect_uri()?)?;
        let text = |name: &str| answer.get(name).map(String::as_str);
        ensure!(text("error") == Some(error) && text("state") == Some(STATE), "{answer:?}");
        ensure!(text("iss") == Some(&self.tenant.issuer) && text("code").is_none(), "{answer:?}");
        Ok(())
    }
}

fn told(reply: &Reply, expected: (u16, &str)) -> Result<()> {
    ensure!(reply.refusal() == expected, "{expected:?} was expected of {reply:?}");
    ensure!(reply.header("cache-control") == "no-store", "{reply:?}");
    Ok(())
}

/// An authorization request by POST, so that it can be long.
fn authorize(party: &Party, more: &[(&str, &str)]) -> Result<reqwest::RequestBuilder> {
    let usual = [
        ("client_id", party.client.client_id.as_str()),
        ("response_type", "code"),
        ("scope", "openid"),
        ("redirect_uri", party.redirect_uri()?),
        ("state", STATE),
    ];
    let url = Url::parse(party.endpoint("authorization_endpoint")?)?;
    let request = Http::new()?.request(Method::POST, &url).header("accept", "text/html");
    Ok(request.form(&[&usual[..], more].concat()))
}
