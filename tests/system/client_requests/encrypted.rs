//! Requests that clients sign and encrypt to the tenant (RFC 9101 section 6.2): by value, at an address of theirs, and
//! pushed.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::rand;
use chancery_tests::{
    browser::{Browser, Landing},
    party::Attempt,
};
use serde_json::{Value, json};

use super::{
    encrypting::{Encrypting, kids},
    libraries::drive,
    objects::{beside, claims, object, told},
    published::Web,
    signing::Signer,
};
use crate::{
    databases::{Database, Site},
    making, script,
};

#[tokio::test]
async fn t122_to_t129_encrypted_requests_on_sqlite() -> Result<()> {
    encrypted(Database::Sqlite).await
}

#[tokio::test]
async fn t122_to_t129_encrypted_requests_on_postgres() -> Result<()> {
    encrypted(Database::Postgres).await
}

#[tokio::test]
async fn keys_change_while_a_client_encrypts_to_the_one_before_on_sqlite() -> Result<()> {
    keys_change(Database::Sqlite).await
}

#[tokio::test]
async fn keys_change_while_a_client_encrypts_to_the_one_before_on_postgres() -> Result<()> {
    keys_change(Database::Postgres).await
}

async fn encrypted(database: Database) -> Result<()> {
    let web = Web::open().await?;
    let (site, _roots) = web.site(database).await?;
    never_by_itself(&site).await?;
    switch(&site, true).await?;
    let place = json!({ "requestUris": [web.uri("/request.jwt")] });
    let signer = Signer::register(&site, &site.second, "sealing", place).await?;
    until_keys(&signer, |kids| kids.len() == 2).await?;
    p010_p012_metadata(&signer)?;
    let key = Encrypting::to(&signer.party).await?;

    by_value(&signer, &key).await?;
    at_an_address(&signer, &key, &web).await?;
    pushed(&signer, &key).await?;
    t122_to_t129_refused(&signer, &key).await?;
    t125_t128_pushed(&signer, &key).await?;
    jose_in_every_way(&signer, &web).await?;
    let more = json!({ "signed_request": true, "encrypted_request": true });
    drive("openid_requests.mjs", &signer, more).await?;
    let strict = json!({ "requestObjectEncryptionAlg": "RSA-OAEP-256", "requestObjectEncryptionEnc": "A128GCM" });
    must_encrypt(&Signer::register(&site, &site.second, "must-encrypt", strict).await?, &key).await?;

    switch(&site, false).await?;
    until_keys(&signer, <[String]>::is_empty).await?;
    let attempt = signer.party.begin("openid", &[])?;
    let late = key.seal(&object(&signer, &attempt, &json!({}))?)?;
    told(&signer, &attempt, &late, "invalid_request_object", "switched off").await
}

/// Switches encryption on or off at the second tenant.
async fn switch(site: &Site, on: bool) -> Result<()> {
    making::set(&site.admin, &site.second, &json!({ "requestObjectEncryption": on })).await
}

