//! What answers tell, and what they do not.

use anyhow::{Context as _, Result};
use chancery_tests::{browser::Browser, party::Party};
use serde_json::{Value, json};
use tonic::Code;

use super::{ACME, GLOBEX, Scene, refused, wire::message};

/// What belongs inside and is no part of any answer.
const INTERNALS: &[&str] = &[
    "sqlx",
    "sqlite",
    "postgres",
    "select ",
    "insert ",
    "constraint",
    "syntax error",
    "panicked",
    "tokio",
    "sea_orm",
    "tonic",
    ".rs:",
    "/src/",
    "/tmp/",
    // In two parts: a path of a machine in a file of ours is itself a mistake that a test looks for.
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    "backtrace",
    env!("CARGO_PKG_VERSION"),
];

/// Whatever a reader reads: of secrets that were told once, nothing is told again.
pub(super) async fn secrets_by_reading(scene: &Scene) -> Result<()> {
    let (owner, tenant) = (scene.owner(), &scene.site.second);
    let client = format!("{GLOBEX}/clients/{}", tenant.confidential_client()?.client_id);
    let user = owner.call("UserService/ListUsers", json!({ "parent": GLOBEX })).await?["users"][0]["name"].clone();
    let link = owner.call("UserService/CreatePasswordLink", json!({ "name": user })).await?["uri"].clone();
    let link = link.as_str().and_then(|link| link.split_once("link=")).context("a link")?.1.to_owned();
    let (key, _) = scene.key(GLOBEX, &["roles/tenant.reader"]).await?;
    let secret = tenant.confidential_client()?.client_secret.clone().context("a secret")?;
    let token_secret = owner.call("TokenSecretService/GenerateTokenSecret", json!({ "parent": GLOBEX })).await?;
    let token_secret = token_secret["secret"].as_str().context("a token secret")?.to_owned();
    let secrets = [link, key, secret, token_secret, tenant.user()?.password.clone()];

    let auditor = scene.caller("", &["roles/platform.auditor"]).await?;
    let mut read = String::new();
    for call in owner.calls() {
        let lists = call.contains("/List").then(|| if call.contains("ClientSecrets") { &*client } else { GLOBEX });
        let message = match lists {
            Some(parent) => json!({ "parent": parent }),
            None if call == "ClientService/GetClient" => json!({ "name": client }),
            None if call == "UserService/GetUser" => json!({ "name": user }),
            None => continue,
        };
        let known = owner.asked_by(&call)?;
        let message: Value = message
            .as_object()
            .context("an object")?
            .iter()
            .filter(|(name, _)| known.contains(*name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if let Ok(answer) = auditor.try_call(&call, message).await? {
            read += &answer.to_string();
        }
    }
    assert!(read.contains(&client) && read.len() > 5000, "{read}");
    for secret in secrets {
        assert!(!read.contains(&secret), "a secret of {} characters is told again", secret.len());
    }
    // Calls that tell one are not theirs, and no mask reaches what has no field.
    for (call, message) in [
        ("ClientService/GenerateClientSecret", json!({ "parent": client })),
        ("UserService/CreatePasswordLink", json!({ "name": user })),
        ("TokenSecretService/GenerateTokenSecret", json!({ "parent": GLOBEX })),
        ("ApiKeyService/CreateApiKey", json!({ "parent": GLOBEX, "apiKey": { "displayName": "x" } })),
    ] {
        refused(&auditor, call, message, Code::PermissionDenied, "PERMISSION_DENIED").await?;
    }
    for path in ["secret", "clientSecret", "secretHash"] {
        let update = json!({ "client": { "name": client }, "updateMask": path });
        refused(owner, "ClientService/UpdateClient", update, Code::InvalidArgument, "FIELD_INVALID").await?;
    }
    Ok(())
}

/// Errors say what the caller did wrong and nothing of how the server is made.
pub(super) async fn talkative_errors(scene: &Scene) -> Result<()> {
    let hostile =
        ["' OR 1=1 --", "\"; DROP TABLE tenants; --", "../../etc/passwd", "%s%n", "${jndi:x}", "\u{0}", "\u{202e}x"];
    let long = "x".repeat(10_000);
    let mut refusals = 0;
    for call in scene.owner().calls() {
        let fields = scene.owner().fields_of(&call)?;
        for text in hostile.iter().copied().chain([long.as_str(), ""]) {
            for prefix in ["", "tenants/", "tenants/acme/clients/", "tenants/acme/users/"] {
                let named = ["name", "parent"].into_iter().filter(|name| fields.iter().any(|field| field == name));
                let message: Value = named.map(|name| (name.to_owned(), json!(format!("{prefix}{text}")))).collect();
                if message.as_object().is_some_and(serde_json::Map::is_empty) || call.contains("Watch") {
                    continue;
                }
                let Err(status) = scene.owner().try_call(&call, message).await? else { continue };
                let known = [Code::InvalidArgument, Code::NotFound, Code::FailedPrecondition, Code::PermissionDenied];
                assert!(known.contains(&status.code()), "{call} {prefix}{text}: {status:?}");
                assert!(chancery_tests::admin::reason(&status).is_some(), "{call} {prefix}{text}: {status:?}");
                let said = status.message().replace(text, "").to_lowercase();
                let told = INTERNALS.iter().find(|word| said.contains(**word));
                assert_eq!(told, None, "{call} {prefix}{text}: {status:?}");
                refusals += 1;
            }
        }
    }
    assert!(refusals > 500, "{refusals}");
    Ok(())
}

/// No call sets or tells a password; a person chooses it behind a link.
pub(super) async fn passwords(scene: &Scene) -> Result<()> {
    let owner = scene.owner();
    for call in owner.calls() {
        let fields = owner.asked_by(&call)?.into_iter().chain(owner.told_by(&call)?);
        let named: Vec<_> = fields.filter(|field| field.contains("password") && field != "password_set").collect();
        assert!(named.is_empty(), "{call}: {named:?}");
    }
    // The place where it once stood is not looked at.
    let bearer = scene.bearer();
    let text = |number: u8, text: &str| {
        let length = u8::try_from(text.len()).unwrap_or_default();
        [&[number << 3 | 2, length], text.as_bytes()].concat()
    };
    let user = text(3, "mallory");
    let user = [&[2 << 3 | 2, u8::try_from(user.len())?], &*user].concat();
    let with_password = [text(1, ACME), user, text(3, "correct-horse-mallory")].concat();
    let path = "/chancery.admin.v1.UserService/CreateUser";
    let taken = scene.wire().await?.call(path, &[("authorization", &bearer)], message(&with_password)).await?;
    assert_eq!(taken.refusal(), (Some(Code::Ok), None));
    let made = owner.call(
        "UserService/CreateUser",
        json!({ "parent": ACME, "user": { "username": "trudy", "passwordSet": true } }),
    );
    made.await?;
    let listed = owner.call("UserService/ListUsers", json!({ "parent": ACME })).await?;
    let users = listed["users"].as_array().context("users")?;
    let chosen = users.iter().filter(|user| user["passwordSet"] == json!(true)).count();
    assert_eq!(chosen, 1, "only who chose one has one: {listed}");
    let mask = json!({ "user": { "name": users[0]["name"] }, "updateMask": "password" });
    refused(owner, "UserService/UpdateUser", mask, Code::InvalidArgument, "FIELD_INVALID").await?;

    let person = scene.site.first.user()?;
    let party = Party::discover(&scene.site.first, scene.site.first.public_client()?).await?;
    party.sign_in(&mut Browser::new()?, person, "openid").await?;
    Ok(())
}

/// Keys that are weak, locked or none, and keys for somebody else's tenant.
pub(super) async fn weak_keys(scene: &Scene) -> Result<()> {
    let import = |parent: &str, material: &str| json!({ "parent": parent, "material": material, "algorithm": "RS256" });
    let owner = scene.owner();
    let before = owner.call("KeyService/ListKeys", json!({ "parent": ACME })).await?;
    macro_rules! foreign {
        ($name:literal) => {
            include_str!(concat!("../../../crates/keys/tests/fixtures/import/foreign/", $name))
        };
    }
    for material in [
        foreign!("rsa-1024.pem"),
        foreign!("rsa-exponent-3.pem"),
        foreign!("rsa-infineon.jwk"),
        foreign!("rsa-close-primes.jwk"),
        foreign!("rsa-three-primes.pem"),
        foreign!("secp256k1.pem"),
        foreign!("prime192v1.pem"),
        foreign!("explicit-curve.pem"),
        foreign!("dsa.pem"),
        foreign!("X25519.pem"),
        foreign!("certificate.pem"),
        "",
        "hello",
        r#"{"kty":"oct","k":"c2VjcmV0"}"#,
    ] {
        let refusal = refused(
            owner,
            "KeyService/ImportKey",
            import(ACME, material),
            Code::InvalidArgument,
            "KEY_MATERIAL_INVALID",
        );
        let status = refusal.await?;
        assert!(!material.lines().nth(1).is_some_and(|line| status.message().contains(line)), "{status:?}");
    }
    let good = include_str!("../../../crates/keys/tests/fixtures/import/rsa/pkcs8.pem");
    let stranger = scene.caller(GLOBEX, &["roles/tenant.key-admin"]).await?;
    for material in [good, foreign!("rsa-1024.pem"), "hello"] {
        refused(&stranger, "KeyService/ImportKey", import(ACME, material), Code::NotFound, "TENANT_NOT_FOUND").await?;
    }
    assert_eq!(owner.call("KeyService/ListKeys", json!({ "parent": ACME })).await?, before);
    Ok(())
}
