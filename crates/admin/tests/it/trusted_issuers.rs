//! Issuers outside whose assertions a tenant takes.

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::{
    Client, CreateClientRequest, CreateTrustedIssuerRequest, DeleteTrustedIssuerRequest, GetTrustedIssuerRequest,
    ListTrustedIssuersRequest, TrustedIssuer, UpdateTrustedIssuerRequest, client, trusted_issuer::SubjectMapping,
};
use tonic::Code;

use crate::world::{World, mask, metadata, refusal};

fn idp() -> TrustedIssuer {
    TrustedIssuer {
        issuer: "https://idp.example".into(),
        jwks_uri: "https://idp.example/jwks".into(),
        algorithms: vec!["ES256".into()],
        subject_mapping: SubjectMapping::Username.into(),
        clients: vec!["ci".into()],
        scopes: vec!["a".into()],
        ..Default::default()
    }
}

fn create(id: &str, trusted_issuer: TrustedIssuer) -> CreateTrustedIssuerRequest {
    let (parent, trusted_issuer_id) = ("tenants/acme".to_owned(), id.to_owned());
    CreateTrustedIssuerRequest { parent, trusted_issuer_id, trusted_issuer: Some(trusted_issuer), ..Default::default() }
}

#[tokio::test]
async fn a_trusted_issuer_is_created_changed_listed_and_deleted() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let made =
        operator.trusted_issuers.create_trusted_issuer(create("idp", idp())).await.expect("created").into_inner();
    assert_eq!(made.name, "tenants/acme/trustedIssuers/idp");
    assert_eq!((made.jwks_uri.as_str(), made.jwks.as_str(), made.disabled), ("https://idp.example/jwks", "", false));

    let sent = TrustedIssuer { name: made.name.clone(), etag: made.etag.clone(), disabled: true, ..Default::default() };
    let request = UpdateTrustedIssuerRequest {
        trusted_issuer: Some(sent),
        update_mask: mask(&["disabled"]),
        validate_only: false,
    };
    let updated = operator.trusted_issuers.update_trusted_issuer(request.clone()).await.expect("updated").into_inner();
    assert!(updated.disabled && updated.algorithms == made.algorithms);
    let stale = refusal(operator.trusted_issuers.update_trusted_issuer(request).await);
    assert_eq!(stale, (Code::Aborted, "ETAG_MISMATCH".to_owned()));
    let got = GetTrustedIssuerRequest { name: made.name.clone() };
    assert_eq!(operator.trusted_issuers.get_trusted_issuer(got).await.expect("got").into_inner(), updated);
    let renamed = TrustedIssuer { name: made.name.clone(), issuer: "urn:other".into(), ..idp() };
    let request = UpdateTrustedIssuerRequest { trusted_issuer: Some(renamed), update_mask: None, validate_only: false };
    let fixed = operator.trusted_issuers.update_trusted_issuer(request).await;
    assert_eq!(metadata(&fixed, "field"), "trusted_issuer.issuer");

    let listed = ListTrustedIssuersRequest { parent: "tenants/acme".into(), ..Default::default() };
    let listed = operator.trusted_issuers.list_trusted_issuers(listed).await.expect("listed").into_inner();
    assert_eq!(listed.trusted_issuers, [updated]);
    let delete = || DeleteTrustedIssuerRequest { name: made.name.clone(), ..Default::default() };
    operator.trusted_issuers.delete_trusted_issuer(delete()).await.expect("deleted");
    let gone = refusal(operator.trusted_issuers.delete_trusted_issuer(delete()).await);
    assert_eq!(gone, (Code::NotFound, "TRUSTED_ISSUER_NOT_FOUND".to_owned()));
    let ours = world.store.audit().into_iter().filter(|event| matches!(&event.object, Some((Noun::TrustedIssuer, _))));
    let actions: Vec<_> = ours.map(|event| event.action).collect();
    assert_eq!(actions, [Action::Created, Action::Updated, Action::Deleted]);
}

