//! What is asked of the token endpoint.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    http::{Http, Reply},
    party::{Party, claims, random_text},
};
use reqwest::Method;
use serde_json::json;
use url::Url;

use super::{REQUEST, is};
use crate::authorization::scene::{Scene, text};

const MACHINE: (&str, &str) = ("grant_type", "client_credentials");

/// A client of either profile that is this case's alone.
async fn of_both(scene: &Scene) -> Result<[Party; 2]> {
    Ok([scene.confidential(&scene.web, &json!({})).await?, scene.confidential(&scene.hybrid, &json!({})).await?])
}

/// Sends a form by Basic, whatever stands in it.
async fn send(party: &Party, form: &[(&str, &str)]) -> Result<Reply> {
    let (id, secret) = (&party.client.client_id, party.client.client_secret.as_ref());
    let request = Http::new()?.post(party.endpoint("token_endpoint")?)?.basic_auth(id, secret).form(form);
    Reply::read(request.send().await?).await
}

pub(super) async fn by_get(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.hybrid] {
        let canary = random_text();
        let mut url = Url::parse(party.endpoint("token_endpoint")?)?;
        url.query_pairs_mut().extend_pairs([("grant_type", "authorization_code"), ("code", &canary)]);
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH] {
            let reply = Reply::read(Http::new()?.request(method.clone(), &url).send().await?).await?;
            ensure!(reply.status == 405, "{method}: {reply:?}");
            let allowed: Vec<_> = reply.header("allow").split(", ").collect();
            ensure!(allowed.contains(&"POST") && !allowed.contains(&"GET"), "{method}: {reply:?}");
            ensure!(reply.header("cache-control") == "no-store", "{reply:?}");
        }
        is_not_logged(scene, &canary).await?;
    }
    Ok(())
}

/// That the program never wrote this down. The log gathers for a moment.
async fn is_not_logged(scene: &Scene, canary: &str) -> Result<()> {
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    ensure!(!scene.site.program.logged().contains(canary), "it stands in the log");
    Ok(())
}

pub(super) async fn in_the_url(scene: &Scene) -> Result<()> {
    for party in of_both(scene).await? {
        let canary = random_text();
        for name in [
            "client_secret",
            "client_assertion",
            "code",
            "code_verifier",
            "refresh_token",
            "subject_token",
            "actor_token",
            "assertion",
            "device_code",
            "password",
            "client_id",
        ] {
            let mut url = Url::parse(party.endpoint("token_endpoint")?)?;
            url.query_pairs_mut().append_pair(name, &canary);
            let (id, secret) = (&party.client.client_id, party.client.client_secret.as_ref());
            let request = Http::new()?.request(Method::POST, &url).basic_auth(id, secret).form(&[MACHINE]);
            is(&Reply::read(request.send().await?).await?, REQUEST).with_context(|| name.to_owned())?;
        }
        is_not_logged(scene, &canary).await?;
        send(&party, &[MACHINE]).await?.success()?;
    }
    Ok(())
}

pub(super) async fn unknown_grants(scene: &Scene) -> Result<()> {
    let refused = (400, "unsupported_grant_type");
    for party in of_both(scene).await? {
        let user = scene.tenant(&party).user()?;
        let password =
            [("grant_type", "password"), ("username", user.username.as_str()), ("password", user.password.as_str())];
        is(&send(&party, &password).await?, refused)?;
        is(&send(&party, &[&password[..], &[("scope", "openid")]].concat()).await?, refused)?;
        for unknown in [
            "PASSWORD",
            "Password",
            "unheard_of",
            "client_credentials ",
            "CLIENT_CREDENTIALS",
            "urn:ietf:params:oauth:grant-type:saml2-bearer",
            "urn:openid:params:grant-type:ciba",
            "\u{fc}",
        ] {
            let mut rest = password;
            rest[0].1 = unknown;
            is(&send(&party, &rest).await?, refused).with_context(|| unknown.to_owned())?;
        }
        ensure!(!party.metadata["grant_types_supported"].to_string().contains("password"), "{}", party.metadata);
    }
    // What the authorization endpoint gives without a code is no grant of the token endpoint, to whom it may be given either.
    is(&scene.hybrid.token(&[("grant_type", "implicit")]).await?, refused)?;
    // Nor can an operator give it to a client.
    for word in ["GRANT_TYPE_PASSWORD", "password"] {
        let made = scene.confidential(&scene.hybrid, &json!({ "grantTypes": [word] })).await;
        ensure!(made.is_err(), "{word} was given");
    }
    let unspecified = scene.confidential(&scene.hybrid, &json!({ "grantTypes": [0] })).await;
    ensure!(unspecified.is_err(), "a grant without a name was given");
    Ok(())
}

