//! A whole run, and nothing in its log that anybody could use.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::Browser,
    dev::{Client, Dev, Tenant},
    party::Party,
    program::Program,
};
use serde_json::{Value, json};

use crate::databases::{Database, Site};

#[tokio::test]
async fn a_whole_run_logs_no_secret() -> Result<()> {
    let site = Database::Sqlite.site().await?;
    let mut secrets = vec![site.installation.admin_key().to_owned(), site.installation.master_key().to_owned()];
    for tenant in [&site.first, &site.second] {
        secrets.extend(live_a_day(&site, tenant).await?);
    }
    let log = settled(&site.program).await + &site.program.printed();
    for secret in secrets.iter().filter(|secret| secret.len() >= 6) {
        assert!(!log.contains(secret.as_str()), "the log tells {secret}:\n{}", line_with(&log, secret));
    }
    for shape in
        ["chc_", "chr_", "chs_", "chx_", "cha_", "chb_", "chp_", "eyJ", "$argon2", "code=", "state=", "@acme.example"]
    {
        assert!(!log.contains(shape), "something like {shape}… is logged:\n{}", line_with(&log, shape));
    }
    Ok(())
}

#[tokio::test]
async fn the_log_is_structured_with_one_line_for_each_request() -> Result<()> {
    let site = Database::Sqlite.site().await?;
    let before = requests_in(&settled(&site.program).await)?.len();
    let party = Party::discover(&site.first, site.first.confidential_client()?).await?;
    for _ in 0..5 {
        party.token(&[("grant_type", "client_credentials")]).await?.success()?;
    }
    party.token(&[("grant_type", "nonsense")]).await?;
    let requests = requests_in(&settled(&site.program).await)?;
    assert_eq!(requests.len() - before, 7, "{requests:#?}");
    let said = serde_json::to_string(&requests)?;
    for name in ["tenant.id", "client.id"] {
        assert!(said.contains(name), "no {name} in {said}");
    }
    Ok(())
}

#[tokio::test]
async fn dev_logs_no_secret_either() -> Result<()> {
    let dev = Dev::start().await?;
    let tenant = &dev.announced.tenants[0];
    let party = Party::discover(tenant, tenant.public_client()?).await?;
    let tokens = party.sign_in(&mut Browser::new()?, tenant.user()?, "openid email offline_access").await?;
    let log = settled(&dev.program).await;
    for name in ["access_token", "id_token", "refresh_token"] {
        assert!(!log.contains(tokens[name].as_str().context(name)?), "{name} is logged");
    }
    assert!(!log.contains(&dev.announced.admin_key) && !log.contains(&tenant.user()?.password), "{log}");
    Ok(())
}

/// Does everything that people, applications and operators do, well and badly; returns whatever must stay secret.
async fn live_a_day(site: &Site, tenant: &Tenant) -> Result<Vec<String>> {
    let mut secrets = Vec::new();
    let user = tenant.user()?;
    secrets.push(user.password.clone());
    for client in [tenant.public_client()?, tenant.confidential_client()?] {
        secrets.extend(client.client_secret.clone());
        let party = Party::discover(tenant, client).await?;
        let mut browser = Browser::new()?;
        let attempt = party.begin("openid profile email offline_access", &[("prompt", "consent")])?;
        let page = browser.open(attempt.url.as_str()).await?.page()?;
        let typed = ["a-wrong-password-typed", "ann@mistyped.example"];
        browser.log_in(&page, typed[1], typed[0]).await?;
        let code = party.obtain_code(&mut browser, user, &attempt).await?;
        let tokens = party.redeem(&code, &attempt.verifier).await?.success()?;
        let token = |name: &str| tokens[name].as_str().unwrap_or_default().to_owned();
        let refreshed = party.refresh(&token("refresh_token")).await?.success()?;
        party.userinfo(&token("access_token")).await?.success()?;
        party.userinfo("not-a-token-of-anybody").await?;
        if client.client_secret.is_some() {
            party.introspect(&token("access_token")).await?;
            let wrong = Client { client_secret: Some("a-wrong-secret-sent".to_owned()), ..client.clone() };
            Party::discover(tenant, &wrong).await?.token(&[("grant_type", "client_credentials")]).await?;
        }
        // A code twice, and a refresh token that was given back.
        party.redeem(&code, &attempt.verifier).await?;
        party.revoke(refreshed["refresh_token"].as_str().unwrap_or_default()).await?;
        let mut leave = url::Url::parse(party.endpoint("end_session_endpoint")?)?;
        leave.query_pairs_mut().append_pair("id_token_hint", &token("id_token"));
        browser.open(leave.as_str()).await?;
        secrets.extend(browser.cookies().iter().map(|cookie| cookie.value.clone()));
        secrets.extend([code, attempt.verifier, attempt.state, attempt.nonce]);
        secrets.extend(["access_token", "refresh_token", "id_token"].map(token));
        secrets.extend(typed.map(str::to_owned));
        secrets.extend(["not-a-token-of-anybody", "a-wrong-secret-sent"].map(str::to_owned));
        secrets.push(refreshed["refresh_token"].as_str().unwrap_or_default().to_owned());
    }
    secrets.extend(operate(site, tenant).await?);
    Ok(secrets)
}

async fn operate(site: &Site, tenant: &Tenant) -> Result<Vec<String>> {
    let parent = format!("tenants/{}", tenant.tenant);
    let of_parent = json!({ "parent": parent });
    let users = site.admin.call("UserService/ListUsers", of_parent).await?;
    let name = users["users"][0]["name"].as_str().context("no user")?;
    let password = "a-new-long-password";
    let link = site.admin.call("UserService/CreatePasswordLink", json!({ "name": name })).await?;
    let link = link["uri"].as_str().context("no link")?.to_owned();
    let mut browser = Browser::new()?;
    anyhow::ensure!(browser.choose_password(&link, password).await?.has("password-set"), "no password was set");
    // Once more, when it leads nowhere.
    browser.open(&link).await?;
    let client = json!({ "parent": format!("{parent}/clients/{}", tenant.confidential_client()?.client_id) });
    let secret = site.admin.call("ClientService/GenerateClientSecret", client).await?;
    let key = json!({ "parent": parent, "apiKey": { "displayName": "log" } });
    let key = site.admin.call("ApiKeyService/CreateApiKey", key).await?;
    site.admin.with_key("cha_wrong-key-of-nobody").try_call("TenantService/ListTenants", json!({})).await?.err();
    let told = |answer: &Value| answer["secret"].as_str().unwrap_or_default().to_owned();
    Ok(vec![
        password.to_owned(),
        link.rsplit('=').next().unwrap_or_default().to_owned(),
        told(&secret),
        told(&key),
        "wrong-key-of-nobody".to_owned(),
    ])
}

/// The log once nothing is added any more: lines are written a few at a time, after the answer that they tell of.
async fn settled(program: &Program) -> String {
    let mut log = program.logged();
    loop {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let now = program.logged();
        if now.len() == log.len() {
            return log;
        }
        log = now;
    }
}

/// The lines about requests to the front; every line of the log must be JSON.
fn requests_in(log: &str) -> Result<Vec<Value>> {
    let lines = log.lines().filter(|line| !line.is_empty());
    let parsed: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).with_context(|| format!("not structured: {line}")))
        .collect::<Result<_>>()?;
    Ok(parsed.into_iter().filter(|line| line.to_string().contains("http.")).collect())
}

fn line_with<'a>(log: &'a str, text: &str) -> &'a str {
    log.lines().find(|line| line.contains(text)).unwrap_or_default()
}
