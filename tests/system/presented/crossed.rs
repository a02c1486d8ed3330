//! Each kind of JWT in every place but its own.

use anyhow::Result;
use serde_json::json;

use super::{
    places::{OURS, Place, THEIRS},
    world::World,
};
use crate::authorization::scene::Scene;

pub(super) async fn kinds(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let id = world.backend.client.client_id.as_str();
    let kinds: Vec<(&str, String, &[Place])> = vec![
        (
            "an access token",
            world.token("access_token").to_owned(),
            &[Place::UserInfo, Place::Introspection, Place::Revocation, Place::Subject],
        ),
        ("an ID token", world.token("id_token").to_owned(), &[Place::Hint, Place::LogoutHint]),
        ("a signed answer", world.response.clone(), &[]),
        ("a proof", world.key.sign("JWT", &world.proof(&json!({})))?, &[Place::Proof]),
        (
            "a proof by its own type",
            world.key.sign("client-authentication+jwt", &world.proof(&json!({})))?,
            &[Place::Proof],
        ),
        ("a request", world.key.sign("JWT", &world.request(&json!({}))?)?, &[Place::Request]),
        (
            "a request by its own type",
            world.key.sign("oauth-authz-req+jwt", &world.request(&json!({}))?)?,
            &[Place::Request],
        ),
        ("an assertion", world.outside.sign("JWT", &world.assertion(&json!({}))?)?, &[Place::Assertion]),
        // Good claims, by the right key, and by its type meant for something else.
        ("a proof called an access token", world.key.sign("at+jwt", &world.proof(&json!({})))?, &[]),
        ("a proof called a logout token", world.key.sign("logout+jwt", &world.proof(&json!({})))?, &[]),
        ("a proof called a request", world.key.sign("oauth-authz-req+jwt", &world.proof(&json!({})))?, &[]),
        ("a request called a proof", world.key.sign("client-authentication+jwt", &world.request(&json!({}))?)?, &[]),
        ("an assertion called an access token", world.outside.sign("at+jwt", &world.assertion(&json!({}))?)?, &[]),
        ("an assertion called a DPoP proof", world.outside.sign("dpop+jwt", &world.assertion(&json!({}))?)?, &[]),
        // By the right key of somebody else.
        ("an assertion by a client's key", world.key.sign("JWT", &world.assertion(&json!({}))?)?, &[]),
        ("a proof by the issuer outside", world.outside.sign("JWT", &world.proof(&json!({})))?, &[]),
        (
            "an access token of one's own making",
            {
                let claims = json!({ "iss": world.tenant.issuer, "sub": id, "client_id": id, "aud": world.tenant.issuer,
                "scope": "openid", "jti": "x", "iat": 1, "exp": 4_102_444_800_u64 });
                world.key.sign("at+jwt", &claims)?
            },
            &[],
        ),
    ];
    for (what, token, own) in &kinds {
        for place in THEIRS.iter().chain(&OURS).filter(|place| !own.contains(place)) {
            world.refuses(*place, token, what).await?;
        }
        // Wrong proofs are counted; a good one forgets them.
        world.takes(Place::Proof, &world.key.sign("JWT", &world.proof(&json!({})))?, "a good one in between").await?;
    }
    Ok(())
}
