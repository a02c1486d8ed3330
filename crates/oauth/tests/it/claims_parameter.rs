//! Single claims that a request names.

use chancery_domain::{id::UserId, scope::ScopeSet, vocabulary::Acr};
use chancery_oauth::{
    authorize::{self, Done, Refusal, Step},
    userinfo,
};
use serde_json::{Map, Value, json};

use crate::front::{Front, Tokens, challenge, request, told};

/// The tokens of a request with these claims, and what UserInfo says; the user has allowed the scopes.
async fn granted(front: &Front, allowed: &str, scope: &str, claims: &Value) -> (Tokens, Map<String, Value>) {
    front.allow(&front.app, allowed).await;
    let (challenge, claims) = (challenge(), claims.to_string());
    let mut asked = request("app", scope, &challenge);
    asked.push(("claims", &claims));
    let checked = front.check(&asked).await.unwrap_or_else(|refusal| panic!("{}", told(&refusal)));
    let answer =
        authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default()).await.expect("a code");
    let tokens = front.redeem(&front.app, answer.parameter("code").expect("a code")).await.expect("tokens");
    let about = userinfo::claims(&front.cx, &front.view, tokens.access()).await.expect("claims");
    (tokens, about)
}

/// The error that a request with this text gets.
async fn error(front: &Front, claims: &str) -> Option<String> {
    let challenge = challenge();
    let mut asked = request("app", "openid", &challenge);
    asked.push(("claims", claims));
    match front.check(&asked).await {
        Ok(_) => None,
        Err(Refusal::Answer(answer)) => answer.parameter("error").map(str::to_owned),
        Err(page @ Refusal::Page(_)) => panic!("{}", told(&page)),
    }
}

#[tokio::test]
async fn p037_a_claim_is_told_where_it_was_asked_for() {
    let front = Front::new().await;
    let wanted = json!({
        "userinfo": { "name": { "essential": true }, "favourite": null },
        "id_token": { "email": null, "auth_time": { "essential": true }, "nonsense": { "value": 1 } },
        "other": [{}],
    });
    let (tokens, about) =
        granted(&front, "openid profile email offline_access", "openid offline_access", &wanted).await;
    let said = Front::claims(tokens.text("id_token"));
    assert_eq!((about.get("name"), said.get("name")), (Some(&json!("Ada")), None));
    assert_eq!((about.get("email"), said.get("email")), (None, Some(&json!("ada@example.com"))));
    assert_eq!(about.len(), 2, "nothing that was not asked for: {about:?}");
    assert_eq!(said.get("email_verified"), None);

    // What was asked once is told as long as the grant lasts.
    let again = front.refresh(&front.app, tokens.refresh()).await.expect("tokens");
    assert_eq!(Front::claims(again.text("id_token"))["email"], "ada@example.com");
    let about = userinfo::claims(&front.cx, &front.view, again.access()).await.expect("claims");
    assert_eq!(about["name"], "Ada");
}

#[tokio::test]
async fn a_claim_of_another_value_is_not_told() {
    let front = Front::new().await;
    let wanted = json!({ "userinfo": {
        "name": { "value": "Grace" }, "birthdate": { "values": ["1815-12-10", "1906-12-09"] }, "tier": { "value": 1 },
    } });
    let (_, about) = granted(&front, "openid profile crm", "openid", &wanted).await;
    let sub = front.user.id.to_string();
    assert_eq!(Value::Object(about), json!({ "sub": sub, "birthdate": "1815-12-10" }));
}

#[tokio::test]
async fn a_claim_needs_the_scope_that_opens_it() {
    let front = Front::new().await;
    let (challenge, claims) = (challenge(), r#"{"userinfo":{"email":null,"phone_number":null}}"#);
    let mut asked = request("app", "openid", &challenge);
    asked.push(("claims", claims));
    front.allow(&front.app, "openid").await;
    let checked = front.check(&asked).await.expect("a good request");
    assert!(!checked.request.claims.userinfo.contains_key("phone_number"), "beyond what the client may ask for");
    let step = authorize::next_step(&front.cx, &front.view, &checked, Some(&front.session), Done::default()).await;
    let expected = Step::Consent { asked: ScopeSet::parse("openid email").expect("scopes") };
    assert_eq!(step.expect("a step"), expected, "the user is asked");

    front.allow(&front.app, "openid email").await;
    let answer =
        authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default()).await.expect("a code");
    let tokens = front.redeem(&front.app, answer.parameter("code").expect("a code")).await.expect("tokens");
    assert_eq!(tokens.text("scope"), "openid", "the scope itself was not asked for");
    let about = userinfo::claims(&front.cx, &front.view, tokens.access()).await.expect("claims");
    assert_eq!(about["email"], "ada@example.com");

    // What the client may no longer ask for, it is no longer told.
    let mut app = front.app.clone();
    app.scopes = ScopeSet::parse("openid profile").expect("scopes");
    front.update(&app).await;
    let about = userinfo::claims(&front.cx, &front.view, tokens.access()).await.expect("claims");
    assert!(!about.contains_key("email"));
    let refusal = authorize::recheck(&front.cx, &front.view, checked.request).await.expect_err("refused");
    assert!(matches!(refusal, Refusal::Answer(answer) if answer.parameter("error") == Some("invalid_scope")));
}