#[tokio::test]
async fn a_trusted_issuer_is_one_of_a_kind_and_fits_together() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    operator.trusted_issuers.create_trusted_issuer(create("idp", idp())).await.expect("created");
    let other = || TrustedIssuer { issuer: "urn:other".into(), ..idp() };
    for (id, issuer) in [("idp", other()), ("twin", idp())] {
        let taken = refusal(operator.trusted_issuers.create_trusted_issuer(create(id, issuer)).await);
        assert_eq!(taken, (Code::AlreadyExists, "TRUSTED_ISSUER_EXISTS".to_owned()), "{id}");
    }
    for (field, issuer) in [
        ("trusted_issuer.issuer", TrustedIssuer { issuer: String::new(), ..other() }),
        ("trusted_issuer.issuer", TrustedIssuer { issuer: "https://id.example/t/acme".into(), ..other() }),
        ("trusted_issuer.jwks", TrustedIssuer { jwks_uri: String::new(), ..other() }),
        ("trusted_issuer.jwks", TrustedIssuer { jwks_uri: String::new(), jwks: "{}".into(), ..other() }),
        ("trusted_issuer.jwks_uri", TrustedIssuer { jwks: "{}".into(), ..other() }),
        ("trusted_issuer.discover", TrustedIssuer { discover: true, ..other() }),
        (
            "trusted_issuer.discover",
            TrustedIssuer { jwks_uri: String::new(), jwks: "{}".into(), discover: true, ..other() },
        ),
        ("trusted_issuer.issuer", TrustedIssuer { jwks_uri: String::new(), discover: true, ..other() }),
        ("trusted_issuer.jwks_uri", TrustedIssuer { jwks_uri: "http://idp.example/jwks".into(), ..other() }),
        ("trusted_issuer.jwks_uri", TrustedIssuer { jwks_uri: "https://10.0.0.1/jwks".into(), ..other() }),
        ("trusted_issuer.algorithms", TrustedIssuer { algorithms: Vec::new(), ..other() }),
        ("trusted_issuer.algorithms[0]", TrustedIssuer { algorithms: vec!["HS256".into()], ..other() }),
        ("trusted_issuer.algorithms[0]", TrustedIssuer { algorithms: vec!["none".into()], ..other() }),
        ("trusted_issuer.subject_mapping", TrustedIssuer { subject_mapping: 0, ..other() }),
        ("trusted_issuer.subjects", TrustedIssuer { subject_mapping: SubjectMapping::Client.into(), ..other() }),
        ("trusted_issuer.clients[0]", TrustedIssuer { clients: vec!["a b".into()], ..other() }),
    ] {
        let refused = operator.trusted_issuers.create_trusted_issuer(create("other", issuer)).await;
        assert_eq!(refused.as_ref().expect_err("refused").code(), Code::InvalidArgument, "{field}");
        assert_eq!(metadata(&refused, "field"), field);
    }
}

#[tokio::test]
async fn t235_a_client_is_not_called_like_a_user() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let request = |id: &str| CreateClientRequest {
        parent: "tenants/acme".into(),
        client_id: id.into(),
        client: Some(Client {
            kind: client::Kind::Service.into(),
            auth_methods: vec![client::AuthMethod::ClientSecretBasic.into()],
            grant_types: vec![client::GrantType::ClientCredentials.into()],
            ..Default::default()
        }),
        ..Default::default()
    };
    for id in ["0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b", "0193A1B2-7C3D-7E4F-8A5B-6C7D8E9F0A1B"] {
        let refused = operator.clients.create_client(request(id)).await;
        assert_eq!(refused.as_ref().expect_err("refused").code(), Code::InvalidArgument, "{id}");
        assert_eq!(metadata(&refused, "field"), "client_id");
    }
    assert!(operator.clients.create_client(request("0193a1b2-7c3d")).await.is_ok());
}

const METADATA: &str = "https://idp.example/.well-known/openid-configuration";

fn named() -> TrustedIssuer {
    TrustedIssuer { jwks_uri: String::new(), discover: true, ..idp() }
}