pub(super) async fn foreign_grant(scene: &Scene) -> Result<()> {
    let refused = (400, "unauthorized_client");
    for beside in [&scene.web, &scene.hybrid] {
        let machine = json!({ "grantTypes": ["GRANT_TYPE_CLIENT_CREDENTIALS"], "redirectUris": [] });
        let machine = scene.confidential(beside, &machine).await?;
        for form in [
            &[("grant_type", "authorization_code"), ("code", "chc_x")][..],
            &[("grant_type", "refresh_token"), ("refresh_token", "chr_x")],
            &[("grant_type", "authorization_code")],
        ] {
            is(&send(&machine, form).await?, refused).with_context(|| format!("{form:?}"))?;
        }
        send(&machine, &[MACHINE]).await?.success()?;
    }
    is(&scene.web.token(&[MACHINE]).await?, refused)
}

pub(super) async fn no_form(scene: &Scene) -> Result<()> {
    for party in of_both(scene).await? {
        let (id, secret) = (&party.client.client_id, party.client.client_secret.as_ref());
        let post = || anyhow::Ok(Http::new()?.post(party.endpoint("token_endpoint")?)?.basic_auth(id, secret));
        let form = "grant_type=client_credentials";
        for (kind, body) in [
            (Some("application/json"), r#"{"grant_type":"client_credentials"}"#),
            (Some("application/json"), form),
            (Some("text/plain"), form),
            (None, form),
            (Some(""), form),
            (
                Some("multipart/form-data; boundary=x"),
                "--x\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nclient_credentials\r\n--x--\r\n",
            ),
            (Some("application/x-www-form-urlencoded; charset=utf-7"), form),
            (Some("application/x-www-form-urlencoded; charset=iso-8859-1"), form),
            (Some("application/x-www-form-urlencoded, application/json"), form),
            (Some("application/x-www-form-urlencoded-not"), form),
        ] {
            let request = post()?.body(body);
            let request = match kind {
                Some(kind) => request.header("content-type", kind),
                None => request,
            };
            is(&Reply::read(request.send().await?).await?, (415, "invalid_request"))
                .with_context(|| format!("{kind:?}"))?;
        }
        for broken in ["grant_type=%zz", "grant_type=%ff%fe", "grant_type=client_credentials&%C3=x"] {
            let request = post()?.header("content-type", "application/x-www-form-urlencoded").body(broken);
            is(&Reply::read(request.send().await?).await?, REQUEST).with_context(|| broken.to_owned())?;
        }
        for kind in
            ["application/x-www-form-urlencoded;charset=UTF-8", "Application/X-WWW-Form-URLEncoded; charset=\"utf-8\""]
        {
            let request = post()?.header("content-type", kind).body(form);
            Reply::read(request.send().await?).await?.success().with_context(|| kind.to_owned())?;
        }
    }
    Ok(())
}

/// Forms that would do, by the grant type in them.
fn good<'a>(
    party: &'a Party,
    code: &'a str,
    verifier: &'a str,
    refresh: &'a str,
) -> Result<[Vec<(&'a str, &'a str)>; 3]> {
    let redirect_uri = party.redirect_uri()?;
    Ok([
        vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ],
        vec![("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", "openid")],
        vec![MACHINE, ("scope", "profile")],
    ])
}

/// A code and a refresh token of somebody, both unused.
async fn presents(scene: &Scene, party: &Party) -> Result<(String, String, String)> {
    let attempt = party.begin("openid profile offline_access", &[])?;
    let code = scene.code(party, &attempt).await?;
    let tokens = party.redeem(&code, &attempt.verifier).await?.success()?;
    let attempt = party.begin("openid", &[])?;
    let code = scene.code(party, &attempt).await?;
    Ok((code, attempt.verifier, text(&tokens, "refresh_token")?.to_owned()))
}

pub(super) async fn repeated(scene: &Scene) -> Result<()> {
    for party in of_both(scene).await? {
        let (code, verifier, refresh) = presents(scene, &party).await?;
        let forms = good(&party, &code, &verifier, &refresh)?;
        for form in &forms {
            for (name, value) in form {
                for other in [*value, "x", ""] {
                    let reply = send(&party, &[&form[..], &[(*name, other)]].concat()).await?;
                    is(&reply, REQUEST).with_context(|| format!("{name} again as {other:?}"))?;
                }
            }
        }
        let id = [("client_id", party.client.client_id.as_str()); 2];
        is(&send(&party, &[&forms[2][..], &id].concat()).await?, REQUEST)?;
        // None of it used anything up.
        for form in &forms {
            send(&party, form).await?.success().with_context(|| format!("{form:?}"))?;
        }
    }
    Ok(())
}

