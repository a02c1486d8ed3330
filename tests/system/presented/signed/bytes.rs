//! The bytes of signatures and encodings.

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{and, named};
use crate::{
    authorization::scene::Scene,
    client_keys::ClientKey,
    presented::{
        places::Place,
        world::{World, signer},
    },
};

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

pub(crate) async fn signatures(scene: &Scene) -> Result<()> {
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
    let mut identity = [0; 32];
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

pub(crate) async fn encodings(scene: &Scene) -> Result<()> {
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

pub(crate) async fn nested(scene: &Scene) -> Result<()> {
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
