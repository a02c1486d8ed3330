//! `chancery dev`: one command, and everything is there to try.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::Browser,
    dev::{Announcement, Dev},
    http::Http,
    party::Party,
    program::Program,
};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn discovery_is_served_within_a_second_of_the_start() -> Result<()> {
    let folder = tempfile::tempdir()?;
    // The first start makes the demo, the second finds it; both are quick, on a machine that is busy with other tests.
    let quickest = |starts: &[Duration]| starts.iter().min().copied().unwrap_or(Duration::MAX);
    let mut first = Vec::new();
    let mut second = Vec::new();
    for attempt in 0..12 {
        let data = folder.path().join(attempt.to_string());
        std::fs::create_dir(&data)?;
        for starts in [&mut first, &mut second] {
            let begun = Instant::now();
            let dev = Dev::start_in(&data).await?;
            let url = format!("{}/.well-known/openid-configuration", dev.announced.tenants[0].issuer);
            assert!(Http::new()?.get(&url)?.send().await?.status().is_success());
            starts.push(begun.elapsed());
        }
        if quickest(&first) < SECOND && quickest(&second) < SECOND {
            return Ok(());
        }
    }
    anyhow::bail!("{:?}, {:?}", quickest(&first), quickest(&second))
}

#[tokio::test]
async fn it_announces_two_tenants_with_all_that_scripts_need() -> Result<()> {
    let dev = Dev::start().await?;
    let Announcement { public_url, admin_url, admin_key, metrics_url, tenants } = &dev.announced;
    assert!(metrics_url.is_none(), "figures are given to those who ask for them");
    assert!(public_url.starts_with("http://127.0.0.1:") && admin_url.starts_with("http://127.0.0.1:"));
    assert!(admin_key.starts_with("cha_"));
    assert_eq!(tenants.len(), 2);
    let mut algorithms = Vec::new();
    for tenant in tenants {
        assert_eq!(tenant.issuer, format!("{public_url}/t/{}", tenant.tenant));
        for client in [tenant.public_client()?, tenant.confidential_client()?] {
            assert!(!client.redirect_uris.is_empty() && !client.post_logout_redirect_uris.is_empty(), "{client:?}");
        }
        tenant.user()?;
        let party = Party::discover(tenant, tenant.public_client()?).await?;
        algorithms.push(party.metadata["id_token_signing_alg_values_supported"].clone());
    }
    algorithms.sort_by_key(ToString::to_string);
    assert_eq!(
        serde_json::json!(algorithms),
        serde_json::json!([["ES256"], ["RS256", "HS256"]]),
        "one of each profile"
    );
    Ok(())
}

#[tokio::test]
async fn a_restart_keeps_its_data() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let dev = Dev::start_in(folder.path()).await?;
    let before = dev.announced.clone();
    let tenant = &before.tenants[0];
    let party = Party::discover(tenant, tenant.public_client()?).await?;
    let tokens = party.sign_in(&mut Browser::new()?, tenant.user()?, "openid offline_access").await?;
    let keys = party.keys().await?.body;
    anyhow::ensure!(dev.program.stop().await?.success(), "it did not stop in good order");

    // The ports are free ones each time, so the issuers move; the rows stay.
    let port = before.public_url.rsplit(':').next().context("a port")?;
    let data = folder.path().join("data").display().to_string();
    let http = format!("127.0.0.1:{port}");
    let arguments = ["dev", "--output", "json", "--data", &data, "--http", &http, "--admin", "127.0.0.1:0"];
    let mut program = Program::start(folder.path(), "again", &arguments)?;
    let after: Announcement = program
        .until("announcement", async |program| serde_json::from_str(&program.printed()).ok())
        .await
        .context("the second start")?;
    assert_eq!(after.tenants[0].issuer, tenant.issuer);
    assert_eq!(serde_json::to_value(&after.tenants)?, serde_json::to_value(&before.tenants)?);
    assert_eq!(party.keys().await?.body, keys);
    party.refresh(tokens["refresh_token"].as_str().context("no refresh token")?).await?.success()?;
    party.sign_in(&mut Browser::new()?, tenant.user()?, "openid").await?;
    Ok(())
}

#[tokio::test]
async fn metadata_is_the_same_in_all_three_forms() -> Result<()> {
    let dev = Dev::start().await?;
    let http = Http::new()?;
    for tenant in &dev.announced.tenants {
        let inserted =
            format!("{}/.well-known/oauth-authorization-server/t/{}", dev.announced.public_url, tenant.tenant);
        let urls = [
            format!("{}/.well-known/openid-configuration", tenant.issuer),
            format!("{}/.well-known/oauth-authorization-server", tenant.issuer),
            inserted,
        ];
        for url in urls {
            let elsewhere = http.get(&url)?.header("host", "evil.example").send().await?;
            assert_eq!(elsewhere.status(), 421, "{url}");
            let response = http.get(&url)?.header("x-forwarded-host", "evil.example");
            let document: serde_json::Value = response.send().await?.json().await?;
            assert_eq!(document["issuer"], tenant.issuer.as_str(), "{url}");
            assert!(!document.to_string().contains("evil"), "{document}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn keys_and_metadata_can_be_kept_and_asked_for_again() -> Result<()> {
    let dev = Dev::start().await?;
    let http = Http::new()?;
    for tenant in &dev.announced.tenants {
        let party = Party::discover(tenant, tenant.public_client()?).await?;
        let discovery = format!("{}/.well-known/openid-configuration", tenant.issuer);
        for url in [party.endpoint("jwks_uri")?, &discovery] {
            let first = http.get(url)?.send().await?;
            let headers = first.headers().clone();
            assert!(headers["cache-control"].to_str()?.contains("public, max-age="), "{headers:?}");
            assert_eq!(headers["access-control-allow-origin"], "*");
            let etag = headers["etag"].clone();
            assert!(etag.to_str()?.starts_with('"'), "a strong ETag: {etag:?}");
            let again = http.get(url)?.header("if-none-match", etag).send().await?;
            assert_eq!(again.status().as_u16(), 304);
        }
        let set = party.keys().await?.success()?;
        let keys = set["keys"].as_array().context("no keys")?;
        assert_eq!(keys.len(), 2, "one active, one standby: {set}");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(keys.iter().all(|key| key.get(private).is_none()), "{private} in {set}");
        }
    }
    Ok(())
}
