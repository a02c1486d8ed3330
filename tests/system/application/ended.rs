//! Sessions that end at the server, and whoever pretends that they do.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::Browser,
    http::{Http, Reply},
    page::Form,
    party::{Party, claims, random_text},
};
use serde_json::json;
use url::Url;

use super::Application;
use crate::{
    client_keys::{ClientKey, now},
    interop::scene::Scene,
    logout::applications::Applications,
    making::{self, own_name, until},
};

/// A frame ends the session that it names, by issuer and `sid`, and no other (OpenID Connect Front-Channel Logout section 3).
pub(super) async fn frames(scene: &Scene) -> Result<()> {
    let application = Application::start(scene).await?;
    let tenant = &scene.site.second;
    let sign_in = async || -> Result<(Browser, Browser, String)> {
        let (mut browser, mut at_server) = (Browser::new()?, Browser::new()?);
        application.sign_in(&mut browser, &mut at_server, tenant).await?;
        let sid = application.who(&mut browser, tenant).await?["sid"].as_str().context("no sid")?.to_owned();
        Ok((browser, at_server, sid))
    };
    let (mut one, mut one_at_server, sid) = sign_in().await?;
    let (mut other, mut other_at_server, foreign) = sign_in().await?;
    ensure!(sid != foreign, "two sessions");

    let (issuer, first) = (tenant.issuer.as_str(), scene.site.first.issuer.as_str());
    for parameters in [
        vec![("iss", issuer), ("sid", &foreign)],
        vec![("iss", first), ("sid", &sid)],
        vec![("iss", &format!("{issuer}/")), ("sid", &sid)],
        vec![("sid", &sid)],
        vec![("iss", issuer)],
        vec![("iss", issuer), ("sid", "")],
        vec![("iss", issuer), ("sid", &random_text())],
        vec![("iss", issuer), ("sid", &sid), ("sid", &foreign)],
        vec![("iss", issuer), ("iss", issuer), ("sid", &sid)],
        vec![],
    ] {
        let frame = Url::parse_with_params(&application.url(tenant, "frontchannel-logout"), &parameters)?;
        let page = one.open(frame.as_str()).await?.page()?;
        ensure!(page.status == 200 && page.html.is_empty(), "{parameters:?}: {} {}", page.status, page.html);
        ensure!(application.who(&mut one, tenant).await?["sid"] == sid.as_str(), "{parameters:?}");
    }

    // Somebody signs out at the server, whose page then has frames: nothing to one, the end to the other.
    let frame = frame(&application, &mut other_at_server, scene).await?;
    ensure!(frame.query_pairs().any(|(name, value)| name == "sid" && value == foreign), "{frame}");
    one.open(frame.as_str()).await?.page()?;
    ensure!(application.who(&mut one, tenant).await?["sid"] == sid.as_str(), "a frame of another session");
    ensure!(application.who(&mut other, tenant).await?["sid"] == foreign.as_str(), "not loaded yet");
    other.open(frame.as_str()).await?.page()?;
    ensure!(application.who(&mut other, tenant).await?.is_null(), "its own frame");
    let frame = self::frame(&application, &mut one_at_server, scene).await?;
    one.open(frame.as_str()).await?.page()?;
    ensure!(application.who(&mut one, tenant).await?.is_null(), "its own frame");
    Ok(())
}

/// Signs out at the server. Gives the frame of the application on the page that is shown then.
async fn frame(application: &Application, at_server: &mut Browser, scene: &Scene) -> Result<Url> {
    let party = Party::discover(&scene.site.second, &application.clients[1]).await?;
    let asked = at_server.open(party.endpoint("end_session_endpoint")?).await?.page()?;
    let page = at_server.press(&asked, "logout-confirm").await?.page()?;
    let frames = page.frames()?;
    let own = frames.into_iter().find(|frame| frame.as_str().starts_with(&application.origin));
    own.with_context(|| format!("no frame of the application: {}", page.html))
}

