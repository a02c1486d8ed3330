//! What is told of a person (OpenID Connect Core sections 5.1, 5.3 and 5.4).

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::Browser,
    dev::{Tenant, User},
    http::{Http, Reply},
    party::{Party, claims, random_text},
};
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Value, json};

use super::discovery::profiles;
use crate::authorization::scene::{Scene, text};

/// Somebody about whom this is known.
pub(super) async fn somebody(scene: &Scene, tenant: &Tenant, more: &Value) -> Result<User> {
    let username = format!("person.{}", random_text()[..12].to_lowercase().replace('_', "x"));
    let user = User { username, password: random_text() };
    let mut message = json!({ "username": user.username });
    for (name, value) in more.as_object().context("an object")? {
        message[name] = value.clone();
    }
    let message = json!({ "parent": format!("tenants/{}", tenant.tenant), "user": message });
    let name = scene.admin().call("UserService/CreateUser", message).await?["name"].clone();
    let link = scene.admin().call("UserService/CreatePasswordLink", json!({ "name": name })).await?;
    Browser::new()?.choose_password(text(&link, "uri")?, &user.password).await?;
    Ok(user)
}

async fn told(party: &Party, user: &User, scope: &str) -> Result<(Value, Value)> {
    let tokens = party.sign_in(&mut Browser::new()?, user, scope).await?;
    let about = party.userinfo(text(&tokens, "access_token")?).await?.success()?;
    Ok((claims(text(&tokens, "id_token")?)?, about))
}

/// Every claim that a person can have here, by its scope.
fn everything() -> Value {
    json!({
        "name": "Ann Example", "given_name": "Ann", "family_name": "Example", "middle_name": "B.", "nickname": "Annie",
        "preferred_username": "ann", "profile": "https://example.com/ann", "picture": "https://example.com/ann.png",
        "website": "https://ann.example.com", "gender": "female", "birthdate": "0000-12-10",
        "zoneinfo": "Europe/Zurich", "locale": "de-CH", "phone_number": "+41 44 668 18 00",
        "phone_number_verified": true,
        "address": { "street_address": "Weg 1", "locality": "Ort", "postal_code": "8000", "country": "CH" },
    })
}

/// That each member has the type of its claim, and none is null or empty.
fn sound(about: &Value) -> Result<()> {
    for (name, value) in about.as_object().context("an object")? {
        let fits = match name.as_str() {
            "email_verified" | "phone_number_verified" => value.is_boolean(),
            "updated_at" => value.is_number(),
            "address" => value.as_object().is_some_and(|address| !address.is_empty()),
            "birthdate" => value.as_str().is_some_and(is_birthdate),
            _ => value.as_str().is_some_and(|text| !text.is_empty()),
        };
        ensure!(fits, "{name}: {value}");
    }
    Ok(())
}

fn is_birthdate(text: &str) -> bool {
    let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<_> = text.split('-').collect();
    parts.iter().all(digits) && matches!(parts.iter().map(|part| part.len()).collect::<Vec<_>>()[..], [4] | [4, 2, 2])
}

const OF_SCOPES: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

pub(super) async fn every_claim(scene: &Scene) -> Result<()> {
    for beside in profiles(scene) {
        let party = scene.confidential(beside, &json!({})).await?;
        let known = everything();
        for birthdate in ["0000-12-10", "1990-01-31", "1990"] {
            let mut known = known.clone();
            known["birthdate"] = birthdate.into();
            let email = format!("{}@example.com", random_text()[..8].to_lowercase());
            let of = json!({ "email": email, "emailVerified": true, "claims": known });
            let user = somebody(scene, scene.tenant(&party), &of).await?;
            let (id_token, about) = told(&party, &user, "openid profile email address phone").await?;
            sound(&about)?;
            for (scope, claims) in OF_SCOPES {
                for claim in claims {
                    ensure!(about.get(*claim).is_some(), "{claim} of {scope} is missing in {about}");
                    ensure!(known.get(*claim).is_none_or(|value| about[*claim] == *value), "{claim} in {about}");
                    ensure!(id_token.get(*claim).is_none(), "{claim} stands in the ID token: {id_token}");
                }
            }
            ensure!(about["email"] == email.as_str() && about["email_verified"] == true, "{about}");
            // Each scope by itself opens its own, and nothing else.
            for (scope, claims) in OF_SCOPES {
                let (_, about) = told(&party, &user, &format!("openid {scope}")).await?;
                let names: Vec<_> = about.as_object().context("an object")?.keys().map(String::as_str).collect();
                let mut own: Vec<_> = claims.iter().copied().chain(["sub"]).collect();
                own.sort_unstable();
                ensure!(names == own, "{scope}: {names:?}");
            }
        }
        // What is no date is not taken in.
        for birthdate in ["10.12.1990", "1990-1-1", "90", ""] {
            let of = json!({ "claims": { "birthdate": birthdate } });
            let made = somebody(scene, scene.tenant(&party), &of).await;
            ensure!(made.is_err() || birthdate.is_empty(), "{birthdate} was taken");
        }
    }
    Ok(())
}

