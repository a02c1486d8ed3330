//! Requests that clients push (RFC 9126).

use std::{sync::Arc, time::Duration};

use chancery_domain::{
    client::Client, ports::store::Store, pushed_request::PushedRequest, tenant::Tenant, view::TenantView,
};
use chancery_oauth::{
    authorize::{self, Checked, Done, Refusal},
    client_auth::Credentials,
    error::OAuthError,
    pushed,
};
use chancery_testkit::builders;
use serde_json::Value;

use crate::front::{CALLBACK, Front, challenge, form, request, told};

const GONE: &str = "page      invalid_request_uri: the request is not there, or not any more; begin again";

/// What a client gets for a request.
async fn push(front: &Front, client: &Client, parameters: &[(&str, &str)]) -> Result<String, OAuthError> {
    let (id, secret) = (client.id.as_str(), front.secret.expose());
    let mut all = vec![("client_id", id)];
    if !client.is_public() {
        all.push(("client_secret", secret));
    }
    all.extend(parameters.iter().filter(|(name, _)| *name != "client_id"));
    let form = form(&all);
    let credentials = Credentials::read(&front.view, None, &form).expect("credentials");
    let pushed = pushed::push(&front.cx, &front.view, &credentials, &form).await?;
    let answer: Value = serde_json::to_value(&pushed).expect("JSON");
    assert_eq!(answer["expires_in"], 90, "{answer}");
    Ok(answer["request_uri"].as_str().expect("a text").to_owned())
}

/// A pushed request that is good.
async fn pushed_by(front: &Front, client: &Client) -> String {
    let challenge = challenge();
    push(front, client, &request(client.id.as_str(), "openid", &challenge)).await.expect("a good request")
}

async fn begun(front: &Front, client: &Client, request_uri: &str) -> Result<Checked, Refusal> {
    front.check(&[("client_id", client.id.as_str()), ("request_uri", request_uri)]).await
}

async fn completed(front: &Front, checked: &Checked) -> String {
    match authorize::issue(&front.cx, &front.view, checked, &front.session, Done::default()).await {
        Ok(answer) => answer.parameter("code").expect("a code").to_owned(),
        Err(refusal) => told(&refusal),
    }
}

fn error<T>(outcome: Result<T, Refusal>) -> String {
    outcome.map_or_else(|refusal| told(&refusal), |_| "good".to_owned())
}

#[tokio::test]
async fn p054_a_reference_and_a_client_id_suffice() {
    let front = Front::new().await;
    for client in [&front.app, &front.site] {
        front.allow(client, "openid").await;
        let uri = pushed_by(&front, client).await;
        let reference = uri.strip_prefix("urn:ietf:params:oauth:request_uri:").expect("of that form");
        assert_eq!(reference.len(), "chq_".len() + 43, "256 random bits");
        let checked = begun(&front, client, &uri).await.expect("good");
        assert_eq!(
            (checked.request.redirect_uri.as_str(), checked.request.state.as_deref()),
            (CALLBACK, Some("a state"))
        );
        let code = completed(&front, &checked).await;
        assert!(front.redeem(client, &code).await.expect("tokens").has("id_token"));
    }
}

#[tokio::test]
async fn t141_only_a_client_that_proves_itself_may_push() {
    let front = Front::new().await;
    let challenge = challenge();
    let asked = request("site", "openid", &challenge);
    for wrong in [&[("client_secret", "chx_wrong")] as &[_], &[]] {
        let form = form(&[asked.as_slice(), wrong].concat());
        let credentials = Credentials::read(&front.view, None, &form).expect("read");
        let refused = pushed::push(&front.cx, &front.view, &credentials, &form).await;
        let refused = refused.err().expect("refused").to_string();
        assert_eq!(refused, "invalid_client: client authentication failed");
    }
}

#[tokio::test]
async fn t142_no_reference_within_a_pushed_request() {
    let front = Front::new().await;
    let uri = pushed_by(&front, &front.site).await;
    let refused = push(&front, &front.site, &[("request_uri", &uri)]).await.expect_err("refused");
    assert_eq!(refused.to_string(), "invalid_request: request_uri does not belong into a pushed request");
}

