//! Consents, looked through and taken back.

use chancery_proto::v1::{GetConsentRequest, ListConsentsRequest, RevokeConsentRequest};
use tonic::Code;

use crate::{people::People, world::refusal};

#[tokio::test]
async fn consents_are_found_by_user_and_by_client() {
    let people = People::new().await;
    let mut operator = people.operator.clone();
    let web = people.client("web").await;
    for (user, client) in [(&people.ada, &people.app), (&people.ada, &web), (&people.bob, &web)] {
        people.consent(user, client).await;
    }
    let everybody = "tenants/acme/users/-";
    let list = |parent: &str, client: &str| ListConsentsRequest {
        parent: parent.into(),
        client: client.into(),
        ..Default::default()
    };
    for (parent, client, count) in [
        (everybody, "", 3),
        (everybody, "tenants/acme/clients/web", 2),
        (&people.ada.name, "", 2),
        (&people.bob.name, "tenants/acme/clients/app", 0),
    ] {
        let found = operator.consents.list_consents(list(parent, client)).await.expect("listed").into_inner().consents;
        assert_eq!(found.len(), count, "{parent} {client}");
    }
    let mut walked = Vec::new();
    let mut request = ListConsentsRequest { page_size: 1, ..list(everybody, "") };
    loop {
        let page = operator.consents.list_consents(request.clone()).await.expect("listed").into_inner();
        walked.extend(page.consents.into_iter().map(|consent| consent.name));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    walked.sort();
    walked.dedup();
    assert_eq!(walked.len(), 3);
    let name = format!("{}/consents/web", people.bob.name);
    let got = operator.consents.get_consent(GetConsentRequest { name }).await.expect("got").into_inner();
    assert_eq!(
        (got.client.as_str(), got.scopes.as_slice()),
        ("tenants/acme/clients/web", ["openid".to_owned()].as_slice())
    );
}

#[tokio::test]
async fn a_consent_goes_with_the_grants_of_the_pair() {
    let people = People::new().await;
    let mut operator = people.operator.clone();
    let web = people.client("web").await;
    people.consent(&people.ada, &web).await;
    let (hers, his) = (people.session(&people.ada).await, people.session(&people.bob).await);
    people.grant(&hers, &web, "openid offline_access").await;
    people.grant(&hers, &people.app, "openid").await;
    people.grant(&his, &web, "openid").await;

    let name = format!("{}/consents/web", people.ada.name);
    let request = |validate_only| RevokeConsentRequest { name: name.clone(), validate_only, ..Default::default() };
    let would = operator.consents.revoke_consent(request(true)).await.expect("tried").into_inner();
    let done = operator.consents.revoke_consent(request(false)).await.expect("revoked").into_inner();
    assert_eq!((would.revoked_grant_count, done.revoked_grant_count, people.unrevoked()), (1, 1, 2));
    assert_eq!(people.audited(), ["consent.revoke", "grants.revoke"]);
    let gone = (Code::NotFound, "CONSENT_NOT_FOUND".to_owned());
    assert_eq!(refusal(operator.consents.revoke_consent(request(false)).await), gone);
    assert_eq!(refusal(operator.consents.get_consent(GetConsentRequest { name: name.clone() }).await), gone);
}
