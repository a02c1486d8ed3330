//! How much a request may bring.

use chancery_domain::{
    resource::{Resource, Resources},
    scope::{Scope, ScopeSet},
    time::Clock,
};
use chancery_oauth::authorize::Refusal;

use crate::front::{Front, challenge, request, told, view_of};

/// A tenant with a hundred scopes of the longest form, each of which `app` may ask for.
async fn wide() -> (Front, String) {
    let mut front = Front::new().await;
    let mut view = view_of(front.view.tenant.clone(), front.clock.now());
    let values: Vec<String> = (0..63).map(|at| format!("{at:0>128}")).collect();
    for (at, value) in values.iter().enumerate() {
        let mut scope: Scope = view.scopes[0].clone();
        scope.slug = format!("s{at}").parse().expect("a slug");
        scope.value = value.parse().expect("a scope");
        view.scopes.push(scope);
    }
    let longest = view.tenant.settings.access_token_ttl;
    view.resources = Resources::new(vec![resource("https://api.example/", front.clock.now())], longest);
    front.view = front.directory.show(view);
    let mut app = front.app.clone();
    let scope = format!("openid {}", values.join(" "));
    app.scopes = ScopeSet::parse(&scope).expect("scopes");
    front.update(&app).await;
    (front, scope)
}

fn resource(identifier: &str, now: chancery_domain::time::Timestamp) -> Resource {
    let mut resource = Resource::new("api".parse().expect("a slug"), identifier.parse().expect("a URI"), now);
    resource.scopes = ScopeSet::parse(&format!("{:0>128}", 0)).expect("scopes");
    resource
}

#[tokio::test]
async fn t033_t037_the_longest_of_everything_works_and_one_byte_more_does_not() {
    let (front, scope) = wide().await;
    let challenge = challenge();
    let issuer = front.view.issuer.as_str().to_owned();
    let claims = {
        let head = r#"{"userinfo":{"name":null},"x":""#;
        format!("{head}{}\"}}", "y".repeat(8192 - head.len() - 2))
    };
    let longest = [
        ("state", "s".repeat(4096)),
        ("nonce", "n".repeat(384)),
        ("login_hint", "l".repeat(1024)),
        ("claims", claims),
        ("acr_values", "a ".repeat(512)),
        ("ui_locales", "de ".repeat(341) + "e"),
        ("claims_locales", "c".repeat(1024)),
        ("prompt", format!("{}login", " ".repeat(123))),
        ("display", "d".repeat(128)),
        ("max_age", u32::MAX.to_string()),
    ];
    let mut asked = request("app", &scope, &challenge);
    asked.retain(|(name, _)| *name != "state");
    asked.extend(longest.iter().map(|(name, value)| (*name, value.as_str())));
    asked.extend([("resource", "https://api.example/"); 10]);
    asked.extend([("resource", issuer.as_str()); 10]);
    let checked = front.check(&asked).await.unwrap_or_else(|refusal| panic!("{}", told(&refusal)));
    assert_eq!(checked.request.state.as_deref().map(str::len), Some(4096));
    assert_eq!(checked.request.nonce.as_deref().map(str::len), Some(384));
    assert_eq!(checked.request.max_age, Some(u32::MAX));

    for (name, value) in &longest {
        let longer = if *name == "max_age" { (u64::from(u32::MAX) + 1).to_string() } else { format!("{value} ") };
        let spoilt: Vec<_> =
            asked.iter().map(|(own, value)| (*own, if own == name { &*longer } else { value })).collect();
        let Err(Refusal::Answer(answer)) = front.check(&spoilt).await else { panic!("{name}") };
        assert_eq!(answer.parameter("error"), Some("invalid_request"), "{name}");
        assert!(answer.parameter("error_description").is_some_and(|hint| hint.starts_with(name)), "{name}: {answer:?}");
    }
    let mut spoilt = asked.clone();
    spoilt.push(("resource", &issuer));
    let Err(Refusal::Answer(answer)) = front.check(&spoilt).await else { panic!("resource") };
    assert_eq!(answer.parameter("error"), Some("invalid_target"));
    let long = "x".repeat(16_385);
    let mut spoilt = asked.clone();
    spoilt.push(("id_token_hint", &long));
    let Err(Refusal::Answer(answer)) = front.check(&spoilt).await else { panic!("id_token_hint") };
    assert_eq!(answer.parameter("error_description"), Some("id_token_hint must be at most 16384 bytes"));
}

#[tokio::test]
async fn p014_wishes_about_pages_refuse_nothing() {
    let front = Front::new().await;
    let challenge = challenge();
    for (name, value) in [
        ("display", "hologram"),
        ("ui_locales", "tlh  <script> de-CH-1996 en_US \u{fc}"),
        ("claims_locales", "\"nonsense"),
        ("acr_values", "0 urn:nobody \\"),
        ("login_hint", "<script>alert(1)</script>"),
    ] {
        let mut asked = request("app", "openid", &challenge);
        asked.push((name, value));
        let checked = front.check(&asked).await.unwrap_or_else(|refusal| panic!("{name}: {}", told(&refusal)));
        if name == "ui_locales" {
            assert_eq!(checked.request.ui_locales, ["tlh", "de-CH-1996"]);
        }
    }
}
