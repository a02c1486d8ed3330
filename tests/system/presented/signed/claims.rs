//! What is claimed.

use anyhow::Result;
use serde_json::{Value, json};

use super::{and, named};
use crate::{
    authorization::scene::Scene,
    client_keys::now,
    presented::{
        places::Place,
        world::{OUTSIDE, World},
    },
};

pub(crate) async fn twice(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let make = |place| {
        let (key, claims) = world.good(place, &json!({}))?;
        let header = world.header(place);
        let mut all = Vec::new();
        for member in [r#""alg":"ES256""#, r#""alg":"none""#, r#""kid":"x""#, r#""typ":"JWT""#, r#""\u0061lg":"ES256""#]
        {
            all.push(named(member, key.sign_text(&and(&header, member), claims.to_string().as_bytes())?));
        }
        for claim in ["iss", "aud", "exp"] {
            for value in [claims[claim].to_string(), "\"x\"".to_owned(), "9999999999".to_owned()] {
                let member = format!("\"{claim}\":{value}");
                all.push(named(&member, key.sign_text(&header.to_string(), and(&claims, &member).as_bytes())?));
            }
        }
        let deep = and(&claims, r#""claims":{"a":1,"a":2}"#);
        all.push(named("deeper", key.sign_text(&header.to_string(), deep.as_bytes())?));
        Ok(all)
    };
    world.each(make).await
}

pub(crate) async fn times(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let soon = now() + 60;
    let make = |place| {
        let mut all = Vec::new();
        for claim in ["exp", "nbf", "iat"] {
            let good = if claim == "exp" { soon } else { soon - 65 };
            let (key, claims) = world.good(place, &json!({ claim: null }))?;
            for value in [
                format!("\"{good}\""),
                "\"\"".to_owned(),
                format!("{good}.5"),
                format!("{good}.0"),
                "null".to_owned(),
                "-1".to_owned(),
                "-1e3".to_owned(),
                "1e400".to_owned(),
                "-1e400".to_owned(),
                "9223372036854775808".to_owned(),
                "18446744073709551616".to_owned(),
                "1e18".to_owned(),
                "true".to_owned(),
                format!("[{good}]"),
                "{}".to_owned(),
            ] {
                let member = format!("\"{claim}\":{value}");
                let token = key.sign_text(&world.header(place).to_string(), and(&claims, &member).as_bytes())?;
                all.push(named(&member, token));
            }
        }
        all.push(world.with(place, &json!({ "exp": now() - 1 }))?);
        // Farther ahead than any machine is slow.
        for ahead in ["iat", "nbf"] {
            all.push(world.with(place, &json!({ ahead: now() + 200, "exp": now() + 260 }))?);
        }
        // A request may go without an end here; what proves or asserts something may not, and has a longest life.
        if place != Place::Request {
            for exp in [Value::Null, json!(now() + 86_400), json!(i64::MAX), json!(4_102_444_800_u64)] {
                all.push(world.with(place, &json!({ "exp": exp }))?);
            }
        }
        Ok(all)
    };
    world.each(make).await
}

pub(crate) async fn issuers(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let make = |place| {
        let right = if place == Place::Assertion { OUTSIDE } else { &world.signer.client.client_id };
        let wrong = [
            right.to_uppercase(),
            format!("{right}/"),
            format!("{right}:443"),
            format!(" {right}"),
            format!("{right}\0"),
            right.replace("https", "http") + "x",
            format!("{right}#"),
            String::new(),
            "https://evil.example".to_owned(),
        ];
        let mut all: Vec<_> =
            wrong.iter().map(|iss| world.with(place, &json!({ "iss": iss }))).collect::<Result<_>>()?;
        for odd in [json!([right]), json!(1), json!({ "iss": right })] {
            all.push(world.with(place, &json!({ "iss": odd }))?);
        }
        Ok(all)
    };
    world.each(make).await
}

pub(crate) async fn audiences(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let make = |place| {
        let issuer = world.tenant.issuer.as_str();
        let mut wrong = vec![
            Value::Null,
            json!(""),
            json!({ "aud": issuer }),
            json!(1),
            json!([]),
            json!([1]),
            json!(["https://other.example"]),
            json!("https://other.example"),
            json!(format!("{issuer}/")),
            json!(format!("{issuer}#")),
            json!(issuer.to_uppercase()),
            json!(issuer.replace("127.0.0.1", "localhost")),
        ];
        // A request names us among others where libraries do so; what proves something is for us alone.
        if place != Place::Request {
            wrong.push(json!([issuer, "https://other.example"]));
            wrong.push(json!(["https://other.example", issuer]));
        }
        wrong.iter().map(|aud| world.with(place, &json!({ "aud": aud }))).collect()
    };
    world.each(make).await
}
