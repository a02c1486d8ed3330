//! Where the server does not go at a client's wish.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    authorization::scene::Scene,
    client_requests::{published::Web, signing::Signer},
    databases::Database,
};

/// Fields of a client that name places which the server calls.
fn fields(uri: &str) -> [Value; 3] {
    [
        json!({ "jwksUri": uri, "authMethods": ["AUTH_METHOD_PRIVATE_KEY_JWT"] }),
        json!({ "requestUris": [uri] }),
        json!({ "backchannelLogoutUri": uri }),
    ]
}

pub(super) async fn unfit_places(scene: &Scene) -> Result<()> {
    for uri in [
        // This machine, its network and its neighbours.
        "https://127.0.0.1/x",
        "https://127.8.9.10/x",
        "https://0.0.0.0/x",
        "https://10.0.0.1/x",
        "https://172.16.0.1/x",
        "https://192.168.1.1/x",
        "https://100.64.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://224.0.0.1/x",
        "https://255.255.255.255/x",
        "https://[::1]/x",
        "https://[::]/x",
        "https://[fe80::1]/x",
        "https://[fc00::1]/x",
        "https://[fd00:ec2::254]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[::ffff:a9fe:a9fe]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://[2002:7f00:1::]/x",
        // The same in odd notations.
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://0x7f.1/x",
        "https://0177.0.0.1/x",
        "https://127.1/x",
        "https://127.0.0.1./x",
        "https://\u{2460}27.0.0.1/x",
        // Other schemes, and names within the URL.
        "http://keys.example/x",
        "HTTP://keys.example/x",
        "ftp://keys.example/x",
        "gopher://keys.example/x",
        "file:///etc/passwd",
        "data:application/json,{}",
        "jar:https://keys.example/x",
        "https://user@keys.example/x",
        "https://user:pass@keys.example/x",
        "https://keys.example@127.0.0.1/x",
        "https:///x",
        "https://",
        "//keys.example/x",
        "keys.example/x",
        "https://keys.example:0x50/x",
        "https://keys.example:99999/x",
        "https://KEYS.example./x",
        "https://keys.example\\@127.0.0.1/x",
        "https://keys.example/\r\nx",
    ] {
        for more in fields(uri) {
            let refused =
                scene.confidential(&scene.hybrid, &more).await.err().with_context(|| format!("{more} was taken"))?;
            let refused = format!("{refused:#}");
            ensure!(refused.contains("CreateClient") && refused.contains("InvalidArgument"), "{more}: {refused}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn p049_t153_t157_places_that_misbehave_on_sqlite() -> Result<()> {
    misbehaves(Database::Sqlite).await
}

#[tokio::test]
async fn p049_t153_t157_places_that_misbehave_on_postgres() -> Result<()> {
    misbehaves(Database::Postgres).await
}

/// Keys at a place that sends on, drips, inflates, or lists too many: none of that is believed, nor waited for.
async fn misbehaves(database: Database) -> Result<()> {
    let web = Web::open().await?;
    let (site, _roots) = web.site(database).await?;
    let inside = std::net::TcpListener::bind("127.0.0.1:0")?;
    inside.set_nonblocking(true)?;
    let elsewhere = format!("http://{}/jwks", inside.local_addr()?);
    let answer = |head: &str, body: &str| format!("HTTP/1.1 200 OK\r\n{head}Connection: close\r\n\r\n{body}");
    for (name, conduct) in [
        (
            "elsewhere",
            format!("HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        ),
        (
            "permanently",
            format!(
                "HTTP/1.1 308 Permanent Redirect\r\nLocation: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                web.uri("/good")
            ),
        ),
        ("drips", answer("Content-Length: 400\r\n", &format!("{{drip{}", " ".repeat(380)))),
        ("never-begins", format!("HTTP/1.1 drip{}", " ".repeat(380))),
        ("longer-than-any", answer("", &format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(1 << 20)))),
        ("inflates", answer("Content-Encoding: gzip\r\n", "not gzip at all")),
        ("no-json", answer("Content-Type: text/html\r\n", "<html>keys</html>")),
        ("fails", "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned()),
    ] {
        let path = format!("/{name}");
        let at = json!({ "jwks": Value::Null, "jwksUri": web.uri(&path) });
        let signer = Signer::register(&site, &site.first, name, at).await?;
        web.publish("/good", &signer.key.jwks()?);
        web.publish(&path, &conduct);
        let begun = Instant::now();
        let (status, error) = signer.outcome(&signer.assertion(&json!({}))?).await?;
        ensure!((status, error.as_str()) == (401, "invalid_client"), "{name}: {status} {error}");
        ensure!(begun.elapsed() < Duration::from_secs(20), "{name} took {:?}", begun.elapsed());
        ensure!(web.asked(&path) >= 1, "{name} was not asked");
    }
    ensure!(web.asked("/good") == 0 && inside.accept().is_err(), "a redirect was followed");

    // Ten thousand keys, the right one among them; and a set that gets lost keeps its last good state.
    let many = json!({ "jwks": Value::Null, "jwksUri": web.uri("/many") });
    let signer = Signer::register(&site, &site.first, "many", many).await?;
    let mut set: Value = serde_json::from_str(&signer.key.jwks()?)?;
    let one = set["keys"][0].clone();
    let keys = set["keys"].as_array_mut().context("a list")?;
    keys.extend((0..10_000).map(|at| {
        let mut key = one.clone();
        key["kid"] = URL_SAFE_NO_PAD.encode(format!("{at}")).into();
        key
    }));
    web.publish("/many", &set.to_string());
    ensure!(signer.outcome(&signer.assertion(&json!({}))?).await?.0 == 401, "ten thousand keys");

    let lost = json!({ "jwks": Value::Null, "jwksUri": web.uri("/lost") });
    let signer = Signer::register(&site, &site.first, "lost", lost).await?;
    web.publish("/lost", &signer.key.jwks()?);
    ensure!(signer.outcome(&signer.assertion(&json!({}))?).await?.0 == 200);
    web.publish("/lost", "<html>gone</html>");
    let unknown = signer.key.sign_with(&json!({ "alg": "ES256", "kid": "unheard-of" }), &signer.claims(&json!({})))?;
    ensure!(signer.outcome(&unknown).await?.0 == 401);
    ensure!(signer.outcome(&signer.assertion(&json!({}))?).await?.0 == 200, "the last good set is gone");
    Ok(())
}