#[tokio::test]
async fn a_push_hears_at_once_of_everything_that_is_wrong() {
    let front = Front::new().await;
    let challenge = challenge();
    let with = |change: (&'static str, &'static str)| {
        let mut asked = request("app", "openid", &challenge);
        asked.retain(|(name, _)| *name != change.0);
        asked.push(change);
        asked
    };
    let mut table = Vec::new();
    for change in [
        ("redirect_uri", "https://evil.example/cb"),
        ("response_type", ""),
        ("response_type", "token"),
        ("scope", "openid nonsense"),
        ("code_challenge", ""),
        ("code_challenge_method", "plain"),
        ("prompt", "none login"),
        ("max_age", "-1"),
        ("resource", "https://nobody.example"),
        ("request", "a.b.c"),
        ("response_mode", "web_message"),
    ] {
        let refused = push(&front, &front.app, &with(change)).await.expect_err("refused");
        table.push(format!("{:<24} {:<30} {refused}", change.0, change.1));
    }
    insta::assert_snapshot!(table.join("\n"));
}

#[tokio::test]
async fn t143_a_reference_is_good_for_its_client_and_tenant_alone() {
    let front = Front::new().await;
    let uri = pushed_by(&front, &front.site).await;
    assert_eq!(error(begun(&front, &front.app, &uri).await), GONE);
    assert_eq!(error(front.check(&[("request_uri", &uri)]).await), "page      invalid_request: client_id is missing");

    // Another tenant with a client of the same name.
    let tenant: Tenant = builders::tenant("globex", &*front.random, front.session.authenticated_at);
    let there: Arc<TenantView> = front.directory.show(builders::view(tenant, front.session.authenticated_at));
    let twin = builders::public_client("site", &*front.random, front.session.authenticated_at);
    let tx = Store::begin(&front.store, there.tenant.id).await.expect("begun");
    tx.clients().insert(&twin).await.expect("inserted");
    tx.commit().await.expect("committed");
    let asked = form(&[("client_id", "site"), ("request_uri", &uri)]);
    assert_eq!(error(authorize::check(&front.cx, &there, &asked).await), GONE);
    assert_eq!(error(begun(&front, &front.site, &uri).await), "good", "its own client still may");
}

#[tokio::test]
async fn t144_a_reference_is_used_up_by_completing_and_by_nothing_else() {
    let front = Front::new().await;
    front.allow(&front.site, "openid").await;
    let uri = pushed_by(&front, &front.site).await;
    let [first, second] = [(); 2].map(|()| begun(&front, &front.site, &uri));
    let (first, second) = (first.await.expect("loaded ahead"), second.await.expect("and again"));
    assert!(completed(&front, &first).await.starts_with("chc_"));
    assert_eq!(completed(&front, &second).await, GONE, "the other page was left open");
    assert_eq!(error(begun(&front, &front.site, &uri).await), GONE);
    for forged in ["urn:ietf:params:oauth:request_uri:", "urn:ietf:params:oauth:request_uri:chq_AAAA"] {
        assert_eq!(error(begun(&front, &front.site, forged).await), GONE);
    }
}

#[tokio::test]
async fn t144_a_reference_expires_and_what_was_begun_goes_on() {
    let front = Front::new().await;
    front.allow(&front.site, "openid").await;
    let uri = pushed_by(&front, &front.site).await;
    front.clock.advance(PushedRequest::LIFE.saturating_sub(Duration::from_secs(1)));
    let begun_in_time = begun(&front, &front.site, &uri).await.expect("in time");
    front.clock.advance(Duration::from_secs(1));
    assert_eq!(error(begun(&front, &front.site, &uri).await), GONE);
    assert!(completed(&front, &begun_in_time).await.starts_with("chc_"));
    assert_eq!(completed(&front, &begun_in_time).await, GONE);
}

#[tokio::test]
async fn t144_saying_no_completes_it_too() {
    let front = Front::new().await;
    let uri = pushed_by(&front, &front.site).await;
    let checked = begun(&front, &front.site, &uri).await.expect("good");
    let answer = authorize::deny(&front.cx, &front.view, &checked).await.expect("an answer");
    assert_eq!(answer.parameter("error"), Some("access_denied"));
    assert_eq!(error(begun(&front, &front.site, &uri).await), GONE);
}

#[tokio::test]
async fn t145_what_stands_beside_a_reference_is_ignored() {
    let front = Front::new().await;
    let uri = pushed_by(&front, &front.site).await;
    let beside = [
        ("client_id", "site"),
        ("request_uri", uri.as_str()),
        ("scope", "openid profile email"),
        ("redirect_uri", "https://evil.example/cb"),
        ("state", "another"),
        ("response_type", "token"),
        ("prompt", "none"),
        ("request", "a.b.c"),
    ];
    let checked = front.check(&beside).await.expect("good");
    assert_eq!(checked.request.scopes.to_string(), "openid");
    assert_eq!((checked.request.redirect_uri.as_str(), checked.request.state.as_deref()), (CALLBACK, Some("a state")));
    assert!(checked.request.prompts.is_empty());
}

