//! What clients say of their tokens.

use chancery_proto::v1::{
    Client, DeleteClientRequest, KeyPolicy, TokenLifetimes, UpdateClientRequest, UpdateKeyPolicyRequest,
};
use tonic::Status;

use crate::{
    clients::{create, service},
    registration::stranger,
    world::{Caller, World, mask, metadata, seconds},
};

const JWKS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"qDnTIGkWSA-tdxNdK7H0-QteKOq4AvV9JP5qBQ5Bunc","y":"xu5sPf_qXolXKimIEYcgFifsdQUiKpHnvgin73jchG8"}]}"#;

async fn update(caller: &mut Caller, client: Client, paths: &[&str]) -> Result<Client, Status> {
    let request = UpdateClientRequest { client: Some(client), update_mask: mask(paths), validate_only: false };
    caller.clients.update_client(request).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_client_says_how_its_tokens_look() {
    let world = World::new().await;
    world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    let asking = Client {
        jwks: JWKS.into(),
        id_token_signed_response_alg: "RS256".into(),
        userinfo_signed_response_alg: "RS256".into(),
        introspection_signed_response_alg: "RS256".into(),
        id_token_encrypted_response_alg: "ECDH-ES".into(),
        userinfo_encrypted_response_alg: "ECDH-ES+A128KW".into(),
        userinfo_encrypted_response_enc: "A256GCM".into(),
        authorization_encrypted_response_alg: "ECDH-ES+A256KW".into(),
        authorization_encrypted_response_enc: "A128GCM".into(),
        subject_type: "pairwise".into(),
        sector_identifier_uri: "https://sector.example/uris".into(),
        token_lifetimes: Some(TokenLifetimes {
            access_token_ttl: seconds(300),
            refresh_max_uses: 3,
            ..Default::default()
        }),
        ..service()
    };
    let made = create(&mut operator, "web", asking.clone()).await;
    let kept = Client { id_token_encrypted_response_enc: "A128CBC-HS256".into(), ..asking.clone() };
    let told = Client {
        name: made.name.clone(),
        uid: made.uid.clone(),
        display_name: made.display_name.clone(),
        state: made.state,
        registered_by: made.registered_by,
        create_time: made.create_time,
        update_time: made.update_time,
        etag: made.etag.clone(),
        ..kept
    };
    assert_eq!(made, told);

    for (path, change) in [
        (
            "id_token_signed_response_alg",
            &(|it: &mut Client| it.id_token_signed_response_alg = "ES256".into()) as &dyn Fn(&mut Client),
        ),
        ("userinfo_signed_response_alg", &|it| it.userinfo_signed_response_alg = "ES256".into()),
        ("userinfo_signed_response_alg", &|it| it.userinfo_signed_response_alg = "none".into()),
        ("introspection_signed_response_alg", &|it| it.introspection_signed_response_alg = "PS256".into()),
        ("id_token_encrypted_response_alg", &|it| it.id_token_encrypted_response_alg = "RSA-OAEP-256".into()),
        ("id_token_encrypted_response_alg", &|it| it.id_token_encrypted_response_alg = "RSA1_5".into()),
        ("userinfo_encrypted_response_enc", &|it| it.userinfo_encrypted_response_enc = "A1".into()),
        ("userinfo_encrypted_response_alg", &|it| it.userinfo_encrypted_response_alg = String::new()),
        ("authorization_encrypted_response_alg", &|it| it.authorization_encrypted_response_alg = String::new()),
        ("authorization_encrypted_response_alg", &|it| it.authorization_encrypted_response_alg = "RSA-OAEP-256".into()),
        ("authorization_encrypted_response_enc", &|it| it.authorization_encrypted_response_enc = "A192GCM".into()),
        ("jwks", &|it| it.jwks = String::new()),
        ("subject_type", &|it| it.subject_type = "secret".into()),
        ("sector_identifier_uri", &|it| it.sector_identifier_uri = "http://sector.example".into()),
        ("sector_identifier_uri", &|it| it.sector_identifier_uri = String::new()),
        ("token_lifetimes.access_token_ttl", &|it| {
            it.token_lifetimes = Some(TokenLifetimes { access_token_ttl: seconds(86_401), ..Default::default() });
        }),
        ("token_lifetimes.refresh_idle_ttl", &|it| {
            it.token_lifetimes = Some(TokenLifetimes { refresh_idle_ttl: seconds(0), ..Default::default() });
        }),
    ] {
        let mut client = Client { name: made.name.clone(), ..asking.clone() };
        change(&mut client);
        let refused = update(&mut operator, client, &[path]).await;
        assert!(metadata(&refused, "field").starts_with("client."), "{path}: {refused:?}");
    }
    let plain = Client { name: made.name.clone(), ..service() };
    let plain = update(&mut operator, plain, &["token_lifetimes", "subject_type"]).await.expect("updated");
    assert_eq!((plain.token_lifetimes, plain.subject_type.as_str()), (None, ""));
}

#[tokio::test]
async fn a_key_policy_keeps_what_clients_of_operators_ask_for() {
    let world = World::new().await;
    stranger(&world, &world.tenant("acme").await).await;
    let mut operator = world.operator().await;
    let lives = TokenLifetimes { id_token_ttl: seconds(7200), ..Default::default() };
    let asking = Client { userinfo_signed_response_alg: "ES256".into(), token_lifetimes: Some(lives), ..service() };
    let made = create(&mut operator, "web", asking).await;
    let policy = |policy: KeyPolicy| UpdateKeyPolicyRequest {
        key_policy: Some(KeyPolicy { name: "tenants/acme/keyPolicy".into(), ..policy }),
        ..Default::default()
    };
    let shorter = policy(KeyPolicy { longest_token_life: seconds(3600), ..Default::default() });
    let refused = operator.keys.update_key_policy(shorter.clone()).await;
    assert_eq!(metadata(&refused, "field"), "key_policy.longest_token_life");
    let other = policy(KeyPolicy { algorithms: vec!["ES384".into()], ..Default::default() });
    let refused = operator.keys.update_key_policy(other.clone()).await;
    assert_eq!(metadata(&refused, "field"), "key_policy.algorithms");
    assert_eq!(metadata(&refused, "client"), "web");

    let request = DeleteClientRequest { name: made.name, ..Default::default() };
    operator.clients.delete_client(request).await.expect("gone");
    operator.keys.update_key_policy(shorter).await.expect("updated");
    operator.keys.update_key_policy(other).await.expect("updated");
}
