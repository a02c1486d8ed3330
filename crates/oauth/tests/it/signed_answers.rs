//! Answers that are signed (JWT Secured Authorization Response Mode).

use chancery_domain::{
    secret::from_base64url,
    time::Clock,
    vocabulary::{Algorithm, ResponseMode, ResponseType},
};
use chancery_oauth::{
    authorize::{self, Carried, Refusal},
    parameters::Parameters,
};
use serde_json::{Value, json};

use crate::front::{CALLBACK, Front, challenge, form, request};

/// The header and the claims of the only parameter.
fn opened(carried: Carried) -> (Value, Value) {
    let response = match carried {
        Carried::Redirect(url) => {
            let rest = url.strip_prefix(CALLBACK).expect("the redirect URI");
            let read = Parameters::parse(&rest.as_bytes()[1..]).expect("a form");
            read.one("response").expect("a response").to_owned()
        }
        Carried::Form { action, fields } => {
            assert_eq!((action.as_str(), fields.len(), fields[0].0), (CALLBACK, 1, "response"));
            fields[0].1.clone()
        }
    };
    let part = |at: usize| {
        let bytes = from_base64url(response.split('.').nth(at).expect("three parts")).expect("base64url");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    (part(0), part(1))
}

#[tokio::test]
async fn p060_a_signed_answer_says_for_whom_it_is_and_for_how_long() {
    let front = Front::open().await;
    let challenge = challenge();
    for (mode, place) in [("jwt", '?'), ("query.jwt", '?'), ("fragment.jwt", '#'), ("form_post.jwt", ' ')] {
        let mut asked = request("app", "openid", &challenge);
        asked.push(("response_mode", mode));
        let answer = front.answer(&front.app, &asked).await;
        let code = answer.parameter("code").expect("a code").to_owned();
        let carried = authorize::carry(&front.cx, &front.view, answer).await.expect("carried");
        if let Carried::Redirect(url) = &carried {
            assert_eq!(url.as_bytes()[CALLBACK.len()], place as u8, "{mode}");
        }
        assert!(!format!("{carried:?}").contains("eyJ"), "{carried:?}");
        let (header, claims) = opened(carried);
        assert_eq!((&header["alg"], header.get("typ").filter(|typ| !typ.is_null())), (&json!("RS256"), None));
        let exp = front.clock.now().seconds() + 600;
        let expected = json!({
            "iss": front.view.issuer.as_str(), "aud": "app", "exp": exp, "code": code, "state": "a state",
        });
        assert_eq!(claims, expected, "{mode}");
    }
}

#[tokio::test]
async fn p009_errors_and_refusals_are_signed_too() {
    let front = Front::open().await;
    let challenge = challenge();
    let mut asked = request("app", "openid unheard-of", &challenge);
    asked.push(("response_mode", "jwt"));
    let Err(Refusal::Answer(answer)) = front.check(&asked).await else { panic!("an answer") };
    assert_eq!(answer.mode, ResponseMode::QueryJwt);
    let (_, claims) = opened(authorize::carry(&front.cx, &front.view, answer).await.expect("carried"));
    assert_eq!((&claims["error"], &claims["state"]), (&json!("invalid_scope"), &json!("a state")));
    assert!(claims.get("code").is_none());
}

#[tokio::test]
async fn a_client_chooses_the_algorithm_that_the_tenant_has_a_key_for() {
    let mut front = Front::open().await;
    let challenge = challenge();
    let mut view = crate::front::view_of(front.view.tenant.clone(), front.clock.now());
    view.signing_algorithms = vec![Algorithm::Rs256, Algorithm::Es384];
    front.view = front.directory.show(view);
    for (registered, used) in [(None, "RS256"), (Some(Algorithm::Es384), "ES384"), (Some(Algorithm::EdDsa), "RS256")] {
        let mut app = front.app.clone();
        app.metadata.authorization_signing = registered;
        front.update(&app).await;
        let mut asked = request("app", "openid", &challenge);
        asked.push(("response_mode", "jwt"));
        let checked = front.check(&asked).await.expect("a good request");
        let answer = authorize::deny(&front.cx, &front.view, &checked).await.expect("an answer");
        let (header, _) = opened(authorize::carry(&front.cx, &front.view, answer).await.expect("carried"));
        assert_eq!(header["alg"], used, "{registered:?}");
    }
}

#[tokio::test]
async fn every_response_type_goes_by_every_mode_but_a_query() {
    let front = Front::open().await;
    let challenge = challenge();
    for response_type in ResponseType::ALL {
        for mode in ResponseMode::ALL {
            let mut asked = request("app", "openid", &challenge);
            asked.retain(|(name, _)| *name != "response_type");
            asked.extend([("response_type", response_type.as_str()), ("response_mode", mode.as_str()), ("nonce", "n")]);
            let legal = !(mode.is_in_query() && response_type.has_front_channel_token());
            let checked = authorize::check(&front.cx, &front.view, &form(&asked)).await;
            assert_eq!(checked.is_ok(), legal, "{response_type} {mode}");
            let Ok(checked) = checked else { continue };
            let answer = authorize::deny(&front.cx, &front.view, &checked).await.expect("an answer");
            let carried = authorize::carry(&front.cx, &front.view, answer).await.expect("carried");
            let in_query = matches!(&carried, Carried::Redirect(url) if url.contains('?'));
            assert!(!in_query || !response_type.has_front_channel_token(), "{response_type} {mode}");
        }
    }
}