/// What is posted to the application as a logout token: it takes the server's own, once, and nothing else (OpenID Connect
/// Back-Channel Logout section 2.6). Those with a claim too much or too few are shown beside the SDK, whose tests have a key
/// to sign them with.
pub(super) async fn logout_tokens(scene: &Scene) -> Result<()> {
    let (application, told) = (Application::start(scene).await?, Applications::start().await?);
    for (at, tenant) in super::tenants(scene).into_iter().enumerate() {
        let conducts = [own_name("good"), own_name("other")];
        let uri = |conduct: &str| json!({ "backchannelLogoutUri": format!("{}/{conduct}", told.origin) });
        let (own, admin) = (&application.clients[at], &scene.site.admin);
        let name = format!("tenants/{}/clients/{}", tenant.tenant, own.client_id);
        let mut message = uri(&conducts[0]);
        message["name"] = name.into();
        let update = json!({ "client": message, "updateMask": "backchannelLogoutUri" });
        admin.call("ClientService/UpdateClient", update).await?;
        let other = making::client(admin, tenant, &conducts[1], &uri(&conducts[1])).await?;
        let other = Party::discover(tenant, &other).await?;

        // What was changed at the client is known within seconds: from then on the sessions that it takes part in are told.
        let (mut browser, mut mine) = (Browser::new()?, None);
        until("the application is told", async || {
            let mut at_server = Browser::new()?;
            application.sign_in(&mut browser, &mut at_server, tenant).await?;
            other.sign_in(&mut at_server, tenant.user()?, "openid").await?;
            let sid = application.who(&mut browser, tenant).await?["sid"].clone();
            let asked = at_server.open(other.endpoint("end_session_endpoint")?).await?.page()?;
            at_server.press(&asked, "logout-confirm").await?;
            for _ in 0..30 {
                let arrived = told.tokens(&conducts[0]);
                mine = arrived.into_iter().find(|token| claims(token).is_ok_and(|said| said["sid"] == sid));
                if mine.is_some() {
                    return Ok(true);
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            Ok(false)
        })
        .await?;
        let mine = mine.context("no token")?;
        let others = told.until(&conducts[1], 1).await?.pop().context("no token")?;

        let id_token = other.sign_in(&mut Browser::new()?, tenant.user()?, "openid").await?;
        let id_token = id_token["id_token"].as_str().context("no ID token")?.to_owned();
        let forged = json!({
            "iss": tenant.issuer, "aud": own.client_id, "sid": "x", "jti": "x", "iat": now(), "exp": now() + 120,
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        let forged = ClientKey::generate("ES256")?.sign("logout+jwt", &forged)?;
        ensure!(application.who(&mut browser, tenant).await?["sub"].is_string(), "signed in there until it is told");
        for (what, token, why) in [
            ("for another application", &others, "Claim(\"aud\")"),
            ("an ID token", &id_token, "Claim(\"typ\")"),
            ("by a key of nobody", &forged, "Token("),
            ("no token", &"x".to_owned(), "Token("),
        ] {
            ensure!(post(&application, scene, at, token).await? == 400, "{what}");
            let last = application.refusals().last().cloned().unwrap_or_default();
            ensure!(last.starts_with(why), "{what}: {last}");
            ensure!(application.who(&mut browser, tenant).await?["sub"].is_string(), "{what}");
        }
        ensure!(post(&application, scene, at, &mine).await? == 200, "{:?}", application.refusals());
        ensure!(application.who(&mut browser, tenant).await?.is_null(), "its own token");
        ensure!(post(&application, scene, at, &mine).await? == 400, "a second time");
        ensure!(application.refusals().last().is_some_and(|last| last == "Replayed"), "{:?}", application.refusals());
    }
    Ok(())
}

/// The status with which the application answers that token.
async fn post(application: &Application, scene: &Scene, at: usize, token: &str) -> Result<u16> {
    let url = application.url(super::tenants(scene)[at], "backchannel-logout");
    let form = Form { action: Url::parse(&url)?, post: true, fields: vec![("logout_token".into(), token.into())] };
    let request = Http::new()?.request(reqwest::Method::POST, &form.action).form(&form.fields);
    Ok(Reply::read(request.send().await?).await?.status)
}