pub(super) async fn nothing_empty(scene: &Scene) -> Result<()> {
    for beside in profiles(scene) {
        let party = scene.confidential(beside, &json!({})).await?;
        let bare = json!({ "claims": { "name": "", "nickname": null, "website": "" } });
        let user = somebody(scene, scene.tenant(&party), &bare).await?;
        let (_, about) = told(&party, &user, "openid profile email address phone").await?;
        sound(&about)?;
        let names: Vec<_> = about.as_object().context("an object")?.keys().map(String::as_str).collect();
        ensure!(names == ["preferred_username", "sub", "updated_at"], "{about}");
    }
    Ok(())
}

pub(super) async fn userinfo(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.backend, &scene.hybrid] {
        let attempt = party.begin("openid email", &[])?;
        let code = scene.code(party, &attempt).await?;
        let tokens = party.redeem(&code, &attempt.verifier).await?.success()?;
        let sub = claims(text(&tokens, "id_token")?)?["sub"].clone();
        let (url, token) = (party.endpoint("userinfo_endpoint")?, text(&tokens, "access_token")?);
        let http = Http::new()?;
        for (how, request) in [
            ("GET with the header", http.get(url)?.bearer_auth(token)),
            ("POST with the header", http.post(url)?.bearer_auth(token)),
            ("POST with the header and an empty form", http.post(url)?.bearer_auth(token).form(&[("a", "b")])),
            ("POST with the form", http.post(url)?.form(&[("access_token", token)])),
        ] {
            let reply = Reply::read(request.send().await?).await?;
            ensure!(reply.status == 200 && reply.header("content-type") == "application/json", "{how}: {reply:?}");
            ensure!(reply.header("cache-control") == "no-store", "{how}: {reply:?}");
            ensure!(reply.body["sub"] == sub && reply.body["email"].is_string(), "{how}: {reply:?}");
        }
    }
    for (beside, alg) in profiles(scene).into_iter().zip(["ES256", "RS256"]) {
        signed_userinfo(scene, &scene.confidential(beside, &json!({ "userinfoSignedResponseAlg": alg })).await?)
            .await?;
    }
    Ok(())
}

/// As a JWT that names who it is from and for, and no nonce, verified with the published keys.
async fn signed_userinfo(scene: &Scene, party: &Party) -> Result<()> {
    let attempt = party.begin("openid email", &[])?;
    let code = scene.code(party, &attempt).await?;
    let tokens = party.redeem(&code, &attempt.verifier).await?.success()?;
    let said = claims(text(&tokens, "id_token")?)?;
    let (url, token) = (party.endpoint("userinfo_endpoint")?, text(&tokens, "access_token")?);
    for request in [Http::new()?.get(url)?.bearer_auth(token), Http::new()?.post(url)?.form(&[("access_token", token)])]
    {
        let response = request.send().await?;
        ensure!(response.status() == 200 && response.headers()["content-type"] == "application/jwt", "{response:?}");
        let jwt = response.text().await?;
        let about = signature(party, &jwt).await?;
        ensure!(about["iss"] == party.metadata["issuer"] && about["aud"] == party.client.client_id.as_str(), "{about}");
        ensure!(about["sub"] == said["sub"] && about["email"].is_string() && about.get("nonce").is_none(), "{about}");
    }
    Ok(())
}

/// What a JWT says whose signature is by a published key. It need not have an end.
async fn signature(party: &Party, jwt: &str) -> Result<Value> {
    let set: JwkSet = serde_json::from_value(party.keys().await?.success()?)?;
    let header = decode_header(jwt)?;
    let key = set.find(header.kid.as_deref().context("no kid")?).context("an unknown key")?;
    let mut rules = Validation::new(header.alg);
    rules.set_audience(&[&party.client.client_id]);
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    Ok(decode(jwt, &DecodingKey::from_jwk(key)?, &rules)?.claims)
}
