//! Grants, looked through and taken back, and single tokens.

use chancery_domain::{
    ports::store::Store,
    token_id::{TokenId, TokenOrigin},
};
use chancery_proto::v1::{
    GetGrantRequest, ListGrantsRequest, RevokeGrantRequest, RevokeGrantsRequest, RevokeTokenRequest,
    grant::{RevokeReason, State},
};
use chancery_testkit::SeededRandom;
use tonic::Code;

use crate::{
    people::{LIFE, People},
    world::refusal,
};

#[tokio::test]
async fn grants_are_found_by_user_client_session_and_state() {
    let people = People::new().await;
    let mut operator = people.operator.clone();
    let web = people.client("web").await;
    let (one, two) = (people.session(&people.ada).await, people.session(&people.bob).await);
    let first = people.grant(&one, &people.app, "openid").await;
    people.grant(&one, &web, "openid offline_access").await;
    people.grant(&two, &web, "openid").await;
    let name = format!("tenants/acme/grants/{}", first.id);
    let revoke = RevokeGrantRequest { name: name.clone(), ..Default::default() };
    let revoked = operator.grants.revoke_grant(revoke.clone()).await.expect("revoked").into_inner();
    assert_eq!((revoked.state(), revoked.revoke_reason()), (State::Revoked, RevokeReason::Admin));
    assert_eq!(operator.grants.revoke_grant(revoke).await.expect("still revoked").into_inner(), revoked);
    let got = operator.grants.get_grant(GetGrantRequest { name }).await.expect("got").into_inner();
    assert_eq!(got, revoked);
    assert_eq!((got.user.as_str(), got.client.as_str()), (people.ada.name.as_str(), "tenants/acme/clients/app"));
    assert_eq!((got.session, got.scopes), (format!("tenants/acme/sessions/{}", one.id), vec!["openid".to_owned()]));
    assert_eq!(people.audited(), ["grant.revoke"]);

    let all = ListGrantsRequest { parent: people.acme.name.clone(), ..Default::default() };
    let session = format!("tenants/acme/sessions/{}", one.id);
    let (ada, client) = (people.ada.name.clone(), "tenants/acme/clients/web".to_owned());
    for (request, count) in [
        (all.clone(), 3),
        (ListGrantsRequest { user: ada.clone(), ..all.clone() }, 2),
        (ListGrantsRequest { client: client.clone(), ..all.clone() }, 2),
        (ListGrantsRequest { session: session.clone(), ..all.clone() }, 2),
        (ListGrantsRequest { state: State::Live.into(), ..all.clone() }, 2),
        (ListGrantsRequest { state: State::Revoked.into(), ..all.clone() }, 1),
        (ListGrantsRequest { state: State::Expired.into(), ..all.clone() }, 0),
        (ListGrantsRequest { user: ada.clone(), client, session, state: State::Live.into(), ..all.clone() }, 1),
    ] {
        let found = operator.grants.list_grants(request.clone()).await.expect("listed").into_inner().grants;
        assert_eq!(found.len(), count, "{request:?}");
    }
    people.world.clock.advance(LIFE);
    let expired = ListGrantsRequest { state: State::Expired.into(), ..all.clone() };
    assert_eq!(operator.grants.list_grants(expired).await.expect("listed").into_inner().grants.len(), 2);
    let none = ListGrantsRequest { client: "tenants/acme/clients/none".into(), ..all.clone() };
    assert_eq!(refusal(operator.grants.list_grants(none).await), (Code::NotFound, "CLIENT_NOT_FOUND".into()));
    let odd = ListGrantsRequest { state: 99, ..all };
    assert_eq!(refusal(operator.grants.list_grants(odd).await).1, "FIELD_INVALID");
}

#[tokio::test]
async fn what_a_request_names_lies_in_its_tenant() {
    let people = People::new().await;
    let mut operator = people.operator.clone();
    // The user is there, in the other tenant; whether they are is not told.
    let foreign =
        ListGrantsRequest { parent: people.bolt.name.clone(), user: people.ada.name.clone(), ..Default::default() };
    assert_eq!(refusal(operator.grants.list_grants(foreign).await), (Code::InvalidArgument, "FIELD_INVALID".into()));
    let moved = ListGrantsRequest {
        parent: people.bolt.name.clone(),
        user: people.ada.name.replace("acme", "bolt"),
        ..Default::default()
    };
    assert_eq!(refusal(operator.grants.list_grants(moved).await), (Code::NotFound, "USER_NOT_FOUND".into()));
}

#[tokio::test]
async fn many_grants_are_taken_back_and_counted() {
    let people = People::new().await;
    let mut operator = people.operator.clone();
    let web = people.client("web").await;
    let session = people.session(&people.ada).await;
    // More than one transaction's worth.
    for _ in 0..501 {
        people.grant(&session, &people.app, "openid").await;
    }
    people.grant(&session, &web, "openid").await;
    let request = RevokeGrantsRequest {
        parent: people.acme.name.clone(),
        client: "tenants/acme/clients/app".into(),
        validate_only: true,
        ..Default::default()
    };
    let would = operator.grants.revoke_grants(request.clone()).await.expect("tried").into_inner();
    assert_eq!((would.revoked_grant_count, people.unrevoked()), (501, 502));
    let request = RevokeGrantsRequest {
        validate_only: false,
        request_id: "5f7c1c1e-9a3f-4d43-9b6c-0d2f5a2b7c11".into(),
        ..request
    };
    for _ in 0..2 {
        let done = operator.grants.revoke_grants(request.clone()).await.expect("revoked").into_inner();
        assert_eq!((done.revoked_grant_count, people.unrevoked()), (501, 1));
    }
    assert_eq!(people.audited(), ["grants.revoke", "grants.revoke"]);
    let nothing = RevokeGrantsRequest { parent: people.acme.name.clone(), ..Default::default() };
    assert_eq!(refusal(operator.grants.revoke_grants(nothing).await).1, "FIELD_INVALID");
}

#[tokio::test]
async fn one_token_is_taken_back_alone() {
    let people = People::new().await;
    let mut operator = people.operator.clone();
    let session = people.session(&people.ada).await;
    let grant = people.grant(&session, &people.app, "openid").await;
    let random = SeededRandom::new(5);
    let [bad, good] = [(); 2].map(|()| TokenId::generate(TokenOrigin::Grant(grant.id), &random));
    let own = TokenId::generate(TokenOrigin::Client(people.app.uid), &random);
    let request = |token: &TokenId, parent: &str| RevokeTokenRequest {
        parent: parent.into(),
        token_id: token.to_string(),
        ..Default::default()
    };
    for token in [&bad, &own] {
        let done = operator.grants.revoke_token(request(token, &people.acme.name)).await.expect("revoked").into_inner();
        assert!(done.deny_until_time.is_some());
    }
    let rows = people.world.store.read(people.tenant());
    assert!(rows.grants().standing_for(grant.id, &bad).await.expect("read").is_none());
    assert!(rows.grants().standing_for(grant.id, &good).await.expect("read").is_some(), "the others stay good");
    assert!(rows.grants().is_denied(&own).await.expect("read"));
    assert_eq!(people.audited(), ["token.revoke", "token.revoke"]);

    let elsewhere = refusal(operator.grants.revoke_token(request(&good, &people.bolt.name)).await);
    assert_eq!(elsewhere, (Code::NotFound, "TOKEN_NOT_FOUND".into()));
    let odd = RevokeTokenRequest { token_id: "x".into(), ..request(&good, &people.acme.name) };
    assert_eq!(refusal(operator.grants.revoke_token(odd).await).1, "FIELD_INVALID");
}
