//! What is published for everybody.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{http::Http, party::Party};
use reqwest::header::HeaderMap;

use crate::authorization::scene::Scene;

async fn seen(url: &str, headers: &[(&str, &str)]) -> Result<(u16, String, HeaderMap)> {
    let mut request = Http::new()?.get(url)?;
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await?;
    let (status, mut headers) = (response.status().as_u16(), response.headers().clone());
    for changing in ["date", "traceparent", "x-request-id"] {
        headers.remove(changing);
    }
    Ok((status, response.text().await?, headers))
}

pub(super) async fn constant(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.hybrid] {
        let issuer = party.metadata["issuer"].as_str().context("no issuer")?;
        for url in [format!("{issuer}/.well-known/openid-configuration"), party.endpoint("jwks_uri")?.to_owned()] {
            let (status, body, headers) = seen(&url, &[]).await?;
            ensure!(status == 200, "{status} at {url}");
            for (name, value) in [
                ("x-forwarded-host", "evil.example"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-port", "444"),
                ("x-forwarded-prefix", "/evil"),
                ("forwarded", "host=evil.example;proto=https"),
                ("x-host", "evil.example"),
                ("x-original-url", "/t/globex/.well-known/openid-configuration"),
                ("x-rewrite-url", "/evil"),
                ("x-http-method-override", "POST"),
                ("origin", "https://evil.example"),
                ("cookie", "tenant=globex"),
                ("accept-language", "fr"),
                ("accept", "text/html"),
            ] {
                let again = seen(&url, &[(name, value)]).await?;
                ensure!(again.1 == body && again.0 == 200, "{name}: {again:?}");
                ensure!(again.2 == headers, "{name}: {:?} and {headers:?}", again.2);
            }
            // A cache keys by the URL: what it would give to others is the same, whatever else stands in the URL.
            ensure!(seen(&format!("{url}?issuer=https://evil.example"), &[]).await?.1 == body, "{url}");
            for host in ["evil.example", "evil.example:443", "127.0.0.1.evil.example", "localhost@evil.example"] {
                let (status, told, _) = seen(&url, &[("host", host)]).await?;
                ensure!(status != 200 && !told.contains("evil"), "{host}: {status} {told}");
            }
        }
    }
    Ok(())
}

/// It is off: the same answer whoever is asked about.
pub(super) async fn webfinger(scene: &Scene) -> Result<()> {
    let known = |party: &Party| format!("ann@{}.example", scene.tenant(party).tenant);
    for party in [&scene.web, &scene.hybrid] {
        let issuer = party.metadata["issuer"].as_str().context("no issuer")?;
        for base in [issuer, scene.site.installation.public_url()] {
            let mut answers = Vec::new();
            for account in [known(party), "nobody@acme.example".to_owned(), String::new()] {
                let rel = "http%3A%2F%2Fopenid.net%2Fspecs%2Fconnect%2F1.0%2Fissuer";
                let url = format!("{base}/.well-known/webfinger?resource=acct:{account}&rel={rel}");
                let (status, body, _) = seen(&url, &[]).await?;
                ensure!(status == 404 && !body.contains("ann"), "{url}: {status} {body}");
                answers.push(body);
            }
            answers.dedup();
            ensure!(answers.len() == 1, "{answers:?}");
        }
    }
    Ok(())
}