#[tokio::test]
async fn t159_metadata_of_another_issuer_are_refused_and_nothing_is_stored() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let events = world.store.audit().len();
    let (mismatch, unfit) = ("ISSUER_METADATA_MISMATCH", "ISSUER_METADATA_UNFIT");
    for (published, reason) in [
        (r#"{"issuer":"https://idp.example/","jwks_uri":"https://idp.example/jwks"}"#, mismatch),
        (r#"{"issuer":"https://IDP.example","jwks_uri":"https://idp.example/jwks"}"#, mismatch),
        (r#"{"issuer":["https://idp.example"],"jwks_uri":"https://idp.example/jwks"}"#, mismatch),
        (r#"{"jwks_uri":"https://idp.example/jwks"}"#, mismatch),
        (r#"{"issuer":"https://idp.example","issuer":"https://idp.example"}"#, unfit),
        (r#"{"issuer":"https://idp.example"}"#, unfit),
        (r#"{"issuer":"https://idp.example","jwks_uri":7}"#, unfit),
        (r#"{"issuer":"https://idp.example","jwks_uri":"https://10.0.0.1/jwks"}"#, unfit),
        (r#"{"issuer":"https://idp.example","jwks_uri":"http://idp.example/jwks"}"#, unfit),
        (r#"{"issuer":"https://idp.example","jwks_uri":"file:///jwks"}"#, unfit),
        ("<html>", unfit),
    ] {
        world.web.publish(METADATA, published);
        for validate_only in [true, false] {
            let request = CreateTrustedIssuerRequest { validate_only, ..create("idp", named()) };
            let refused = operator.trusted_issuers.create_trusted_issuer(request).await;
            assert_eq!(metadata(&refused, "field"), "trusted_issuer.issuer", "{published}");
            assert_eq!(refusal(refused).1, reason, "{published}");
        }
    }
    let listed = ListTrustedIssuersRequest { parent: "tenants/acme".into(), ..Default::default() };
    let listed = operator.trusted_issuers.list_trusted_issuers(listed).await.expect("listed").into_inner();
    assert_eq!((listed.trusted_issuers, world.store.audit().len()), (vec![], events));
    assert!(world.web.fetched().iter().all(|uri| uri == METADATA), "{:?}", world.web.fetched());
}

#[tokio::test]
async fn an_issuer_is_trusted_by_its_name_alone() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let nobody = operator.trusted_issuers.create_trusted_issuer(create("idp", named())).await;
    assert_eq!(refusal(nobody), (Code::FailedPrecondition, "ISSUER_METADATA_UNFIT".to_owned()));
    let second = "https://idp.example/.well-known/oauth-authorization-server";
    assert_eq!(world.web.fetched(), [METADATA, second]);
    world.web.publish(second, r#"{"issuer":"https://idp.example","jwks_uri":"https://keys.example/jwks"}"#);
    let made =
        operator.trusted_issuers.create_trusted_issuer(create("idp", named())).await.expect("created").into_inner();
    assert!(made.discover && made.jwks_uri.is_empty() && made.jwks.is_empty());

    // It is asked again by nobody but those who want its keys, until somebody has it asked anew.
    let asked = world.web.fetched().len();
    world.web.publish(METADATA, "{}");
    let update = |sent: TrustedIssuer, paths: &[&str], validate_only| UpdateTrustedIssuerRequest {
        trusted_issuer: Some(TrustedIssuer { name: made.name.clone(), ..sent }),
        update_mask: mask(paths),
        validate_only,
    };
    let disabled = TrustedIssuer { disabled: true, ..Default::default() };
    operator.trusted_issuers.update_trusted_issuer(update(disabled, &["disabled"], false)).await.expect("updated");
    assert_eq!(world.web.fetched().len(), asked);
    let told = update(idp(), &["jwks_uri", "discover"], false);
    let told = operator.trusted_issuers.update_trusted_issuer(told).await.expect("updated").into_inner();
    assert!(!told.discover && told.jwks_uri == idp().jwks_uri);
    for validate_only in [true, false] {
        let back = update(named(), &["jwks_uri", "discover"], validate_only);
        let refused = refusal(operator.trusted_issuers.update_trusted_issuer(back).await);
        assert_eq!(refused, (Code::InvalidArgument, "ISSUER_METADATA_MISMATCH".to_owned()));
    }
    let got = GetTrustedIssuerRequest { name: made.name.clone() };
    assert_eq!(operator.trusted_issuers.get_trusted_issuer(got).await.expect("got").into_inner(), told);
}
