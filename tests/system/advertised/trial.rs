//! One tenant on trial: somebody signed in, and a client that may do whatever is advertised.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    admin::Admin,
    browser::{Answer, Browser, Cookie, Landing},
    dev::Tenant,
    http::Http,
    party::{Attempt, Party},
};
use reqwest::Method;
use serde_json::{Value, json};

use super::tenants::Kind;
use crate::{
    authorization::scene::{confidential, text},
    certificates::{authority::Authority, scene::Door},
    client_requests::published::Web,
    logout::applications::Applications,
    verifier::Verifier,
};

/// The tenant with what is needed to try it.
pub(super) struct Trial<'a> {
    pub(super) admin: &'a Admin,
    pub(super) kind: &'a Kind,
    pub(super) web: &'a Web,
    pub(super) applications: &'a Applications,
    pub(super) door: &'a Door,
    pub(super) authority: &'a Authority,
    pub(super) tenant: Tenant,
    /// May do whatever there is.
    pub(super) party: Party,
    cookies: Vec<Cookie>,
}

impl<'a> Trial<'a> {
    pub(super) async fn of(
        admin: &'a Admin,
        kind: &'a Kind,
        web: &'a Web,
        applications: &'a Applications,
        (door, authority): (&'a Door, &'a Authority),
    ) -> Result<Self> {
        let tenant = kind.found(admin, authority).await?;
        let parent = format!("tenants/{}", tenant.tenant);
        let users = admin.call("UserService/ListUsers", json!({ "parent": parent })).await?;
        let user = json!({ "name": users["users"][0]["name"], "claims": known() });
        admin.call("UserService/UpdateUser", json!({ "user": user, "updateMask": "claims" })).await?;
        let discovered = Party::discover(&tenant, tenant.public_client()?).await?;
        let scopes = discovered.metadata["scopes_supported"].clone();
        let types = discovered.metadata["response_types_supported"].clone();
        let mut grants: Vec<_> = super::grants::ENUMS.iter().map(|(_, name)| *name).collect();
        if types.as_array().is_none_or(|types| types.len() == 1) {
            grants.retain(|grant| *grant != "GRANT_TYPE_IMPLICIT");
        }
        let after = format!("{}/bye", applications.origin);
        let more = json!({
            "grantTypes": grants, "scopes": scopes, "responseTypes": types, "postLogoutRedirectUris": [after],
            "redirectUris": [format!("{}/callback", applications.origin)],
        });
        let party = confidential(admin, &tenant, &more).await?;
        let mut browser = Browser::new()?;
        party.sign_in(&mut browser, tenant.user()?, "openid").await?;
        let cookies = browser.cookies().to_vec();
        Ok(Self { admin, kind, web, applications, door, authority, tenant, party, cookies })
    }

    /// What the tenant advertises.
    pub(super) const fn metadata(&self) -> &Value {
        &self.party.metadata
    }

    /// The values of a member; none where there is no such member.
    pub(super) fn listed(&self, member: &str) -> Vec<&str> {
        self.metadata()[member].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Another client, that people are not asked about.
    pub(super) async fn client(&self, more: &Value) -> Result<Party> {
        confidential(self.admin, &self.tenant, more).await
    }

    /// That no such client can be registered.
    pub(super) async fn no_client(&self, more: &Value) -> Result<()> {
        let refused = self.client(more).await.err().with_context(|| format!("{more} was registered"))?;
        let refused = format!("{refused:#}");
        ensure!(refused.contains("CreateClient") && refused.contains("InvalidArgument"), "{more}: {refused}");
        Ok(())
    }

    /// A browser in which somebody is signed in.
    pub(super) fn browser(&self) -> Result<Browser> {
        let mut browser = Browser::new()?;
        self.cookies.iter().cloned().for_each(|cookie| browser.plant(cookie));
        Ok(browser)
    }

    /// Where a request leads in such a browser.
    pub(super) async fn landing(&self, url: &url::Url) -> Result<Landing> {
        self.browser()?.open(url.as_str()).await
    }

    /// What a request is answered with in such a browser, all asked for being allowed.
    pub(super) async fn answer(&self, party: &Party, attempt: &Attempt) -> Result<Answer> {
        self.browser()?.authorize(attempt.url.as_str(), self.tenant.user()?, party.redirect_uri()?).await
    }

    /// The tokens for a request with these parameters more.
    pub(super) async fn tokens(&self, party: &Party, scope: &str, more: &[(&str, &str)]) -> Result<Value> {
        let attempt = party.begin(scope, more)?;
        let code = party.code_in(&self.answer(party, &attempt).await?, &attempt)?;
        party.redeem(&code, &attempt.verifier).await?.success()
    }

    /// That the client hears of this error.
    pub(super) async fn refused(&self, attempt: &Attempt, parameter: &str, value: &str, error: &str) -> Result<()> {
        let answer =
            self.answer(&self.party, &Attempt { url: attempt.with(parameter, value), ..attempt.clone() }).await?;
        ensure!(answer.get("error").map(String::as_str) == Some(error), "{parameter}={value}: {answer:?}");
        ensure!(answer.get("state") == Some(&attempt.state), "{parameter}={value}: {answer:?}");
        for given in ["code", "id_token", "access_token"] {
            ensure!(!answer.contains_key(given), "{parameter}={value}: {answer:?}");
        }
        Ok(())
    }

    pub(super) async fn signs_in(&self) -> Result<()> {
        let tokens = self.tokens(&self.party, "openid", &[]).await?;
        let id_token = text(&tokens, "id_token")?;
        let said = Verifier::of(&self.party).await?.verify(id_token, &self.party.client.client_id).await?;
        let about = self.party.userinfo(text(&tokens, "access_token")?).await?.success()?;
        ensure!(about["sub"] == said["sub"], "{about} {said}");
        Ok(())
    }

    pub(super) async fn tells_and_takes_back(&self) -> Result<()> {
        let tokens = self.tokens(&self.party, "openid", &[]).await?;
        let token = text(&tokens, "access_token")?;
        ensure!(self.party.introspect(token).await?["active"] == true);
        ensure!(self.party.revoke(token).await?.status == 200);
        ensure!(self.party.introspect(token).await? == json!({ "active": false }));
        Ok(())
    }

    /// The status of a bare request.
    pub(super) async fn status(&self, method: Method, path: &str) -> Result<u16> {
        let url = url::Url::parse(&format!("{}{path}", self.tenant.issuer))?;
        Ok(Http::new()?.request(method, &url).send().await?.status().as_u16())
    }
}

/// All that there is to know about somebody.
fn known() -> Value {
    json!({
        "name": "Ann Example", "given_name": "Ann", "family_name": "Example", "middle_name": "B.", "nickname": "Annie",
        "profile": "https://example.com/ann", "picture": "https://example.com/ann.png",
        "website": "https://ann.example.com", "gender": "female", "birthdate": "1990-12-10",
        "zoneinfo": "Europe/Zurich", "locale": "de-CH", "phone_number": "+41 44 668 18 00",
        "phone_number_verified": true, "address": { "locality": "Ort" }, "department": "Engines",
    })
}
