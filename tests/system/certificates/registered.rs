//! Clients that register the names in their certificates by themselves (RFC 7591, RFC 8705 section 2.1.2).

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    dev::Client,
    http::{Http, Reply},
    installation::found_with,
    party::Party,
};
use serde_json::{Value, json};

use super::{
    authority::{Shown, wanted},
    scene::{Scene, believe},
};

pub(super) async fn by_itself(scene: &Scene) -> Result<()> {
    let open = json!({ "profile": "PROFILE_OIDC",
        "settings": { "registration": { "access": "ACCESS_OPEN",
            "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_CLIENT_CREDENTIALS"] } } });
    let tenant = found_with(&scene.site.admin, "registering", open).await?;
    let place = format!("{}/register", tenant.issuer);
    let register = async |said: Value| -> Result<Reply> {
        let whole = json!({ "redirect_uris": ["https://registering.example/cb"],
            "grant_types": ["authorization_code", "client_credentials"] });
        let mut whole = whole;
        whole.as_object_mut().context("an object")?.extend(said.as_object().cloned().unwrap_or_default());
        Reply::read(Http::new()?.post(&place)?.json(&whole).send().await?).await
    };
    let by_name = json!({ "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "reg.example" });
    // The tenant believes nobody yet, so nobody could ever prove itself so.
    let early = register(by_name.clone()).await?;
    ensure!(early.refusal() == (400, "invalid_client_metadata"), "{early:?}");
    believe(&scene.site.admin, &tenant, &[scene.authority.pem()]).await?;

    let own = Shown::of_its_own(&wanted(&["whoever"])?)?;
    let by_key =
        json!({ "token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": { "keys": [own.jwk()] } });
    for (said, shown) in [(by_name.clone(), scene.authority.gives_to(&["reg.example"])?), (by_key, own)] {
        let made = register(said.clone()).await?;
        ensure!(made.status == 201 && made.body.get("client_secret").is_none(), "{made:?}");
        for (member, value) in said.as_object().context("an object")? {
            ensure!(made.body[member] == *value, "{member}: {made:?}");
        }
        let client_id = made.body["client_id"].as_str().context("no client_id")?.to_owned();
        let party = Party::discover(&tenant, &Client { client_id, ..Client::default() }).await?;
        scene.takes(&party, &shown).await?;
        scene.refuses(&party, Some(&scene.authority.gives_to(&["other.example"])?)).await?;
    }
    for (more, named) in [
        (json!({ "tls_client_auth_san_ip": "192.0.2.7" }), "a second name"),
        (json!({ "tls_client_auth_san_dns": "*.example" }), "a wildcard"),
        (json!({ "tls_client_auth_san_dns": 7 }), "a number"),
        (json!({ "tls_client_auth_san_dns": null }), "no name"),
        (json!({ "token_endpoint_auth_method": "client_secret_basic" }), "a name for nothing"),
        (json!({ "token_endpoint_auth_method": "self_signed_tls_client_auth" }), "no key"),
    ] {
        let mut said = by_name.clone();
        said.as_object_mut().context("an object")?.extend(more.as_object().cloned().unwrap_or_default());
        let refused = register(said).await?;
        ensure!(refused.refusal() == (400, "invalid_client_metadata"), "{named}: {refused:?}");
    }
    Ok(())
}