#[tokio::test]
async fn t149_who_must_push_may_do_nothing_else() {
    let refused = "query     error=invalid_request & error_description=the request must be pushed to the provider first & \
                   state=a state & iss=https://id.example/t/acme";
    let front = Front::new().await;
    let challenge = challenge();
    let asked = request("site", "openid", &challenge);
    assert_eq!(error(front.check(&asked).await), "good");
    let mut site = front.site.clone();
    site.metadata.requests.require_pushed = true;
    front.update(&site).await;
    assert_eq!(error(front.check(&asked).await), refused);
    let uri = pushed_by(&front, &front.site).await;
    assert_eq!(error(begun(&front, &front.site, &uri).await), "good");

    // A tenant can want it of all.
    let mut tenant = front.view.tenant.clone();
    tenant.settings.require_pushed_authorization_requests = true;
    let strict = front.directory.show(crate::front::view_of(tenant, front.session.authenticated_at));
    let plain = authorize::check(&front.cx, &strict, &form(&request("app", "openid", &challenge))).await;
    assert_eq!(error(plain), refused);
}

#[tokio::test]
async fn t150_a_client_has_only_so_many_waiting() {
    let front = Front::new().await;
    let one = pushed_by(&front, &front.app).await;
    let now = front.session.authenticated_at;
    let tx = Store::begin(&front.store, front.view.tenant.id).await.expect("begun");
    for n in 1..PushedRequest::MOST_WAITING {
        let waiting = PushedRequest {
            digest: chancery_domain::secret::Digest::of("test", &n.to_be_bytes()),
            client: front.app.uid,
            sealed: vec![],
            pushed_at: now,
            expires_at: now + PushedRequest::LIFE,
            used_at: None,
        };
        tx.pushed_requests().insert(&waiting).await.expect("inserted");
    }
    tx.commit().await.expect("committed");
    let challenge = challenge();
    let asked = request("app", "openid", &challenge);
    let refused = push(&front, &front.app, &asked).await.expect_err("too many");
    assert_eq!(refused.to_string(), "too many requests; try again in 90 s");
    pushed_by(&front, &front.site).await;

    front.allow(&front.app, "openid").await;
    let checked = begun(&front, &front.app, &one).await.expect("good");
    assert!(completed(&front, &checked).await.starts_with("chc_"));
    push(&front, &front.app, &asked).await.expect("one that was completed makes room");
    front.clock.advance(PushedRequest::LIFE);
    push(&front, &front.app, &asked).await.expect("and so does time");
}

#[tokio::test]
async fn t058_a_reference_is_no_code_and_a_code_no_reference() {
    let front = Front::new().await;
    let uri = pushed_by(&front, &front.site).await;
    let reference = uri.rsplit(':').next().expect("a reference");
    let refused = front.redeem(&front.site, reference).await.expect_err("no code");
    assert!(refused.to_string().starts_with("invalid_grant"), "{refused}");
    let code = front.code(&front.site, "openid").await;
    let as_uri = format!("urn:ietf:params:oauth:request_uri:{code}");
    assert_eq!(error(begun(&front, &front.site, &as_uri).await), GONE);
    assert!(front.redeem(&front.site, &code).await.is_ok(), "nothing was used up");
}

#[tokio::test]
async fn what_was_asked_cannot_be_read_from_the_rows() {
    let front = Front::new().await;
    let challenge = challenge();
    let mut asked = request("site", "openid", &challenge);
    asked.push(("login_hint", "ada@example.com"));
    let uri = push(&front, &front.site, &asked).await.expect("good");
    let Some(Some(reference)) = PushedRequest::reference(&uri) else { panic!("no reference in {uri}") };
    let rows = front.cx.store.read(front.view.tenant.id);
    let row = rows.pushed_requests().find(&reference.digest()).await.expect("read").expect("there");
    let opened = |with: &str| {
        let purpose = chancery_domain::ports::jose::Purpose::PushedRequest;
        front.view.sealer.open_under(with, purpose, &row.sealed)
    };
    assert!(opened("anything else").is_none());
    let text = String::from_utf8(opened(reference.expose()).expect("opens with its reference")).expect("text");
    assert!(text.contains("ada@example.com") && !text.contains(front.secret.expose()), "{text}");
}
