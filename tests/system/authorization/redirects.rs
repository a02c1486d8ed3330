//! Where answers may go.

use anyhow::{Result, ensure};
use chancery_tests::party::Party;

use super::scene::{Scene, page, refused, see};

/// That each of these, in place of the registered redirect URI, gets a page.
async fn pages<'a>(party: &Party, uris: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let attempt = party.begin("openid", &[])?;
    for uri in uris {
        page(&attempt.with("redirect_uri", uri)).await?;
    }
    Ok(())
}

pub(super) async fn unregistered(scene: &Scene) -> Result<()> {
    pages(&scene.web, ["https://evil.example/callback", "https://acme.example/", "nonsense", "/web/callback"]).await
}

pub(super) async fn with_more(scene: &Scene) -> Result<()> {
    pages(
        &scene.web,
        [
            "https://acme.example/web/callback/",
            "https://acme.example/web/callback/more",
            "https://acme.example/web/callbackmore",
            "https://acme.example/more/web/callback",
            "https://acme.example/web/more/callback",
            "xhttps://acme.example/web/callback",
        ],
    )
    .await
}

pub(super) async fn traversal(scene: &Scene) -> Result<()> {
    pages(
        &scene.web,
        [
            "https://acme.example/web/callback/../x",
            "https://acme.example/web/callback/..;/x",
            "https://acme.example/web/%2e%2e/web/callback",
            "https://acme.example/web/./callback",
            "https://acme.example/x/../web/callback",
            "https://acme.example//web/callback",
        ],
    )
    .await
}

pub(super) async fn user_info(scene: &Scene) -> Result<()> {
    pages(
        &scene.web,
        [
            "https://acme.example@evil.example/web/callback",
            "https://acme.example\\@evil.example/web/callback",
            "https://acme.example:80@evil.example/web/callback",
            "https://user@acme.example/web/callback",
            "https:\\\\acme.example/web/callback",
        ],
    )
    .await
}

pub(super) async fn look_alikes(scene: &Scene) -> Result<()> {
    pages(
        &scene.web,
        [
            "https://acme.example.evil.example/web/callback",
            "https://evilacme.example/web/callback",
            "https://*.example/web/callback",
        ],
    )
    .await?;
    super::registration::refused(scene, "KIND_WEB", &["https://*.acme.example/cb"]).await
}

pub(super) async fn spellings(scene: &Scene) -> Result<()> {
    pages(
        &scene.web,
        [
            "HTTPS://acme.example/web/callback",
            "https://ACME.example/web/callback",
            "https://acme.example./web/callback",
            "https://acme.example:443/web/callback",
            "https://acme.example/WEB/callback",
            "https://xn--acme.example/web/callback",
            "https://\u{430}cme.example/web/callback",
        ],
    )
    .await
}

pub(super) async fn odd_bytes(scene: &Scene) -> Result<()> {
    let registered = "https://acme.example/web/callback";
    for odd in ["%", "%61", "%2561", "\0", "\r\nSet-Cookie: x=y", "\n", "\t", " ", "%0d%0a", "\u{fffd}"] {
        let attempt = scene.web.begin("openid", &[])?;
        let url = attempt.with("redirect_uri", &format!("{registered}{odd}"));
        page(&url).await?;
        let seen = see(&url).await?;
        ensure!(seen.headers.get_all("set-cookie").iter().count() == 1, "{odd:?}: {:?}", seen.headers);
    }
    pages(&scene.web, ["https://acme.example/web/c%61llback", "https://acme.example/web/c%2561llback"]).await
}

pub(super) async fn one_parameter_more(scene: &Scene) -> Result<()> {
    pages(
        &scene.web,
        [
            "https://acme.example/web/callback?x=1",
            "https://acme.example/web/callback?",
            "https://acme.example/web/callback&x=1",
        ],
    )
    .await
}

pub(super) async fn fragment(scene: &Scene) -> Result<()> {
    pages(&scene.web, ["https://acme.example/web/callback#x", "https://acme.example/web/callback#"]).await?;
    super::registration::refused(scene, "KIND_WEB", &["https://acme.example/cb#x"]).await
}

