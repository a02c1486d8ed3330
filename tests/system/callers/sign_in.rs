//! A person who signs in on the command line and calls with an access token.

use anyhow::{Context as _, Result};
use chancery_tests::{
    admin::{Admin, reason},
    browser::Browser,
    dev::User,
    http::Http,
    installation::Installation,
    party::claims,
    program::Program,
};
use serde_json::json;
use url::Url;

use super::{bind, told};

#[tokio::test]
async fn an_operator_signs_in_and_may_do_what_their_role_says() -> Result<()> {
    let installation = Installation::unowned().await?;
    let system = [("CHANCERY_ADMIN__SYSTEM_TENANT", "system")];
    let program = installation.serve_with(&installation.first, &system).await?;
    let url = installation.first.admin_url.clone();
    let file = installation.folder().join("bootstrap-token").display().to_string();
    let made = told(&["bootstrap", "--token-file", &file, "--system-tenant", "--admin-url", &url]).await?;
    let issuer = made["issuer"].as_str().context("no issuer")?.to_owned();
    let owner = Admin::connect(&url, made["secret"].as_str().context("no key")?).await?;
    let ada = User { username: "ada".to_owned(), password: "correct-horse-ada".to_owned() };
    let message = json!({ "parent": "tenants/system", "user": { "username": ada.username } });
    let made = owner.call("UserService/CreateUser", message).await?;
    let user = made["uid"].as_str().context("no uid")?;
    let link = owner.call("UserService/CreatePasswordLink", json!({ "name": made["name"] })).await?;
    let page = Browser::new()?.choose_password(link["uri"].as_str().context("no link")?, &ada.password).await?;
    assert!(page.has("password-set"), "{}", page.html);

    // SQLite is one process's own.
    assert!(program.stop().await?.success());
    bind(&installation, chancery_domain::role::BuiltInRole::PlatformAuditor, format!("users/{user}").parse()?).await?;
    let _program = installation.serve_with(&installation.first, &system).await?;

    let contexts = installation.folder().join("contexts.toml").display().to_string();
    let with = |words: &[&str]| [words, &["--contexts-file", &contexts]].concat().join("\u{1f}");
    let run = async |words: &[&str]| Program::run(&with(words).split('\u{1f}').collect::<Vec<_>>()).await;
    let added = run(&["context", "add", "prod", "--admin-url", &url]).await?;
    assert!(added.success, "{added:?}");
    let unknown = run(&["tenants", "list"]).await?;
    assert!(!unknown.success && unknown.stderr.contains("no credential"), "{unknown:?}");

    let login = with(&["login", "--issuer", &issuer, "--no-browser"]);
    let mut login = Program::start(installation.folder(), "login", &login.split('\u{1f}').collect::<Vec<_>>())?;
    let page = login.until("address", async |login: &Program| {
        login.logged().split_whitespace().find(|word| word.starts_with(&issuer)).map(str::to_owned)
    });
    let page = page.await?;
    let asked = Url::parse(&page)?;
    let redirect =
        asked.query_pairs().find(|(name, _)| name == "redirect_uri").context("no redirect_uri")?.1.into_owned();
    let http = Http::new()?;
    let answer = Browser::with(http.clone()).authorize(&page, &ada, &redirect).await?;

    // Whoever else comes to the port of the command line gets nothing, and disturbs nothing.
    let stranger = http.get(&format!("{redirect}?code=chc_x&state=guess"))?.send().await?;
    assert_eq!(stranger.status().as_u16(), 404);
    let mut back = Url::parse(&redirect)?;
    back.query_pairs_mut().extend_pairs(&answer);
    let end = http.get(back.as_str())?.send().await?;
    assert!(end.status().is_success());
    assert!(login.end(std::time::Duration::from_secs(20)).await?.success(), "{}", login.logged());
    for secret in ["chc_", "chr_", "eyJ"] {
        assert!(!login.printed().contains(secret) && !login.logged().contains(secret), "{secret}");
    }

    let listed = run(&["tenants", "list", "--output", "json"]).await?;
    assert!(listed.success && listed.stdout.contains("tenants/system"), "{listed:?}");
    let denied = run(&["tenants", "create", "acme"]).await?;
    assert!(denied.stderr.contains("PERMISSION_DENIED"), "{denied:?}");

    // T178: the token is for the admin API alone, and what is for others opens nothing here.
    let kept = std::fs::read_to_string(&contexts)?;
    let token = |name: &str| {
        let entry = kept.lines().find_map(|line| line.trim().strip_prefix(name)?.trim().strip_prefix('='));
        entry.map(|value| value.trim().trim_matches('"').to_owned()).context("no token in the context")
    };
    let access_token = token("access_token")?;
    assert_eq!(claims(&access_token)?["aud"], format!("{}/admin-api", installation.public_url()));
    let userinfo = http.get(&format!("{issuer}/oauth2/userinfo"))?.bearer_auth(&access_token).send().await?;
    assert_eq!(userinfo.status().as_u16(), 401);
    let refused = owner.with_key(&format!("{access_token}x")).try_call("TenantService/ListTenants", json!({})).await?;
    assert_eq!(reason(&refused.expect_err("refused")).as_deref(), Some("ACCESS_TOKEN_INVALID"));

    // An access token that is over is renewed by itself.
    let past = kept
        .lines()
        .map(|line| if line.trim_start().starts_with("expires_at") { "expires_at = 1" } else { line })
        .collect::<Vec<_>>()
        .join("\n");
    std::fs::write(&contexts, past)?;
    let renewed = run(&["tenants", "list"]).await?;
    assert!(renewed.success, "{renewed:?}");
    assert_ne!(std::fs::read_to_string(&contexts)?, kept);
    Ok(())
}