#[tokio::test]
async fn t034_claims_are_read_strictly() {
    let front = Front::new().await;
    let many = |count: usize| {
        let members: Vec<_> = (0..count).map(|at| format!("\"c{at}\":null")).collect();
        format!("{{\"userinfo\":{{{}}}}}", members.join(","))
    };
    for good in ["{}", r#"{"userinfo":{}}"#, r#"{"userinfo":null}"#, r#"{"x":{"y":[1]}}"#, &many(64)] {
        assert_eq!(error(&front, good).await, None, "{good:.60}");
    }
    for bad in [
        "{{{",
        "[]",
        "null",
        "1",
        "\"{}\"",
        "{} {}",
        r#"{"userinfo":[]}"#,
        r#"{"userinfo":{"name":true}}"#,
        r#"{"userinfo":{"name":{"essential":1}}}"#,
        r#"{"userinfo":{"name":{"values":1}}}"#,
        r#"{"userinfo":{"name":{"values":[]}}}"#,
        r#"{"userinfo":{"name":{"value":1,"values":[1]}}}"#,
        r#"{"userinfo":{},"userinfo":{}}"#,
        r#"{"userinfo":{"name":null,"name":null}}"#,
        r#"{"id_token":{"acr":{"values":[{"a":1,"a":2}]}}}"#,
        r#"{"id_token":{"sub":{"values":["a","b"]}}}"#,
        &many(65),
        &"[".repeat(8000),
        &format!("{}1{}", "{\"a\":".repeat(1000), "}".repeat(1000)),
        &format!("{{\"a\":\"{}\"}}", "x".repeat(8192)),
    ] {
        assert_eq!(error(&front, bad).await.as_deref(), Some("invalid_request"), "{bad:.60}");
    }
}

#[tokio::test]
async fn a_sub_is_about_one_user() {
    let front = Front::new().await;
    front.allow(&front.app, "openid").await;
    let challenge = challenge();
    for (sub, expected) in [
        (front.user.id.to_string(), "issue"),
        (UserId::generate(&*front.random, front.cx.clock.now()).to_string(), "login_required"),
    ] {
        for place in ["id_token", "userinfo"] {
            let claims = json!({ place: { "sub": { "value": sub } } }).to_string();
            let mut asked = request("app", "openid", &challenge);
            asked.extend([("claims", claims.as_str()), ("prompt", "none")]);
            let checked = front.check(&asked).await.expect("a good request");
            let step =
                authorize::next_step(&front.cx, &front.view, &checked, Some(&front.session), Done::default()).await;
            let step = match &step {
                Ok(Step::Issue) => "issue",
                Err(Refusal::Answer(answer)) => answer.parameter("error").expect("an error"),
                other => panic!("{other:?}"),
            };
            assert_eq!(step, expected, "{place}");
        }
    }
    let nobody = r#"{"id_token":{"sub":{"value":"nobody"}}}"#;
    assert_eq!(error(&front, nobody).await.as_deref(), Some("login_required"));
    let tokens = front.sign_in(&front.app, "openid").await;
    let other = UserId::generate(&*front.random, front.cx.clock.now()).to_string();
    let claims = json!({ "id_token": { "sub": { "value": other } } }).to_string();
    let mut asked = request("app", "openid", &challenge);
    asked.extend([("claims", claims.as_str()), ("id_token_hint", tokens.text("id_token"))]);
    let refusal = front.check(&asked).await.expect_err("two users");
    assert!(matches!(refusal, Refusal::Answer(answer) if answer.parameter("error") == Some("invalid_request")));
}

#[tokio::test]
async fn p015_an_acr_is_told_where_it_was_asked_for() {
    let front = Front::new().await;
    let password = Acr::Password.as_str();
    for (wanted, told) in [
        (json!({}), None),
        (json!({ "id_token": { "acr": null } }), Some(password)),
        (json!({ "id_token": { "acr": { "values": ["gold"] } } }), Some(password)),
        (json!({ "id_token": { "acr": { "essential": true } } }), Some(password)),
        (json!({ "id_token": { "acr": { "essential": true, "values": ["gold", password] } } }), Some(password)),
        (json!({ "id_token": { "acr": { "essential": true, "value": password } } }), Some(password)),
    ] {
        let (tokens, _) = granted(&front, "openid offline_access", "openid offline_access", &wanted).await;
        let said = Front::claims(tokens.text("id_token"));
        assert_eq!(said.get("acr").and_then(Value::as_str), told, "{wanted}");
        assert_eq!(said["amr"], json!(["pwd"]));
        let again = front.refresh(&front.app, tokens.refresh()).await.expect("tokens");
        assert_eq!(Front::claims(again.text("id_token")).get("acr").and_then(Value::as_str), told, "{wanted}");
    }
    let challenge = challenge();
    let mut asked = request("app", "openid", &challenge);
    asked.push(("acr_values", "gold silver"));
    let answer = front.answer(&front.app, &asked).await;
    let tokens = front.redeem(&front.app, answer.parameter("code").expect("a code")).await.expect("tokens");
    assert_eq!(Front::claims(tokens.text("id_token"))["acr"], password);
}

#[tokio::test]
async fn an_acr_that_no_sign_in_proves_is_refused_before_anybody_signs_in() {
    let front = Front::new().await;
    for unmet in [
        r#"{"id_token":{"acr":{"essential":true,"value":"gold"}}}"#,
        r#"{"id_token":{"acr":{"essential":true,"values":["gold",1,null]}}}"#,
    ] {
        assert_eq!(error(&front, unmet).await.as_deref(), Some("unmet_authentication_requirements"), "{unmet}");
    }
}
