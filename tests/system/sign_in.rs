//! People sign in to both demo tenants, and applications get what they were promised.

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_tests::{
    browser::Browser,
    dev::{Dev, Tenant},
    party::{Party, claims, header},
};
use sha2::{Digest as _, Sha256};

use crate::verifier::Verifier;

const EVERYTHING: &str = "openid profile email offline_access";

#[tokio::test]
async fn both_demo_tenants_sign_a_person_in() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        for client in [tenant.public_client()?, tenant.confidential_client()?] {
            let party = Party::discover(tenant, client).await?;
            let mut browser = Browser::new()?;
            let tokens = party.sign_in(&mut browser, tenant.user()?, EVERYTHING).await?;
            let [access, id] = ["access_token", "id_token"].map(|name| tokens[name].as_str().unwrap_or_default());
            anyhow::ensure!(tokens["token_type"] == "Bearer" && tokens["expires_in"].as_u64() > Some(0), "{tokens}");

            let mut verifier = Verifier::of(&party).await?;
            let id_claims = verifier.verify(id, &client.client_id).await?;
            let access_claims = verifier.verify(access, claims(access)?["aud"].as_str().context("aud")?).await?;
            assert_eq!(header(access)?["typ"], "at+jwt");
            assert_eq!(id_claims["sub"], access_claims["sub"]);
            assert_eq!(id_claims["at_hash"].as_str(), Some(at_hash(access).as_str()));
            assert_eq!(access_claims["client_id"], client.client_id.as_str());

            let about = party.userinfo(access).await?.success()?;
            assert_eq!(about["sub"], id_claims["sub"]);
            assert!(about["email"].is_string() && about["email_verified"].is_boolean(), "{about}");

            let refresh = tokens["refresh_token"].as_str().context("no refresh token")?;
            let again = party.refresh(refresh).await?.success()?;
            let refreshed = claims(again["id_token"].as_str().unwrap_or_default())?;
            assert_eq!(refreshed["auth_time"], id_claims["auth_time"]);
            assert_eq!(refreshed["sub"], id_claims["sub"]);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_session_needs_no_second_sign_in_and_ends_at_logout() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let client = tenant.public_client()?;
        let party = Party::discover(tenant, client).await?;
        let mut browser = Browser::new()?;
        let tokens = party.sign_in(&mut browser, tenant.user()?, "openid").await?;
        let first = claims(tokens["id_token"].as_str().context("no ID token")?)?;

        let silent = party.begin("openid", &[("prompt", "none")])?;
        let code = party.obtain_code(&mut browser, tenant.user()?, &silent).await?;
        let second = party.redeem(&code, &silent.verifier).await?.success()?;
        let id_token = second["id_token"].as_str().context("no ID token")?;
        assert_eq!(claims(id_token)?["sub"], first["sub"]);
        assert_eq!(claims(id_token)?["auth_time"], first["auth_time"]);
        assert_eq!(claims(id_token)?["nonce"], silent.nonce.as_str());

        let after = client.post_logout_redirect_uris.first().context("no post-logout redirect URI")?;
        let mut url = url::Url::parse(party.endpoint("end_session_endpoint")?)?;
        url.query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("post_logout_redirect_uri", after)
            .append_pair("state", "so long");
        let away = browser.open(url.as_str()).await?.away()?;
        assert_eq!(away.as_str().split('?').next(), Some(after.as_str()));
        assert!(away.query_pairs().any(|(name, value)| name == "state" && value == "so long"), "{away}");

        assert_eq!(silent_error(&party, &mut browser, tenant).await?, "login_required");
    }
    Ok(())
}

#[tokio::test]
async fn a_person_may_say_no() -> Result<()> {
    let dev = Dev::start().await?;
    let tenant = dev.announced.tenants.first().context("no tenant")?;
    let party = Party::discover(tenant, tenant.public_client()?).await?;
    let mut browser = Browser::new()?;
    let attempt = party.begin("openid email", &[("prompt", "consent")])?;
    let page = browser.open(attempt.url.as_str()).await?.page()?;
    let user = tenant.user()?;
    let page = browser.log_in(&page, &user.username, &user.password).await?.page()?;
    let away = browser.press(&page, "consent-deny").await?.away()?;
    let answer = chancery_tests::browser::answer_in(&away, party.redirect_uri()?)?;
    assert_eq!(answer.get("error").map(String::as_str), Some("access_denied"));
    assert_eq!(answer.get("state"), Some(&attempt.state));
    assert_eq!(answer.get("iss"), Some(&tenant.issuer));
    Ok(())
}

#[tokio::test]
async fn an_answer_can_come_as_a_form() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let party = Party::discover(tenant, tenant.public_client()?).await?;
        let mut browser = Browser::new()?;
        let attempt = party.begin("openid", &[("response_mode", "form_post")])?;
        let code = party.obtain_code(&mut browser, tenant.user()?, &attempt).await?;
        party.redeem(&code, &attempt.verifier).await?.success()?;
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_person_look_the_same() -> Result<()> {
    let dev = Dev::start().await?;
    let tenant = dev.announced.tenants.first().context("no tenant")?;
    let party = Party::discover(tenant, tenant.public_client()?).await?;
    let mut seen = Vec::new();
    for username in [tenant.user()?.username.as_str(), "nobody.at.all"] {
        let mut browser = Browser::new()?;
        let page = browser.open(party.begin("openid", &[])?.url.as_str()).await?.page()?;
        let page = browser.log_in(&page, username, "not the password").await?.page()?;
        assert!(page.has("login-submit"), "{}", page.html);
        let flow = page.form_of("login-submit")?.value("flow").unwrap_or_default().to_owned();
        seen.push((page.status, page.html.replace(username, "…").replace(&flow, "…")));
    }
    assert_eq!(seen[0], seen[1]);
    Ok(())
}

async fn silent_error(party: &Party, browser: &mut Browser, tenant: &Tenant) -> Result<String> {
    let silent = party.begin("openid", &[("prompt", "none")])?;
    let answer = browser.authorize(silent.url.as_str(), tenant.user()?, party.redirect_uri()?).await?;
    answer.get("error").cloned().with_context(|| format!("no error in {answer:?}"))
}

/// OpenID Connect Core section 3.1.3.6, for the algorithms with SHA-256.
fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16])
}