pub(super) async fn empty(scene: &Scene) -> Result<()> {
    for party in of_both(scene).await? {
        let (code, verifier, refresh) = presents(scene, &party).await?;
        let forms = good(&party, &code, &verifier, &refresh)?;
        for (form, required) in
            forms.iter().zip([&["grant_type", "code"][..], &["grant_type", "refresh_token"], &["grant_type"]])
        {
            for name in required {
                let emptied: Vec<_> =
                    form.iter().map(|(own, value)| (*own, if own == name { "" } else { value })).collect();
                is(&send(&party, &emptied).await?, REQUEST).with_context(|| format!("{name} empty"))?;
                let without: Vec<_> = form.iter().filter(|(own, _)| own != name).copied().collect();
                is(&send(&party, &without).await?, REQUEST).with_context(|| format!("without {name}"))?;
            }
        }
        for endpoint in ["introspection_endpoint", "revocation_endpoint"] {
            is(&party.call(endpoint, &[("token", "")]).await?, REQUEST)?;
            is(&party.call(endpoint, &[]).await?, REQUEST)?;
        }
        for form in &forms {
            send(&party, form).await?.success().with_context(|| format!("{form:?}"))?;
        }
    }
    Ok(())
}

pub(super) async fn of_other_grants(scene: &Scene) -> Result<()> {
    for party in of_both(scene).await? {
        let (code, verifier, refresh) = presents(scene, &party).await?;
        let user = scene.tenant(&party).user()?;
        let [by_code, by_refresh, _] = good(&party, &code, &verifier, &refresh)?;
        let all: Vec<(&str, &str)> = [
            ("username", user.username.as_str()),
            ("password", user.password.as_str()),
            ("assertion", "a.b.c"),
            ("subject_token", "a.b.c"),
            ("subject_token_type", "x"),
            ("device_code", "chd_x"),
        ]
        .into_iter()
        .chain(by_code.iter().chain(&by_refresh).copied().filter(|(name, _)| !["grant_type", "scope"].contains(name)))
        .collect();
        let with_all = |own: &[(&'static str, &'static str)]| -> Vec<(&str, &str)> {
            own.iter().copied().chain(all.iter().copied()).collect()
        };
        // For itself, with somebody's code and refresh token beside: it stays for itself.
        let own = send(&party, &with_all(&[MACHINE, ("scope", "profile")])).await?.success()?;
        let said = claims(text(&own, "access_token")?)?;
        ensure!(said["sub"] == party.client.client_id.as_str(), "{said}");
        ensure!(own.get("refresh_token").is_none() && own.get("id_token").is_none(), "{own}");
        let refreshed = send(&party, &with_all(&[("grant_type", "refresh_token")])).await?.success()?;
        ensure!(claims(text(&refreshed, "access_token")?)?["sub"] != said["sub"], "{refreshed}");
        // The code was not touched by either.
        let redeemed = send(&party, &with_all(&[("grant_type", "authorization_code")])).await?.success()?;
        ensure!(redeemed["scope"] == "openid", "{redeemed}");
    }
    Ok(())
}

pub(super) async fn echoes(scene: &Scene) -> Result<()> {
    for party in of_both(scene).await? {
        let canary = format!("canary{}", &random_text()[..8]);
        let evil = format!("\"><script>{canary}</script>\r\nSet-Cookie: {canary}=1\u{202e}");
        for form in [
            vec![("grant_type", evil.as_str())],
            vec![(evil.as_str(), "x"), (evil.as_str(), "x")],
            vec![MACHINE, ("scope", &evil)],
            vec![MACHINE, ("resource", &evil)],
            vec![("grant_type", "authorization_code"), ("code", &evil)],
            vec![("grant_type", "authorization_code"), ("code", "chc_x"), ("code_verifier", &evil)],
            vec![("grant_type", "refresh_token"), ("refresh_token", &evil)],
            vec![MACHINE, ("client_id", &evil)],
            vec![MACHINE, ("client_assertion", &evil)],
        ] {
            let (id, secret) = (&party.client.client_id, party.client.client_secret.as_ref());
            let url = party.endpoint("token_endpoint")?;
            let response = Http::new()?.post(url)?.basic_auth(id, secret).form(&form).send().await?;
            let headers = format!("{:?}", response.headers());
            ensure!(response.headers()["cache-control"] == "no-store", "{headers}");
            ensure!(response.headers()["x-content-type-options"] == "nosniff", "{headers}");
            ensure!(response.headers().get("set-cookie").is_none(), "{headers}");
            let (status, body) = (response.status(), response.text().await?);
            ensure!(status.is_client_error(), "{status} for {form:?}");
            ensure!(!body.contains("canary") && !body.contains("<script") && body.is_ascii(), "{body}");
            ensure!(!headers.contains("canary"), "{headers}");
        }
        let good = send(&party, &[MACHINE]).await?;
        ensure!(good.header("x-content-type-options") == "nosniff" && good.header("cache-control") == "no-store");
    }
    Ok(())
}
