//! Answers that are not from where the application asked, or not to what it asked.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::browser::Browser;
use url::Url;

use super::{Application, callback, tenants};
use crate::interop::scene::Scene;

/// An answer of one tenant, with its `iss` gone or another: nobody is called about it, and nobody is signed in (RFC 9207
/// section 2.4).
pub(super) async fn other_issuers(scene: &Scene) -> Result<()> {
    let application = Application::start(scene).await?;
    let [first, second] = tenants(scene);
    for (here, there) in [(first, second), (second, first)] {
        let mut at_server = Browser::new()?;
        let issuer = here.issuer.as_str();
        for iss in [
            None,
            Some(there.issuer.clone()),
            Some(format!("{issuer}/")),
            Some(issuer.to_uppercase()),
            Some(issuer.replace("127.0.0.1", "localhost")),
            Some("https://evil.example".to_owned()),
            Some(String::new()),
        ] {
            let mut browser = Browser::new()?;
            let url = application.begin(&mut browser, here).await?;
            let place = callback(&application.origin, here);
            let mut answer = at_server.authorize(url.as_str(), here.user()?, &place).await?;
            ensure!(answer.remove("iss").as_deref() == Some(issuer), "{answer:?}");
            answer.extend(iss.clone().map(|iss| ("iss".to_owned(), iss)));
            let before = (application.calls.made(), application.refusals().len());
            let page = application.come_back(&mut browser, here, &answer).await?;
            ensure!(page.status == 400, "{iss:?}: {}", page.html);
            let refusals = application.refusals();
            ensure!(refusals[before.1..] == ["Issuer"], "{iss:?}: {refusals:?}");
            ensure!(application.calls.made() == before.0, "{iss:?}: {:?}", application.calls.made());
            ensure!(application.who(&mut browser, here).await?.is_null(), "{iss:?}");
        }
        // As it was sent, it is good, and its code is redeemed once.
        let before = application.calls.for_tokens();
        application.sign_in(&mut Browser::new()?, &mut at_server, here).await?;
        ensure!(application.calls.for_tokens() == before + 1, "{:?}", application.calls.made());
    }
    Ok(())
}

/// The attack itself: the person chose one tenant, and the request was led to the other, which answers in good faith. Its
/// code must not be shown to the first (RFC 9700 section 4.4).
pub(super) async fn mix_up(scene: &Scene) -> Result<()> {
    let application = Application::start(scene).await?;
    let [first, second] = tenants(scene);
    for (chosen, honest, client) in [(first, second, &application.clients[1]), (second, first, &application.clients[0])]
    {
        let mut browser = Browser::new()?;
        let url = application.begin(&mut browser, chosen).await?;
        let place = callback(&application.origin, chosen);
        let mut led = Url::parse(&url.as_str().replacen(&chosen.issuer, &honest.issuer, 1))?;
        let asked: Vec<_> = url.query_pairs().filter(|(name, _)| name != "client_id").collect();
        led.query_pairs_mut().clear().append_pair("client_id", &client.client_id).extend_pairs(asked);
        let answer = Browser::new()?.authorize(led.as_str(), honest.user()?, &place).await?;
        ensure!(answer.contains_key("code") && answer.get("iss") == Some(&honest.issuer), "{answer:?}");
        let before = (application.calls.made(), application.refusals().len());
        let page = application.come_back(&mut browser, chosen, &answer).await?;
        ensure!(page.status == 400 && application.refusals()[before.1..] == ["Issuer"], "{}", page.html);
        ensure!(application.calls.made() == before.0, "{:?}", application.calls.made());
        ensure!(application.who(&mut browser, chosen).await?.is_null());
    }
    Ok(())
}

/// A code of one person in the session of another (RFC 9700 section 4.5).
pub(super) async fn injected(scene: &Scene) -> Result<()> {
    let application = Application::start(scene).await?;
    for tenant in tenants(scene) {
        let place = callback(&application.origin, tenant);
        let mut at_server = Browser::new()?;
        let [mut victim, mut attacker] = [Browser::new()?, Browser::new()?];
        let refused = |before: usize| application.refusals()[before..].to_vec();

        // The whole answer, in a browser that asked something else, or nothing: `state` is not its own.
        let url = application.begin(&mut victim, tenant).await?;
        let answer = at_server.authorize(url.as_str(), tenant.user()?, &place).await?;
        application.begin(&mut attacker, tenant).await?;
        let (calls, before) = (application.calls.made(), application.refusals().len());
        for browser in [&mut attacker, &mut Browser::new()?] {
            let page = application.come_back(browser, tenant, &answer).await?;
            ensure!(page.status == 400, "{}", page.html);
        }
        ensure!(refused(before) == ["NotBegunHere", "NotBegunHere"], "{:?}", refused(before));
        ensure!(application.calls.made() == calls, "{:?}", application.calls.made());

        // The code alone, under the state of the other: the verifier does not fit, in either direction.
        for _ in 0..2 {
            let asked = application.begin(&mut attacker, tenant).await?;
            let mut own = at_server.authorize(asked.as_str(), tenant.user()?, &place).await?;
            let other = application.begin(&mut victim, tenant).await?;
            let other = at_server.authorize(other.as_str(), tenant.user()?, &place).await?;
            own.insert("code".to_owned(), other["code"].clone());
            let before = application.refusals().len();
            let page = application.come_back(&mut attacker, tenant, &own).await?;
            ensure!(page.status == 403, "{}", page.html);
            ensure!(refused(before) == ["Refused(\"invalid_grant\")"], "{:?}", refused(before));
            ensure!(application.who(&mut attacker, tenant).await?.is_null());
            std::mem::swap(&mut victim, &mut attacker);
        }

        // A request of which the nonce was changed on its way: the ID token is not for this sign-in.
        let url = application.begin(&mut attacker, tenant).await?;
        let others: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| name != "nonce").collect();
        let mut changed = url.clone();
        changed.query_pairs_mut().clear().extend_pairs(others).append_pair("nonce", "of-somebody-else");
        let answer = at_server.authorize(changed.as_str(), tenant.user()?, &place).await?;
        let before = application.refusals().len();
        application.come_back(&mut attacker, tenant, &answer).await?;
        ensure!(refused(before) == ["Claim(\"nonce\")"], "{:?}", refused(before));
        ensure!(application.who(&mut attacker, tenant).await.context("afterwards")?.is_null());
    }
    Ok(())
}
