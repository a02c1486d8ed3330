//! What others sign with the right key, and with one thing wrong in it: nothing but that one thing can refuse it.

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    places::{Place, THEIRS},
    world::{OUTSIDE, World, signer},
};
use crate::{
    authorization::scene::Scene,
    client_keys::{ClientKey, now},
};

impl World {
    /// The key and the claims of what a place takes, with some changed.
    fn good(&self, place: Place, change: &Value) -> Result<(&ClientKey, Value)> {
        Ok(match place {
            Place::Proof => (&self.key, self.proof(change)),
            Place::Request => (&self.key, self.request(change)?),
            Place::Assertion => (&self.outside, self.assertion(change)?),
            other => anyhow::bail!("{other:?} takes what we sign"),
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

pub(super) async fn twice(scene: &Scene) -> Result<()> {
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

pub(super) async fn times(scene: &Scene) -> Result<()> {
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
        all.push(world.with(place, &json!({ "iat": now() + 75 }))?);
        all.push(world.with(place, &json!({ "nbf": now() + 75 }))?);
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

pub(super) async fn issuers(scene: &Scene) -> Result<()> {
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

pub(super) async fn audiences(scene: &Scene) -> Result<()> {
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

pub(super) async fn keys_in_the_header(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let other = ClientKey::generate("ES256")?;
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let place_of_ours = format!("http://{}/keys", listener.local_addr()?);
    let certificate = rcgen::generate_simple_self_signed(vec!["evil.example".to_owned()])?.cert;
    let der = base64::engine::general_purpose::STANDARD.encode(certificate.der());
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

/// The order of the group of P-256, and that of Ed25519 from its least byte on.
const P256_ORDER: [u8; 32] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7,
    0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
];
const ED25519_ORDER: [u8; 32] = [
    0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The same number as DER has it.
fn integer(number: &[u8]) -> Vec<u8> {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len() - 1);
    let pad: &[u8] = if number[start] >= 0x80 { &[0] } else { &[] };
    let content = [pad, &number[start..]].concat();
    [&[2, u8::try_from(content.len()).unwrap_or_default()], &content[..]].concat()
}

pub(super) async fn signatures(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let make = |place| {
        let (_, token) = world.under(place, &world.header(place))?;
        let (signed, signature) = token.rsplit_once('.').context("a signature")?;
        let signature = URL_SAFE_NO_PAD.decode(signature)?;
        let (r, s) = signature.split_at(32);
        let numbers = [integer(r), integer(s)].concat();
        let der = [&[0x30, u8::try_from(numbers.len())?], &numbers[..]].concat();
        let zero = [0; 32];
        let odd = [
            ("zeros", vec![0; 64]),
            ("r is zero", [&zero, s].concat()),
            ("s is zero", [r, &zero].concat()),
            ("the order", [P256_ORDER, P256_ORDER].concat()),
            ("s is the order", [r, &P256_ORDER].concat()),
            ("ones", vec![0xFF; 64]),
            ("DER", der),
            ("a byte short", signature[..63].to_vec()),
            ("a byte long", [&signature[..], &[0]].concat()),
            ("padded in front", [&[0], &signature[..]].concat()),
            ("of P-384's length", [&[0; 16], r, &[0; 16], s].concat()),
            ("swapped", [s, r].concat()),
        ];
        Ok(odd
            .into_iter()
            .map(|(what, bytes)| named(what, format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes))))
            .collect())
    };
    world.each(make).await?;

    let edwards = ClientKey::generate("EdDSA")?;
    let party = signer(scene, &world.tenant, "edwards", &edwards.jwks()?, &json!({})).await?;
    let id = party.client.client_id.as_str();
    let claims = || world.proof(&json!({ "iss": id, "sub": id }));
    world.takes(Place::Proof, &edwards.sign("JWT", &claims())?, "Ed25519").await?;
    let token = edwards.sign("JWT", &claims())?;
    let (signed, signature) = token.rsplit_once('.').context("a signature")?;
    let signature = URL_SAFE_NO_PAD.decode(signature)?;
    let (r, s) = signature.split_at(32);
    let mut beyond = s.to_vec();
    let mut carry = 0_u16;
    for (byte, order) in beyond.iter_mut().zip(ED25519_ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = u8::try_from(sum & 0xFF)?;
        carry = sum >> 8;
    }
    let mut identity = vec![0; 32];
    identity[0] = 1;
    for (what, bytes) in [
        ("s beyond the order", [r, &beyond].concat()),
        ("R of small order", [&identity[..], &[0; 32]].concat()),
        ("zeros", vec![0; 64]),
        ("a byte short", signature[..63].to_vec()),
        ("ones", vec![0xFF; 64]),
    ] {
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes));
        world.refuses(Place::Proof, &token, what).await?;
    }
    world.takes(Place::Proof, &edwards.sign("JWT", &claims())?, "Ed25519 afterwards").await
}

pub(super) async fn encodings(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let make = |place| {
        let (key, claims) = world.good(place, &json!({}))?;
        let header = world.header(place).to_string();
        let payload = claims.to_string();
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (head, body) = (encode(header.as_bytes()), encode(payload.as_bytes()));
        // One byte more or less decides whether the last character has bits to spare.
        let spare = (0..3).find_map(|blanks| {
            let text = format!("{header}{}", " ".repeat(blanks));
            let encoded = encode(text.as_bytes());
            (encoded.len() % 4 == 3).then_some(encoded)
        });
        let mut spare = spare.context("a length with spare bits")?;
        let last = spare.pop().context("a character")?;
        let next = char::from_u32(u32::from(last) + 1).context("a character")?;
        spare.push(next);
        let mut not_utf8 = payload.clone().into_bytes();
        let at = not_utf8.len() - 2;
        not_utf8[at] = 0xFF;
        let good = key.sign_parts(&head, &body)?;
        Ok(vec![
            named("padding", key.sign_parts(&format!("{head}="), &body)?),
            named("padding of the payload", key.sign_parts(&head, &format!("{body}=="))?),
            named("spare bits", key.sign_parts(&spare, &body)?),
            named("a blank", key.sign_parts(&head, &format!("{} {}", &body[..8], &body[8..]))?),
            named("a line break", key.sign_parts(&head, &format!("{}\n{}", &body[..8], &body[8..]))?),
            named("a blank at the end", format!("{good} ")),
            named("a line break in front", format!("\n{good}")),
            named("another alphabet", key.sign_parts(&format!("{head}+/"), &body)?),
            named("not UTF-8", key.sign_text(&header, &not_utf8)?),
            named("a lone surrogate", key.sign_text(&header, and(&claims, r#""x":"\ud800""#).as_bytes())?),
            named(
                "a lone surrogate in the header",
                key.sign_text(&and(&world.header(place), r#""x":"\udfff""#), payload.as_bytes())?,
            ),
            named("a mark of byte order", key.sign_text(&header, format!("\u{feff}{payload}").as_bytes())?),
            named("something after", key.sign_text(&header, format!("{payload}x").as_bytes())?),
            named("two objects", key.sign_text(&header, format!("{payload}{payload}").as_bytes())?),
            named("a list", key.sign_text(&header, format!("[{payload}]").as_bytes())?),
            named("a comment", key.sign_text(&header, format!("{payload}/**/").as_bytes())?),
            named("an empty payload", key.sign_parts(&head, "")?),
        ])
    };
    world.each(make).await
}

pub(super) async fn nested(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let make = |place| {
        let (key, claims) = world.good(place, &json!({}))?;
        let mut header = world.header(place);
        header["cty"] = "JWT".into();
        let (mut token, mut all) = (key.sign_with(&world.header(place), &claims)?, Vec::new());
        for depth in 1..=5 {
            token = key.sign_text(&header.to_string(), token.as_bytes())?;
            all.push(named(&format!("{depth} within another"), token.clone()));
            let quoted = Value::String(token.clone()).to_string();
            all.push(named("as a text", key.sign_text(&header.to_string(), quoted.as_bytes())?));
        }
        let part = URL_SAFE_NO_PAD.encode([7; 24]);
        for (what, header) in [
            ("direct", json!({ "alg": "dir", "enc": "A256GCM" })),
            ("wrapped", json!({ "alg": "A128KW", "enc": "A128CBC-HS256" })),
            (
                "by a password",
                json!({ "alg": "PBES2-HS256+A128KW", "p2c": 2_147_483_648_u64, "p2s": "AAAA", "enc": "A128GCM" }),
            ),
            ("by RSA of old", json!({ "alg": "RSA1_5", "enc": "A128CBC-HS256" })),
            ("agreed on nothing", json!({ "alg": "ECDH-ES", "enc": "A128GCM", "epk": {} })),
            ("deflated", json!({ "alg": "dir", "enc": "A128GCM", "zip": "DEF" })),
        ] {
            let header = URL_SAFE_NO_PAD.encode(header.to_string());
            all.push(named(what, format!("{header}.{part}.{part}.{part}.{part}")));
            all.push(named(what, format!("{header}..{part}.{part}.{part}")));
            all.push(named(what, format!("{header}....")));
        }
        let good = key.sign_with(&world.header(place), &claims)?;
        all.extend([
            named("four parts", format!("{good}.x")),
            named("five parts", format!("{good}.x.y")),
            named("a dot at the end", format!("{good}.")),
            named("a dot in front", format!(".{good}")),
            named("two in one", format!("{good}.{good}")),
        ]);
        Ok(all)
    };
    world.each(make).await
}

pub(super) async fn two_of_one_name(scene: &Scene) -> Result<()> {
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
