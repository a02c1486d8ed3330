//! Who a client says it is.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chancery_tests::{
    http::{Http, Reply},
    party::Party,
};
use serde_json::{Value, json};

use super::{CLIENT, REQUEST, is};
use crate::{authorization::scene::Scene, client_keys::ClientKey};

const MACHINE: (&str, &str) = ("grant_type", "client_credentials");
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The endpoints at which clients prove themselves.
const ENDPOINTS: [&str; 4] =
    ["token_endpoint", "introspection_endpoint", "revocation_endpoint", "pushed_authorization_request_endpoint"];

async fn of_both(scene: &Scene) -> Result<[Party; 2]> {
    Ok([scene.confidential(&scene.web, &json!({})).await?, scene.confidential(&scene.hybrid, &json!({})).await?])
}

/// Sends a form with that header, or with none.
async fn send(party: &Party, endpoint: &str, header: Option<&str>, form: &[(&str, &str)]) -> Result<Reply> {
    let request = Http::new()?.post(party.endpoint(endpoint)?)?.form(form);
    let request = match header {
        Some(header) => request.header("authorization", header),
        None => request,
    };
    Reply::read(request.send().await?).await
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn own(party: &Party) -> (&str, &str) {
    (&party.client.client_id, party.client.client_secret.as_deref().unwrap_or_default())
}

pub(super) async fn two_at_once(scene: &Scene) -> Result<()> {
    for party in of_both(scene).await? {
        let (id, secret) = own(&party);
        let good = basic(id, secret);
        let posted = ("client_secret", secret);
        let asserted = [("client_assertion_type", ASSERTION), ("client_assertion", "a.b.c")];
        for endpoint in ENDPOINTS {
            for (header, form) in [
                (Some(good.as_str()), vec![MACHINE, posted]),
                (Some(good.as_str()), vec![MACHINE, ("client_id", id), posted]),
                (Some(good.as_str()), [&[MACHINE][..], &asserted].concat()),
                (Some(good.as_str()), vec![MACHINE, asserted[0]]),
                (None, [&[MACHINE, ("client_id", id), posted][..], &asserted].concat()),
                (Some("Bearer x"), vec![MACHINE, ("client_id", id), posted]),
            ] {
                let reply = send(&party, endpoint, header, &form).await?;
                is(&reply, REQUEST).with_context(|| format!("{endpoint} {header:?} {form:?}"))?;
            }
            // Two headers are two proofs too.
            let request = Http::new()?.post(party.endpoint(endpoint)?)?.form(&[MACHINE]);
            let request = request.header("authorization", &good).header("authorization", &good);
            is(&Reply::read(request.send().await?).await?, REQUEST)?;
        }
        send(&party, "token_endpoint", Some(&good), &[MACHINE]).await?.success()?;
    }
    Ok(())
}

pub(super) async fn wrong_secret(scene: &Scene) -> Result<()> {
    for party in of_both(scene).await? {
        let (id, secret) = own(&party);
        let issuer = party.metadata["issuer"].as_str().context("no issuer")?;
        for endpoint in ENDPOINTS {
            let reply = send(&party, endpoint, Some(&basic(id, "wrong")), &[MACHINE]).await?;
            is(&reply, CLIENT)?;
            let challenge = reply.header("www-authenticate");
            ensure!(challenge.starts_with(&format!("Basic realm=\"{issuer}\"")), "{challenge}");
            let posted =
                send(&party, endpoint, None, &[MACHINE, ("client_id", id), ("client_secret", "wrong")]).await?;
            is(&posted, CLIENT)?;
        }
        send(&party, "token_endpoint", Some(&basic(id, secret)), &[MACHINE]).await?.success()?;
    }
    Ok(())
}

pub(super) async fn unknown_client(scene: &Scene) -> Result<()> {
    for party in of_both(scene).await? {
        let (id, secret) = own(&party);
        // Of the form of a secret of ours, so that it is compared with something.
        let mut wrong = secret.to_owned();
        wrong.replace_range(wrong.len() - 6.., "AAAAAA");
        // A difference that is there is there each time; what else runs on the machine makes one now and then.
        let mut differences = Vec::new();
        while differences.len() < 5 {
            differences.push(difference(&party, &wrong).await?);
            if differences.last().is_some_and(|last| *last < Duration::from_millis(25)) {
                break;
            }
            // One that is good forgets what was wrong.
            send(&party, "token_endpoint", Some(&basic(id, secret)), &[MACHINE]).await?.success()?;
        }
        ensure!(differences.len() < 5, "always {differences:?}");
    }
    Ok(())
}

/// By how much the answers to a known and to an unknown client differ in time, who both have that wrong secret. In all else
/// they are the same.
async fn difference(party: &Party, wrong: &str) -> Result<Duration> {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for round in 0..8 {
        for (id, seen) in [(own(party).0.to_owned(), &mut known), (format!("unheard-of-{round}"), &mut unknown)] {
            let begun = Instant::now();
            let reply = send(party, "token_endpoint", Some(&basic(&id, wrong)), &[MACHINE]).await?;
            let took = begun.elapsed();
            is(&reply, CLIENT)?;
            let mut headers = reply.headers;
            for changing in ["date", "traceparent", "x-request-id"] {
                headers.remove(changing);
            }
            seen.push((took, reply.body, format!("{headers:?}")));
        }
    }
    ensure!(known[0].1 == unknown[0].1 && known[0].2 == unknown[0].2, "{:?} {:?}", known[0], unknown[0]);
    // What else the machine does makes some slower and none faster.
    let fastest = |seen: &[(Duration, Value, String)]| seen.iter().map(|(took, _, _)| *took).min().unwrap_or_default();
    // Neither hashes anything slowly: both are of the time of a request.
    Ok(fastest(&known).abs_diff(fastest(&unknown)))
}

pub(super) async fn malformed_basic(scene: &Scene) -> Result<()> {
    for party in of_both(scene).await? {
        let (id, secret) = own(&party);
        let pair = |bytes: &[u8]| format!("Basic {}", STANDARD.encode(bytes));
        let good = STANDARD.encode(format!("{id}:{secret}"));
        let bad = [
            "Basic".to_owned(),
            "Basic ".to_owned(),
            "Basic !!!!".to_owned(),
            format!("Basic {good}="),
            format!("Basic {good}===="),
            format!("Basic {}", good.trim_end_matches('=').to_owned() + "A"),
            format!("Basic  {good}"),
            format!("Basic {good} x"),
            format!("Basic {}", URL_SAFE_NO_PAD.encode([0xFB, 0xFF, b':', 0xFE])),
            pair(id.as_bytes()),
            pair(b":"),
            pair(format!(":{secret}").as_bytes()),
            pair(format!("{id}:").as_bytes()),
            pair(&[id.as_bytes(), b":\xff\xfe"].concat()),
            pair(&[b"\xff\xfe:", secret.as_bytes()].concat()),
            pair(format!("{id}:{secret}%").as_bytes()),
            pair(format!("{id}:%zz{secret}").as_bytes()),
            pair(format!("{id}%:{secret}").as_bytes()),
            pair(format!("{id}:{secret}:").as_bytes()),
            pair(format!("{id}\0:{secret}").as_bytes()),
            pair(format!("{id}:{secret}\0").as_bytes()),
            format!("Negotiate {good}"),
            format!("Digest username=\"{id}\""),
        ];
        for (at, header) in bad.iter().enumerate() {
            let reply = send(&party, "token_endpoint", Some(header), &[MACHINE]).await?;
            is(&reply, CLIENT).with_context(|| format!("{header:?}"))?;
            ensure!(reply.header("www-authenticate").starts_with("Basic realm="), "{header}: {reply:?}");
            // One that is good forgets what was wrong, or this would be slowed down as guessing.
            if at % 4 == 0 {
                send(&party, "token_endpoint", Some(&basic(id, secret)), &[MACHINE]).await?.success()?;
            }
        }
        let odd = reqwest::header::HeaderValue::from_bytes(b"Basic \xe4\xf6\xfc")?;
        let request = Http::new()?.post(party.endpoint("token_endpoint")?)?.form(&[MACHINE]);
        is(&Reply::read(request.header("authorization", odd).send().await?).await?, CLIENT)?;
        send(&party, "token_endpoint", Some(&basic(id, secret)), &[MACHINE]).await?.success()?;
    }
    Ok(())
}

pub(super) async fn other_methods(scene: &Scene) -> Result<()> {
    for beside in [&scene.web, &scene.hybrid] {
        for (method, by_header) in
            [("AUTH_METHOD_CLIENT_SECRET_BASIC", true), ("AUTH_METHOD_CLIENT_SECRET_POST", false)]
        {
            let party = scene.confidential(beside, &json!({ "authMethods": [method] })).await?;
            let (id, secret) = own(&party);
            let header = basic(id, secret);
            let named = [MACHINE, ("client_id", id)];
            let posted = [&named[..], &[("client_secret", secret)]].concat();
            let ways = [(Some(header.as_str()), vec![MACHINE], by_header), (None, posted, !by_header)];
            for (header, form, good) in ways {
                let reply = send(&party, "token_endpoint", header, &form).await?;
                if good { drop(reply.success()?) } else { is(&reply, CLIENT)? }
            }
            for endpoint in ENDPOINTS {
                is(&send(&party, endpoint, None, &named).await?, CLIENT)?;
            }
        }
        // A key was registered: a secret that there is as well proves nothing.
        let key = ClientKey::generate("ES256")?;
        let signs = json!({ "authMethods": ["AUTH_METHOD_PRIVATE_KEY_JWT"], "jwks": key.jwks()? });
        let party = scene.confidential(beside, &signs).await?;
        let id = own(&party).0;
        is(&send(&party, "token_endpoint", Some(&basic(id, "chx_wrong")), &[MACHINE]).await?, CLIENT)?;
        is(&send(&party, "token_endpoint", None, &[MACHINE, ("client_id", id)]).await?, CLIENT)?;
    }
    Ok(())
}

/// A JWK Set with one key.
fn set(key: &Value) -> Value {
    json!({ "jwks": json!({ "keys": [key] }).to_string(), "authMethods": ["AUTH_METHOD_PRIVATE_KEY_JWT"] })
}

/// Keys that nobody may register: such as are not public, and such as anybody can break.
pub(crate) fn unfit_set() -> Result<Vec<(&'static str, Value)>> {
    let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let ec = ClientKey::generate("ES256")?.jwk()?;
    let rsa = ClientKey::generate("RS256")?.jwk()?;
    let ed = ClientKey::generate("EdDSA")?.jwk()?;
    let with = |key: &Value, member: &str, value: &str| {
        let mut key = key.clone();
        key[member] = value.into();
        key
    };
    let modulus = URL_SAFE_NO_PAD.decode(rsa["n"].as_str().context("no modulus")?)?;
    let mut even = modulus.clone();
    even[255] &= 0xFE;
    let y = URL_SAFE_NO_PAD.decode(ec["y"].as_str().context("no y")?)?;
    let mut off = y.clone();
    off[31] ^= 1;
    let zeros = b64(&[0; 32]);
    Ok(vec![
        ("symmetric", json!({ "kty": "oct", "k": b64(&[7; 32]) })),
        ("private EC", with(&ec, "d", &b64(&[7; 32]))),
        ("private RSA", with(&rsa, "d", &b64(&modulus))),
        ("a prime of RSA", with(&rsa, "p", &b64(&modulus[..128]))),
        ("private OKP", with(&ed, "d", &b64(&[7; 32]))),
        ("private ML-DSA", with(&ClientKey::generate("ML-DSA-44")?.jwk()?, "priv", &b64(&[7; 32]))),
        ("RSA of 1024 bits", with(&rsa, "n", &b64(&modulus[..128]))),
        ("RSA of 2047 bits", with(&rsa, "n", &b64(&[&[modulus[0] & 0x7F], &modulus[1..]].concat()))),
        ("exponent 1", with(&rsa, "e", &b64(&[1]))),
        ("exponent 3", with(&rsa, "e", &b64(&[3]))),
        ("an even exponent", with(&rsa, "e", &b64(&[1, 0, 2]))),
        ("an even modulus", with(&rsa, "n", &b64(&even))),
        ("a point off the curve", with(&ec, "y", &b64(&off))),
        ("the point at infinity", with(&with(&ec, "x", &zeros), "y", &zeros)),
        ("a coordinate beyond the field", with(&ec, "x", &b64(&[0xFF; 32]))),
        ("a coordinate too short", with(&ec, "x", &b64(&[1; 31]))),
        ("a point on another curve", with(&ec, "crv", "P-384")),
        ("a point of small order", with(&ed, "x", &zeros)),
        ("no key at all", json!({ "kid": "x" })),
    ])
}

/// What can be registered by nobody.
pub(super) async fn unfit_keys(scene: &Scene) -> Result<()> {
    let good = set(&ClientKey::generate("ES256")?.jwk()?);
    for beside in [&scene.web, &scene.hybrid] {
        scene.confidential(beside, &good).await.context("a good key")?;
        for (what, key) in &unfit_set()? {
            let refused =
                scene.confidential(beside, &set(key)).await.err().with_context(|| format!("{what} was taken"))?;
            let refused = format!("{refused:#}");
            ensure!(refused.contains("CreateClient") && refused.contains("InvalidArgument"), "{what}: {refused}");
        }
    }
    Ok(())
}

pub(super) async fn forged_certificate(scene: &Scene) -> Result<()> {
    let certificate = rcgen::generate_simple_self_signed(vec!["client.example".to_owned()])?.cert;
    let (pem, der) = (certificate.pem().replace('\n', "%0A"), STANDARD.encode(certificate.der()));
    for party in of_both(scene).await? {
        let (id, secret) = own(&party);
        for (name, value) in [
            ("client-cert", format!(":{der}:")),
            ("x-client-cert", pem.clone()),
            ("x-ssl-client-cert", pem.clone()),
            ("ssl-client-cert", pem.clone()),
            ("x-ssl-client-verify", "SUCCESS".to_owned()),
            ("x-ssl-client-s-dn", "CN=client.example".to_owned()),
            ("x-forwarded-client-cert", format!("Hash=00;Cert=\"{pem}\";Subject=\"CN={id}\"")),
            ("x-amzn-mtls-clientcert", pem.clone()),
            ("x-forwarded-tls-client-cert", der.clone()),
        ] {
            let post = || anyhow::Ok(Http::new()?.post(party.endpoint("token_endpoint")?)?.header(name, &value));
            let named = [MACHINE, ("client_id", id)];
            let reply = Reply::read(post()?.form(&named).send().await?).await?;
            is(&reply, CLIENT).with_context(|| name.to_owned())?;
            let good = Reply::read(post()?.basic_auth(id, Some(secret)).form(&[MACHINE]).send().await?).await?;
            let good = good.success().with_context(|| name.to_owned())?;
            let said = chancery_tests::party::claims(good["access_token"].as_str().unwrap_or_default())?;
            ensure!(said.get("cnf").is_none(), "{said}");
        }
    }
    Ok(())
}
