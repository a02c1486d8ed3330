//! Which key it is that signs.

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::named;
use crate::{
    authorization::scene::Scene,
    client_keys::ClientKey,
    presented::{
        places::{Place, THEIRS},
        world::{World, signer},
    },
};

pub(crate) async fn keys_in_the_header(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let other = ClientKey::generate("ES256")?;
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let place_of_ours = format!("http://{}/keys", listener.local_addr()?);
    let certificate = rcgen::generate_simple_self_signed(vec!["evil.example".to_owned()])?.cert;
    let der = STANDARD.encode(certificate.der());
    let members = [
        json!({ "jwk": other.jwk()? }),
        json!({ "jku": place_of_ours }),
        json!({ "x5u": place_of_ours }),
        json!({ "x5c": [der] }),
        json!({ "jwk": other.jwk()?, "kid": other.kid }),
        json!({ "jku": place_of_ours, "kid": other.kid }),
        json!({ "kid": "../../../../etc/passwd" }),
        json!({ "kid": "' OR '1'='1" }),
        json!({ "kid": place_of_ours }),
    ];
    let make = |place| {
        let mut all = Vec::new();
        for more in &members {
            let mut header = world.header(place);
            for (name, value) in more.as_object().context("an object")? {
                header[name] = value.clone();
            }
            let claims = world.good(place, &json!({}))?.1;
            all.push(named(&more.to_string(), other.sign_with(&header, &claims)?));
        }
        Ok(all)
    };
    world.each(make).await?;
    // Ignored: beside a good signature they change nothing.
    for place in THEIRS {
        for more in &members[..4] {
            let mut header = world.header(place);
            for (name, value) in more.as_object().context("an object")? {
                header[name] = value.clone();
            }
            let (what, token) = world.under(place, &header)?;
            world.takes(place, &token, &what).await?;
        }
    }
    ensure!(listener.accept().is_err(), "somebody called");
    Ok(())
}

pub(crate) async fn two_of_one_name(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let (mut curve, mut modular) = (ClientKey::generate("ES256")?, ClientKey::generate("RS256")?);
    "same".clone_into(&mut curve.kid);
    "same".clone_into(&mut modular.kid);
    for (pinned, order) in [("ES256", [&curve, &modular]), ("RS256", [&modular, &curve]), ("ES256", [&modular, &curve])]
    {
        let keys = [order[0].jwk()?, order[1].jwk()?];
        let id = format!("twins-{}-{}", pinned.to_lowercase(), order[0].alg.to_lowercase());
        let more = json!({ "tokenEndpointAuthSigningAlg": pinned });
        signer(scene, &world.tenant, &id, &json!({ "keys": keys }).to_string(), &more).await?;
        let claims = || world.proof(&json!({ "iss": id, "sub": id }));
        for key in [&curve, &modular] {
            let token = key.sign("JWT", &claims())?;
            if key.alg == pinned {
                world.takes(Place::Proof, &token, &id).await?;
            } else {
                world.refuses(Place::Proof, &token, &id).await?;
            }
        }
    }
    Ok(())
}