/// The fragment that RFC 9700 suggests is left out on purpose (a decision of the house): what has no token needs none, and
/// no registered redirect URI has one of its own.
pub(super) async fn no_foreign_fragment(scene: &Scene) -> Result<()> {
    let attempt = scene.web.begin("openid", &[])?;
    let answered = scene.signed_in(&scene.web)?.open(attempt.url.as_str()).await?.away()?;
    ensure!(
        answered.fragment().is_none() && answered.query().is_some_and(|query| !query.contains("token")),
        "{answered}"
    );
    Ok(())
}

pub(super) async fn loopback_look_alikes(scene: &Scene) -> Result<()> {
    let native =
        scene.client("KIND_NATIVE", &["http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost/cb"]).await?;
    pages(
        &native,
        [
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1.evil.example:4711/cb",
            "http://127.1/cb",
            "http://2130706433/cb",
            "http://0.0.0.0/cb",
            "http://[::ffff:127.0.0.1]/cb",
            "http://localhost.evil.example/cb",
            "http://127.0.0.1:1@evil.example/cb",
            "http://127.0.0.2/cb",
        ],
    )
    .await
}

pub(super) async fn loopback_port(scene: &Scene) -> Result<()> {
    let native = scene.client("KIND_NATIVE", &["http://127.0.0.1/cb?own=1"]).await?;
    pages(
        &native,
        [
            "http://127.0.0.1:4711/cb",
            "http://127.0.0.1:4711/cb2?own=1",
            "http://127.0.0.1:4711/cb?own=2",
            "https://127.0.0.1:4711/cb?own=1",
            "http://127.0.0.1:4711/cb?own=1#x",
            "http://127.0.0.1:0/cb?own=1",
            "http://127.0.0.1:65536/cb?own=1",
            "http://localhost:4711/cb?own=1",
        ],
    )
    .await?;
    for port in ["", ":1", ":4711", ":65535"] {
        let attempt = native.begin("openid", &[])?;
        let url = attempt.with("redirect_uri", &format!("http://127.0.0.1{port}/cb?own=1"));
        let away = scene.signed_in(&native)?.open(url.as_str()).await?.away()?;
        ensure!(away.as_str().starts_with(&format!("http://127.0.0.1{port}/cb?own=1&code=")), "{away}");
    }
    Ok(())
}

pub(super) async fn loopback_of_the_web(scene: &Scene) -> Result<()> {
    let web = scene.client("KIND_WEB", &["http://127.0.0.1/cb"]).await?;
    pages(&web, ["http://127.0.0.1:4711/cb", "http://127.0.0.1:80/cb"]).await
}

pub(super) async fn missing(scene: &Scene) -> Result<()> {
    pages(&scene.web, [""]).await?;
    let two = scene.client("KIND_WEB", &["https://two.example/a", "https://two.example/b"]).await?;
    for scope in ["openid", "profile"] {
        page(&two.begin(scope, &[])?.with("redirect_uri", "")).await?;
    }
    // One registered, and no OpenID Connect: that one is meant.
    let one = scene.client("KIND_WEB", &["https://one.example/a"]).await?;
    let attempt = one.begin("profile", &[("prompt", "none")])?;
    refused(&one, &attempt, &attempt.with("redirect_uri", ""), "login_required").await?;
    Ok(())
}

pub(super) async fn own_query(scene: &Scene) -> Result<()> {
    let own = "https://query.example/cb?dummy1=lorem&dummy2=ipsum";
    let party = scene.client("KIND_WEB", &[own]).await?;
    let attempt = party.begin("openid", &[])?;
    let away = scene.signed_in(&party)?.open(attempt.url.as_str()).await?.away()?;
    ensure!(away.as_str().starts_with(&format!("{own}&code=")), "{away}");
    let refused = refused(&party, &attempt, &attempt.with("scope", "openid unheard:of"), "invalid_scope").await?;
    ensure!(refused.get("dummy2").is_some_and(|own| own == "ipsum"), "{refused:?}");
    Ok(())
}