/// Waits until the published set is so.
async fn until_keys(signer: &Signer, so: impl Fn(&[String]) -> bool) -> Result<Vec<String>> {
    let begun = Instant::now();
    loop {
        let found = kids(&signer.party).await?;
        if so(&found) {
            return Ok(found);
        }
        ensure!(begun.elapsed() < Duration::from_secs(20), "the set has {found:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn never_by_itself(site: &Site) -> Result<()> {
    let signer = Signer::register(site, &site.second, "before", json!({})).await?;
    ensure!(kids(&signer.party).await?.is_empty());
    let metadata = signer.party.metadata.to_string();
    ensure!(!metadata.contains("request_object_encryption"), "{metadata}");
    let refused = making::set(&site.admin, &site.first, &json!({ "requestObjectEncryption": true })).await;
    ensure!(refused.is_err(), "the newer profile takes no request objects: {refused:?}");
    Ok(())
}

fn p010_p012_metadata(signer: &Signer) -> Result<()> {
    let metadata = &signer.party.metadata;
    let told = |of: &str| metadata[format!("request_object_encryption_{of}_values_supported")].clone();
    ensure!(told("alg") == json!(["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]), "{metadata}");
    ensure!(told("enc") == json!(["A128CBC-HS256", "A128GCM", "A256GCM"]), "{metadata}");
    Ok(())
}

/// That a person signs in by way of a URL, and that what stood within counts.
async fn signs_in(signer: &Signer, attempt: &Attempt, url: &str) -> Result<()> {
    let answer = Browser::new()?.authorize(url, signer.tenant.user()?, signer.party.redirect_uri()?).await?;
    let code = signer.party.code_in(&answer, attempt)?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", signer.party.redirect_uri()?),
        ("code_verifier", attempt.verifier.as_str()),
    ];
    let tokens = signer.call("token_endpoint", &form).await?.success()?;
    ensure!(tokens["scope"] == "email openid", "{tokens}");
    Ok(())
}

async fn by_value(signer: &Signer, key: &Encrypting) -> Result<()> {
    for change in
        [json!({ "cty": "JWT" }), json!({}), json!({ "kid": Value::Null }), json!({ "cty": "oauth-authz-req+jwt" })]
    {
        let attempt = signer.party.begin("openid email", &[])?;
        let sealed = key.seal_with(&change, object(signer, &attempt, &json!({}))?.as_bytes())?;
        signs_in(signer, &attempt, beside(signer, &attempt, &[("request", &sealed)])?.as_str()).await?;
    }
    Ok(())
}

async fn at_an_address(signer: &Signer, key: &Encrypting, web: &Web) -> Result<()> {
    let attempt = signer.party.begin("openid email", &[])?;
    web.publish("/request.jwt", &key.seal(&object(signer, &attempt, &json!({}))?)?);
    let url = beside(signer, &attempt, &[("request_uri", &web.uri("/request.jwt"))])?;
    signs_in(signer, &attempt, url.as_str()).await
}

async fn pushed(signer: &Signer, key: &Encrypting) -> Result<()> {
    let attempt = signer.party.begin("openid email", &[])?;
    let sealed = key.seal(&object(signer, &attempt, &json!({}))?)?;
    let form = [("client_id", signer.id()), ("request", sealed.as_str())];
    let reply = signer.call("pushed_authorization_request_endpoint", &form).await?;
    ensure!(reply.status == 201, "{reply:?}");
    let reference = reply.body["request_uri"].as_str().context("no request_uri")?;
    let mut url = url::Url::parse(signer.party.endpoint("authorization_endpoint")?)?;
    url.query_pairs_mut().extend_pairs([("client_id", signer.id()), ("request_uri", reference)]);
    signs_in(signer, &attempt, url.as_str()).await
}

/// A raw deflate stream (RFC 1951 section 3.2.4) in one stored block.
fn deflated(text: &str) -> Result<Vec<u8>> {
    let length = u16::try_from(text.len())?;
    Ok([&[1][..], &length.to_le_bytes(), &(!length).to_le_bytes(), text.as_bytes()].concat())
}

async fn t122_to_t129_refused(signer: &Signer, key: &Encrypting) -> Result<()> {
    let attempt = signer.party.begin("openid", &[])?;
    let inner = object(signer, &attempt, &json!({}))?;
    let good = key.seal(&inner)?;
    let parts: Vec<&str> = good.split('.').collect();
    let with = |at: usize, part: &str| {
        let mut parts = parts.clone();
        parts[at] = part;
        parts.join(".")
    };
    let mut forged = vec![0; 256];
    rand::fill(&mut forged).map_err(|_| anyhow::anyhow!("no chance"))?;
    forged[0] = 0;
    let forged = base64(&forged);
    let header = |header: Value| with(0, &base64(header.to_string().as_bytes()));
    let mut deep = inner.clone();
    for _ in 0..5 {
        deep = key.seal(&deep)?;
    }
    let dots = format!("{good}{}", ".".repeat(10_000));
    let raw = claims(signer, &attempt, &json!({})).to_string();
    let point = json!({ "kty": "EC", "crv": "P-256", "x": base64(&[1; 32]), "y": base64(&[1; 32]) });
    for (what, object) in [
        ("T122 zip", key.seal_with(&json!({ "zip": "DEF" }), &deflated(&inner)?)?),
        (
            "T123 PBES2",
            header(json!({ "alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2_147_483_648_u32, "p2s": "AAAA" })),
        ),
        ("T124 RSA1_5", key.seal_with(&json!({ "alg": "RSA1_5" }), inner.as_bytes())?),
        ("T124 a forged key", with(1, &forged)),
        ("T124 a forged text", with(4, &base64(&[7; 16]))),
        ("T121 off the curve", header(json!({ "alg": "ECDH-ES", "enc": "A128GCM", "epk": point }))),
        ("T125 raw JSON", key.seal(&raw)?),
        ("T125 raw JSON, nested", key.seal(&key.seal(&raw)?)?),
        ("T126 dots", dots),
        ("T127 padding", format!("{good}=")),
        ("T127 not UTF-8", key.seal_with(&json!({}), &[0xff, b'.', 0xfe, b'.'])?),
        ("T128 five deep", deep),
        ("T128 two deep", key.seal(&good)?),
        ("T129 no key part", with(1, "")),
        ("T129 a short key part", with(1, "AAAA")),
        ("T129 a long key part", with(1, &"A".repeat(1024))),
        ("T129 no nonce", with(2, "")),
        ("T129 no tag", with(4, "")),
        ("T129 six parts", format!("{good}.AAAA")),
        ("T129 four parts", parts[..4].join(".")),
        ("crit", key.seal_with(&json!({ "crit": ["x"], "x": 1 }), inner.as_bytes())?),
        ("a kid of nobody", key.seal_with(&json!({ "kid": "nobody" }), inner.as_bytes())?),
        ("a kid that is no text", key.seal_with(&json!({ "kid": 1 }), inner.as_bytes())?),
        ("another content type", key.seal_with(&json!({ "cty": "json" }), inner.as_bytes())?),
    ] {
        told(signer, &attempt, &object, "invalid_request_object", what).await?;
    }
    let landing = Browser::new()?.open(beside(signer, &attempt, &[("request", &good)])?.as_str()).await?;
    ensure!(matches!(&landing, Landing::Page(page) if page.has("login-submit")), "the good one: {landing:?}");
    t129_where_three_parts_are_expected(signer, &good).await
}

async fn t129_where_three_parts_are_expected(signer: &Signer, sealed: &str) -> Result<()> {
    ensure!(signer.outcome(sealed).await? == (401, "invalid_client".to_owned()));
    ensure!(signer.party.userinfo(sealed).await?.status == 401);
    Ok(())
}

/// What is pushed is refused in the same words, and by the endpoint itself. A megabyte does not get so far.
async fn t125_t128_pushed(signer: &Signer, key: &Encrypting) -> Result<()> {
    let attempt = signer.party.begin("openid", &[])?;
    let good = key.seal(&object(signer, &attempt, &json!({}))?)?;
    let raw = key.seal(&claims(signer, &attempt, &json!({})).to_string())?;
    for object in [raw, key.seal(&good)?, format!("{good}.AAAA")] {
        let reply = signer
            .call("pushed_authorization_request_endpoint", &[("client_id", signer.id()), ("request", &object)])
            .await?;
        ensure!(reply.refusal() == (400, "invalid_request_object"), "{reply:?}");
    }
    let large = key.seal_with(&json!({}), &vec![b'a'; 1 << 20])?;
    let form = [("client_id", signer.id()), ("request", large.as_str())];
    let reply = signer.call("pushed_authorization_request_endpoint", &form).await?;
    ensure!((400..500).contains(&reply.status), "{} for a megabyte", reply.status);
    Ok(())
}

/// What npm jose encrypts in each way that the metadata name signs a person in: one way at an address, the others by value.
async fn jose_in_every_way(signer: &Signer, web: &Web) -> Result<()> {
    let attempt = signer.party.begin("openid email", &[])?;
    let task = json!({ "issuer": signer.tenant.issuer, "text": object(signer, &attempt, &json!({}))? });
    let told = script::run("jose_seals.mjs", &task, &mut Browser::new()?, signer.tenant.user()?).await?;
    let sealed = told["sealed"].as_array().context("nothing was sealed")?;
    ensure!(sealed.len() == 12, "{told}");
    for one in sealed {
        let text = one["text"].as_str().context("no text")?;
        let landing = Browser::new()?.open(beside(signer, &attempt, &[("request", text)])?.as_str()).await?;
        ensure!(matches!(&landing, Landing::Page(page) if page.has("login-submit")), "{one}: {landing:?}");
    }
    web.publish("/request.jwt", sealed[0]["text"].as_str().context("no text")?);
    let url = beside(signer, &attempt, &[("request_uri", &web.uri("/request.jwt"))])?;
    signs_in(signer, &attempt, url.as_str()).await
}

async fn must_encrypt(signer: &Signer, key: &Encrypting) -> Result<()> {
    let attempt = signer.party.begin("openid email", &[])?;
    let inner = object(signer, &attempt, &json!({}))?;
    told(signer, &attempt, &inner, "invalid_request_object", "signed alone").await?;
    let sealed = key.seal(&inner)?;
    signs_in(signer, &attempt, beside(signer, &attempt, &[("request", &sealed)])?.as_str()).await
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(bytes)
}

async fn keys_change(database: Database) -> Result<()> {
    let mut site = database.site().await?;
    switch(&site, true).await?;
    let signer = Signer::register(&site, &site.second, "cached", json!({})).await?;
    let first = until_keys(&signer, |kids| kids.len() == 2).await?;
    let old = Encrypting::to(&signer.party).await?;
    by_value(&signer, &old).await.context("before")?;

    let parent = json!({ "parent": format!("tenants/{}", site.second.tenant), "reason": "a drill" });
    let rotated = site.admin.call("EncryptionKeyService/RotateEncryptionKeys", parent.clone()).await?;
    ensure!(rotated["withdrawnKeys"].as_array().map(Vec::len) == Some(2), "{rotated}");
    let second = until_keys(&signer, |kids| kids.len() == 2 && !kids.iter().any(|kid| first.contains(kid))).await?;
    by_value(&signer, &old).await.context("with the key of before")?;
    let new = Encrypting::to(&signer.party).await?;
    by_value(&signer, &new).await.context("with the new key")?;

    // It was all in the rows.
    ensure!(site.program.stop().await?.success());
    site.program = site.installation.serve(&site.installation.first).await?;
    site.admin = site.installation.admin(&site.installation.first).await?;
    ensure!(until_keys(&signer, |kids| !kids.is_empty()).await? == second, "the same set after a restart");
    for (which, key) in [("old", &old), ("new", &new)] {
        by_value(&signer, key).await.with_context(|| format!("{which}, after a restart"))?;
    }

    // A key that leaked opens nothing from then on, and the other one stays.
    let leaked = json!({ "name": format!("tenants/{}/encryptionKeys/{}", site.second.tenant, old.kid()) });
    site.admin.call("EncryptionKeyService/DeleteEncryptionKey", leaked).await?;
    let listed =
        site.admin.call("EncryptionKeyService/ListEncryptionKeys", json!({ "parent": parent["parent"] })).await?;
    ensure!(listed["encryptionKeys"].as_array().map(Vec::len) == Some(3), "{listed}");
    let attempt = signer.party.begin("openid", &[])?;
    let begun = Instant::now();
    loop {
        let sealed = old.seal(&object(&signer, &attempt, &json!({}))?)?;
        let refused = told(&signer, &attempt, &sealed, "invalid_request_object", "destroyed").await;
        if refused.is_ok() {
            break;
        }
        ensure!(begun.elapsed() < Duration::from_secs(20), "{refused:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    by_value(&signer, &new).await.context("the one that did not leak")
}
