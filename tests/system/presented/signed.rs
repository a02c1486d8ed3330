//! What others sign with the right key, and with one thing wrong in it: nothing but that one thing can refuse it.

pub(super) mod bytes;
pub(super) mod claims;
pub(super) mod keys;

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    places::{Place, THEIRS},
    world::World,
};
use crate::{authorization::scene::Scene, client_keys::ClientKey};

impl World {
    /// The key and the claims of what a place takes, with some changed.
    fn good(&self, place: Place, change: &Value) -> Result<(&ClientKey, Value)> {
        Ok(match place {
            Place::Proof => (&self.key, self.proof(change)),
            Place::Request => (&self.key, self.request(change)?),
            Place::Assertion => (&self.outside, self.assertion(change)?),
            Place::Hint
            | Place::LogoutHint
            | Place::UserInfo
            | Place::Introspection
            | Place::Revocation
            | Place::Subject => anyhow::bail!("{place:?} takes what we sign"),
        })
    }

    fn header(&self, place: Place) -> Value {
        let key = if place == Place::Assertion { &self.outside } else { &self.key };
        json!({ "alg": key.alg, "kid": key.kid, "typ": "JWT" })
    }

    /// That each place takes what is good and refuses what this makes of it. Good ones in between forget what was wrong,
    /// or all of it would be slowed down as guessing.
    async fn each(&self, make: impl Fn(Place) -> Result<Vec<(String, String)>>) -> Result<()> {
        for place in THEIRS {
            for (at, (what, token)) in make(place)?.into_iter().enumerate() {
                if at % 8 == 0 {
                    self.takes_good(place).await?;
                }
                self.refuses(place, &token, &what).await?;
            }
            self.takes_good(place).await?;
        }
        Ok(())
    }

    async fn takes_good(&self, place: Place) -> Result<()> {
        let (key, claims) = self.good(place, &json!({}))?;
        self.takes(place, &key.sign_with(&self.header(place), &claims)?, "a good one").await
    }

    /// Good claims under that header.
    fn under(&self, place: Place, header: &Value) -> Result<(String, String)> {
        let (key, claims) = self.good(place, &json!({}))?;
        Ok((header.to_string(), key.sign_with(header, &claims)?))
    }

    /// These claims changed.
    fn with(&self, place: Place, change: &Value) -> Result<(String, String)> {
        let (key, claims) = self.good(place, change)?;
        Ok((change.to_string(), key.sign_with(&self.header(place), &claims)?))
    }
}

fn named(what: &str, token: String) -> (String, String) {
    (what.to_owned(), token)
}

pub(super) async fn unsigned(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let make = |place| {
        let mut all = Vec::new();
        for alg in ["none", "None", "NONE", "nOnE", ""] {
            let mut header = world.header(place);
            header["alg"] = alg.into();
            let (_, token) = world.under(place, &header)?;
            let (signed, _) = token.rsplit_once('.').context("a signature")?;
            all.extend([named(alg, format!("{signed}.")), named(alg, signed.to_owned()), named(alg, token.clone())]);
        }
        let (_, token) = world.under(place, &world.header(place))?;
        let (signed, signature) = token.rsplit_once('.').context("a signature")?;
        all.extend([
            named("no signature", format!("{signed}.")),
            named("no third part", signed.to_owned()),
            named("half a signature", format!("{signed}.{}", &signature[..signature.len() / 2])),
            named("another's signature", {
                let (other, claims) = (ClientKey::generate("ES256")?, world.good(place, &json!({}))?.1);
                other.sign_with(&world.header(place), &claims)?
            }),
        ]);
        Ok(all)
    };
    world.each(make).await
}

pub(super) async fn public_key_as_secret(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let make = |place| {
        let (key, claims) = world.good(place, &json!({}))?;
        let jwk = key.jwk()?;
        let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap_or_default());
        let (x, y) = (part("x")?, part("y")?);
        let mut all = Vec::new();
        for alg in ["HS256", "HS384", "HS512"] {
            for secret in [
                jwk.to_string().into_bytes(),
                key.jwks()?.into_bytes(),
                x.clone(),
                [&[4][..], &x, &y].concat(),
                jwk["x"].as_str().unwrap_or_default().as_bytes().to_vec(),
                b"\0".to_vec(),
            ] {
                let shared = ClientKey::shared(alg, &secret)?;
                let mut header = world.header(place);
                header["alg"] = alg.into();
                all.push(named(alg, shared.sign_with(&header, &claims)?));
            }
        }
        Ok(all)
    };
    world.each(make).await
}

pub(super) async fn spellings(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let make = |place| {
        let algs = [
            json!("es256"),
            json!("Es256"),
            json!("ES256 "),
            json!(" ES256"),
            json!("ES256\0"),
            json!("ES256K"),
            json!("ES384"),
            json!("RS256"),
            json!("PS256"),
            json!("EdDSA"),
            json!(["ES256"]),
            json!({ "alg": "ES256" }),
            json!(256),
            json!(true),
            Value::Null,
        ];
        let mut all = Vec::new();
        for alg in algs {
            let mut header = world.header(place);
            header["alg"] = alg;
            all.push(world.under(place, &header)?);
        }
        let mut header = world.header(place);
        header.as_object_mut().context("an object")?.remove("alg");
        all.push(world.under(place, &header)?);
        for (member, odd) in [("kid", json!(["x"])), ("kid", json!(1)), ("typ", json!(["JWT"])), ("typ", json!(1))] {
            let mut header = world.header(place);
            header[member] = odd;
            all.push(world.under(place, &header)?);
        }
        Ok(all)
    };
    world.each(make).await
}

pub(super) async fn extensions(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let make = |place| {
        let mut all = Vec::new();
        for (member, value) in [
            ("crit", json!(["exp"])),
            ("crit", json!(["unheard_of"])),
            ("crit", json!([])),
            ("crit", json!("exp")),
            ("crit", Value::Null),
            ("b64", json!(false)),
            ("b64", json!(true)),
        ] {
            let mut header = world.header(place);
            header[member] = value;
            all.push(world.under(place, &header)?);
        }
        let (key, claims) = world.good(place, &json!({}))?;
        let mut header = world.header(place);
        header["b64"] = false.into();
        header["crit"] = json!(["b64"]);
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        all.push(named("an unencoded payload", key.sign_parts(&header, &claims.to_string().replace('.', ""))?));
        let (_, token) = world.under(place, &world.header(place))?;
        let parts: Vec<_> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else { anyhow::bail!("three parts") };
        let flat = json!({ "protected": header, "payload": payload, "signature": signature });
        let general = json!({ "payload": payload, "signatures": [{ "protected": header, "signature": signature }] });
        all.extend([
            named("detached", format!("{header}..{signature}")),
            named("flattened JSON", flat.to_string()),
            named("general JSON", general.to_string()),
            named("with a prefix", format!("Bearer {token}")),
            named("nothing", "..".to_owned()),
        ]);
        Ok(all)
    };
    world.each(make).await
}

/// A JSON object with one member more at its end, as text.
fn and(json: &Value, member: &str) -> String {
    let text = json.to_string();
    format!("{},{member}}}", &text[..text.len() - 1])
}
