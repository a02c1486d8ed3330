//! Sessions, looked through and ended.

use chancery_proto::v1::{
    GetSessionRequest, ListSessionsRequest, RevokeSessionRequest, RevokeSessionsRequest, session::State,
};
use tonic::Code;

use crate::{
    people::{LIFE, People},
    world::refusal,
};

const ID: &str = "5f7c1c1e-9a3f-4d43-9b6c-0d2f5a2b7c11";

#[tokio::test]
async fn sessions_are_listed_with_their_clients() {
    let people = People::new().await;
    let mut operator = people.operator.clone();
    let web = people.client("web").await;
    let (first, second) = (people.session(&people.ada).await, people.session(&people.bob).await);
    people.grant(&first, &web, "openid").await;
    people.grant(&first, &people.app, "openid").await;
    people.grant(&first, &people.app, "openid").await;

    let list =
        |user: &str| ListSessionsRequest { parent: people.acme.name.clone(), user: user.into(), ..Default::default() };
    let all = operator.sessions.list_sessions(list("")).await.expect("listed").into_inner().sessions;
    let mut ids = [first.id, second.id].map(|id| format!("{}/sessions/{id}", people.acme.name));
    ids.sort();
    assert_eq!(all.iter().map(|session| session.name.clone()).collect::<Vec<_>>(), ids);
    let of_ada = operator.sessions.list_sessions(list(&people.ada.name)).await.expect("listed").into_inner().sessions;
    let [session] = of_ada.as_slice() else { panic!("{of_ada:?}") };
    assert_eq!((session.user.as_str(), session.state()), (people.ada.name.as_str(), State::Live));
    assert_eq!(session.clients, ["tenants/acme/clients/app", "tenants/acme/clients/web"]);
    assert_eq!(session.authentication_methods, ["pwd"]);

    let get = || GetSessionRequest { name: session.name.clone() };
    assert_eq!(&operator.sessions.get_session(get()).await.expect("got").into_inner(), session);
    people.world.clock.advance(LIFE);
    assert_eq!(operator.sessions.get_session(get()).await.expect("got").into_inner().state(), State::Expired);
    let none = refusal(operator.sessions.list_sessions(list(&format!("tenants/acme/users/{ID}"))).await);
    assert_eq!(none, (Code::NotFound, "USER_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn t269_a_page_token_of_another_users_sessions_is_refused() {
    let people = People::new().await;
    let mut operator = people.operator.clone();
    for _ in 0..3 {
        people.session(&people.ada).await;
    }
    let list = |user: &str, token: &str| ListSessionsRequest {
        parent: people.acme.name.clone(),
        user: user.into(),
        page_size: 2,
        page_token: token.into(),
        ..Default::default()
    };
    let page = operator.sessions.list_sessions(list(&people.ada.name, "")).await.expect("listed").into_inner();
    let token = page.next_page_token;
    let rest = operator.sessions.list_sessions(list(&people.ada.name, &token)).await.expect("listed").into_inner();
    assert_eq!((page.sessions.len(), rest.sessions.len(), rest.next_page_token.as_str()), (2, 1, ""));
    for user in ["", &people.bob.name] {
        let refused = refusal(operator.sessions.list_sessions(list(user, &token)).await);
        assert_eq!(refused, (Code::InvalidArgument, "PAGE_TOKEN_INVALID".to_owned()));
    }
}

#[tokio::test]
async fn a_revoked_session_takes_its_grants_with_it() {
    let people = People::new().await;
    let mut operator = people.operator.clone();
    let (lost, kept) = (people.session(&people.ada).await, people.session(&people.ada).await);
    people.grant(&lost, &people.app, "openid").await;
    people.grant(&lost, &people.app, "openid offline_access").await;
    people.grant(&kept, &people.app, "openid").await;

    let request = |trial: bool| RevokeSessionRequest {
        name: format!("{}/sessions/{}", people.acme.name, lost.id),
        validate_only: trial,
        request_id: if trial { String::new() } else { ID.into() },
    };
    let would = operator.sessions.revoke_session(request(true)).await.expect("tried").into_inner();
    assert_eq!((would.revoked_grant_count, people.unrevoked()), (2, 3));
    let done = operator.sessions.revoke_session(request(false)).await.expect("revoked").into_inner();
    assert_eq!(done, would, "a trial tells what happens");
    assert_eq!(done.session.expect("a session").state(), State::Ended);
    assert_eq!(people.unrevoked(), 1, "the other session keeps what it gave");
    let again = operator.sessions.revoke_session(request(false)).await.expect("answered").into_inner();
    assert_eq!(again.revoked_grant_count, 2, "the same request gets the same answer");
    let anew = RevokeSessionRequest { request_id: String::new(), ..request(false) };
    let anew = operator.sessions.revoke_session(anew).await.expect("nothing left to do").into_inner();
    assert_eq!(anew.revoked_grant_count, 0);
    assert_eq!(people.audited(), ["session.revoke", "grants.revoke"]);
}

#[tokio::test]
async fn all_sessions_of_a_user_end_at_once() {
    let people = People::new().await;
    let mut operator = people.operator.clone();
    for user in [&people.ada, &people.ada, &people.bob] {
        let session = people.session(user).await;
        people.grant(&session, &people.app, "openid offline_access").await;
    }
    let request = |user: &str, validate_only| RevokeSessionsRequest {
        parent: people.acme.name.clone(),
        user: user.into(),
        validate_only,
        ..Default::default()
    };
    assert_eq!(refusal(operator.sessions.revoke_sessions(request("", false)).await).1, "FIELD_INVALID");
    let would = operator.sessions.revoke_sessions(request(&people.ada.name, true)).await.expect("tried").into_inner();
    let done = operator.sessions.revoke_sessions(request(&people.ada.name, false)).await.expect("done").into_inner();
    assert_eq!(would, done);
    assert_eq!((done.ended_session_count, done.revoked_grant_count, people.unrevoked()), (2, 2, 1));
    assert_eq!(people.audited(), ["sessions.revoke", "grants.revoke"]);
}
