//! From the application to its redirect URI, and the ways in which that can go wrong.

use std::time::Duration;

use axum::body::Body;
use chancery_domain::ports::store::Store;
use http::{Request, StatusCode};

use crate::{
    browser::{Browser, parameter, request},
    world::{PASSWORD, World},
};

#[tokio::test]
async fn somebody_signs_in_allows_and_arrives() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.authorize("acme", "&login_hint=%22%3E%3Cscript%3E").await;
    assert_eq!(page.status, StatusCode::OK);
    for name in [
        "name=\"username\"",
        "name=\"password\"",
        "id=\"login-submit\"",
        "id=\"client-logo\"",
        "id=\"client-policy\"",
        "id=\"client-tos\"",
    ] {
        assert!(page.body.contains(name), "{name}");
    }
    assert!(!page.body.contains("<script"), "escaped");
    let consent = browser.sign_in("acme", &page, "ada@example.com", PASSWORD).await;
    assert_eq!(consent.status, StatusCode::OK);
    for name in ["id=\"consent-allow\"", "id=\"consent-deny\"", "See your e-mail address", "<strong>ada</strong>"] {
        assert!(consent.body.contains(name), "{name}: {}", consent.body);
    }
    let answer = browser.decide("acme", &consent, "allow").await;
    let location = answer.header("location");
    assert!(location.starts_with("https://app.example/cb?"), "{location}");
    assert!(parameter(location, "code").is_some_and(|code| code.starts_with("chc_")));
    assert_eq!(parameter(location, "state").as_deref(), Some("s1"));
    assert_eq!(parameter(location, "iss").as_deref(), Some("https://id.example/t/acme"));
    // Both are remembered.
    let again = browser.authorize("acme", "&prompt=none").await;
    assert!(parameter(again.header("location"), "code").is_some());
}

#[tokio::test]
async fn who_says_no_is_heard() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.authorize("acme", "").await;
    let consent = browser.sign_in("acme", &page, "ada", PASSWORD).await;
    let answer = browser.decide("acme", &consent, "deny").await;
    assert_eq!(parameter(answer.header("location"), "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(answer.header("location"), "code"), None);
}

#[tokio::test]
async fn an_answer_by_form_works_without_a_script() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.arrive("acme").await;
    let page = browser.authorize("acme", "&response_mode=form_post").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.field("code").starts_with("chc_"));
    assert_eq!((page.field("state").as_str(), page.field("iss").as_str()), ("s1", "https://id.example/t/acme"));
    assert!(page.body.contains("action=\"https://app.example/cb\"") && page.body.contains(">Continue</button>"));
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_look_the_same() {
    let world = World::new().await;
    let mut seen = Vec::new();
    for name in ["ada", "eve"] {
        let mut browser = Browser::new(&world);
        let page = browser.authorize("acme", "").await;
        let answer = browser.sign_in("acme", &page, name, "wrong").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        let flow = answer.field("flow");
        let body = answer.body.replace(&flow, "FLOW").replace(&format!("value=\"{name}\""), "NAME");
        let headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        seen.push((body, headers, flow.len()));
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let mut page = browser.authorize("acme", "").await;
    for _ in 0..40 {
        page = browser.sign_in("acme", &page, "ada", "wrong").await;
        if page.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
    }
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds >= 1));
    assert!(page.body.contains("Too many attempts"));
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let world = World::new().await;
    let strange = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "null"),
        ("origin", "https://evil.example"),
    ];
    for header in strange {
        let mut browser = Browser::new(&world);
        let page = browser.authorize("acme", "").await;
        browser.headers = vec![("accept", "text/html"), header];
        for path in ["/t/acme/signin", "/t/acme/consent", "/t/acme/signout"] {
            let answer =
                browser.post(path, &[("username", "ada"), ("password", PASSWORD), ("flow", &page.field("flow"))]).await;
            assert_eq!(
                (answer.status, answer.error_code()),
                (StatusCode::FORBIDDEN, "access_denied"),
                "{header:?} {path}"
            );
        }
    }
    let mut program = Browser::new(&world);
    program.headers = vec![("origin", "https://id.example")];
    assert_eq!(program.arrive("acme").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_page_works_in_its_own_browser_for_half_an_hour_and_for_its_own_purpose() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.authorize("acme", "").await;
    let mut other = Browser::new(&world);
    other.get("/t/acme/").await;
    let stolen = other.sign_in("acme", &page, "ada", PASSWORD).await;
    assert_eq!((stolen.status, stolen.error_code()), (StatusCode::BAD_REQUEST, "invalid_request"));
    let misused = browser.decide("acme", &page, "allow").await;
    assert_eq!((misused.status, misused.error_code()), (StatusCode::BAD_REQUEST, "invalid_request"));
    world.clock.advance(Duration::from_secs(1801));
    let late = browser.sign_in("acme", &page, "ada", PASSWORD).await;
    assert_eq!((late.status, late.error_code()), (StatusCode::BAD_REQUEST, "invalid_request"));
}

#[tokio::test]
async fn a_consent_belongs_to_its_session() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.authorize("acme", "").await;
    let consent = browser.sign_in("acme", &page, "ada", PASSWORD).await;
    browser.cookies.remove("__Secure-chancery-session");
    browser.sign_in("acme", &page, "ada", PASSWORD).await;
    let answer = browser.decide("acme", &consent, "allow").await;
    assert_eq!((answer.status, answer.error_code()), (StatusCode::BAD_REQUEST, "invalid_request"));
    browser.cookies.remove("__Secure-chancery-session");
    assert_eq!(browser.decide("acme", &consent, "allow").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_has_no_safe_place_to_go_is_a_page() {
    let world = World::new().await;
    for query in [
        "client_id=nobody",
        "client_id=app&redirect_uri=https%3A%2F%2Fevil.example%2F",
        "",
        "client_id=app&client_id=app",
    ] {
        let page = world.look(&format!("/t/acme/oauth2/authorize?{query}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(page.header("location"), "");
        assert!(!page.error_code().is_empty());
    }
}

#[tokio::test]
async fn a_form_of_the_application_is_sent_on_as_a_get() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.arrive("acme").await;
    let cookies = std::mem::take(&mut browser.cookies);
    let post = Request::post("/t/acme/oauth2/authorize")
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = world.send(post.body(Body::from(request())).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let url = answer.header("location").to_owned();
    assert_eq!(url, format!("https://id.example/t/acme/oauth2/authorize?{}", request()));
    browser.cookies = cookies;
    let answer = browser.get(url.trim_start_matches("https://id.example")).await;
    assert!(parameter(answer.header("location"), "code").is_some());
    // From a page of no site at all, a form is answered as it is.
    let plain = world.post("/t/acme/oauth2/authorize", &request()).await;
    assert!(plain.body.contains("login-submit"));
}

#[tokio::test]
async fn t195_p013_a_form_of_another_site_spoils_no_page_in_another_tab() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.authorize("acme", "").await;
    let twice = format!("{}&client_id=app", request());
    let long = format!("{}&whatever={}", request(), "x".repeat(6 * 1024));
    for (path, form) in [
        ("oauth2/authorize", request()),
        ("oauth2/authorize", twice),
        ("oauth2/authorize", long),
        ("oauth2/logout", String::new()),
        ("oauth2/logout", "state=1&state=2".to_owned()),
        ("signin", "username=ada".to_owned()),
        ("consent", String::new()),
        ("signout", String::new()),
    ] {
        for sender in [("sec-fetch-site", "cross-site"), ("origin", "https://app.example"), ("origin", "null")] {
            let answer = world.post_with(&format!("/t/acme/{path}"), &form, &[sender, ("accept", "text/html")]).await;
            assert_eq!(answer.headers.get("set-cookie"), None, "{sender:?} {path}: {form:.80}");
        }
    }
    let consent = browser.sign_in("acme", &page, "ada", PASSWORD).await;
    assert!(consent.body.contains("consent-allow"), "{}", consent.body);
}

#[tokio::test]
async fn p013_a_long_form_of_the_application_finds_who_is_signed_in() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.arrive("acme").await;
    let long = format!("{}&prompt=none&whatever={}", request(), "x".repeat(6 * 1024));
    for headers in [("sec-fetch-site", "cross-site"), ("origin", "https://app.example"), ("origin", "null")] {
        let page = world.post_with("/t/acme/oauth2/authorize", &long, &[headers]).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::OK, ""), "{headers:?}");
        assert_eq!((page.field("client_id"), page.field("posted_again")), ("app".to_owned(), "1".to_owned()));
        let policy = page.header("content-security-policy");
        assert!(policy.contains("script-src 'sha256-") && !policy.contains("form-action"), "{policy}");
    }
    let fields = url::form_urlencoded::parse(long.as_bytes()).into_owned().collect::<Vec<_>>();
    let mut fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("posted_again", "1"));
    let answer = browser.post("/t/acme/oauth2/authorize", &fields).await;
    assert!(parameter(answer.header("location"), "code").is_some(), "{:?}", answer.headers);
    // An older browser without cookies is asked to sign in, and not sent round.
    let form = format!("{}&posted_again=1&whatever={}", request(), "x".repeat(6 * 1024));
    let page = world.post_with("/t/acme/oauth2/authorize", &form, &[("origin", "null")]).await;
    assert!(page.body.contains("login-submit") && page.headers.get("set-cookie").is_some(), "{}", page.body);
}

/// A form posted to a URL with a query asks with both.
#[tokio::test]
async fn what_stands_in_query_and_form_stands_there_twice() {
    let world = World::new().await;
    let asked = async |more: &str| world.post(&format!("/t/acme/oauth2/authorize?{more}"), &request()).await;
    for more in ["client_id=other", "redirect_uri=https%3A%2F%2Fevil.example%2F"] {
        let page = asked(more).await;
        assert_eq!((page.status, page.error_code()), (StatusCode::BAD_REQUEST, "invalid_request"), "{more}");
        assert_eq!(page.header("location"), "");
    }
    let answer = asked("scope=openid").await;
    assert_eq!(parameter(answer.header("location"), "error").as_deref(), Some("invalid_request"));
    let page = asked("login_hint=ada").await;
    assert!(page.body.contains("login-submit") && page.body.contains(r#"value="ada""#));
}

#[tokio::test]
async fn the_start_page_signs_in_and_out() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let start = browser.get("/t/acme/").await;
    assert!(start.body.contains("You are not signed in") && start.body.contains("https://id.example/t/acme"));
    let page = browser.get("/t/acme/signin").await;
    let answer = browser.sign_in("acme", &page, "ada", PASSWORD).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "https://id.example/t/acme/"));
    let start = browser.get("/t/acme").await;
    assert!(start.body.contains("You are signed in as <strong>ada</strong>"), "{}", start.body);
    assert_eq!(browser.get("/t/acme/signin").await.status, StatusCode::SEE_OTHER);
    let gone = browser.post("/t/acme/signout", &[("flow", &start.field("flow"))]).await;
    assert!(gone.body.contains("id=\"logged-out\""), "{}", gone.body);
    assert!(!browser.cookies.contains_key("__Secure-chancery-session"));
}

#[tokio::test]
async fn the_longest_request_waits_in_the_page() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    // Each of these bytes takes six in JSON, and eight once that is sealed.
    let state = "%01".repeat(4096);
    let page = browser.authorize("acme", &format!("&nonce={}&login_hint={}", "n".repeat(384), "l".repeat(1024))).await;
    assert_eq!(page.status, StatusCode::OK);
    let path = world
        .at_tenant("acme", &format!("/oauth2/authorize?{}", request().replace("state=s1", &format!("state={state}"))));
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{:.300}", page.body);
    let consent = browser.sign_in("acme", &page, "ada", PASSWORD).await;
    assert_eq!(consent.status, StatusCode::OK, "{:.300}", consent.body);
    let answer = browser.decide("acme", &consent, "allow").await;
    assert_eq!(parameter(answer.header("location"), "state").map(|state| state.len()), Some(4096));
}

#[tokio::test]
async fn the_pages_speak_the_language_that_the_application_asks_for() {
    let world = World::new().await;
    for (asked, tag, button, scope) in [
        ("", "en", "Sign in", "See your e-mail address"),
        ("de-AT%20en", "de", "Anmelden", "Ihre E-Mail-Adresse sehen"),
        ("tlh%20fr", "fr", "Se connecter", "Voir votre adresse e-mail"),
        ("%3Cscript%3E", "en", "Sign in", "See your e-mail address"),
    ] {
        let mut browser = Browser::new(&world);
        let page = browser.authorize("acme", &format!("&ui_locales={asked}&prompt=login%20consent")).await;
        assert!(page.body.contains(&format!("<html lang=\"{tag}\">")), "{asked}");
        assert!(page.body.contains(&format!(">{button}</button>")), "{asked}");
        let again = browser.sign_in("acme", &page, "ada", "wrong").await;
        assert!(again.body.contains(&format!("<html lang=\"{tag}\">")), "{asked}");
        let consent = browser.sign_in("acme", &again, "ada", PASSWORD).await;
        assert!(consent.body.contains(scope), "{asked}: {}", consent.body);
    }
}

#[tokio::test]
async fn a_sign_in_that_becomes_too_old_on_the_consent_page_is_asked_for_again() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.arrive("acme").await;
    world.clock.advance(Duration::from_secs(50));
    let consent = browser.authorize("acme", "&max_age=60&prompt=consent").await;
    assert!(consent.body.contains("id=\"consent-allow\""), "{}", consent.body);
    world.clock.advance(Duration::from_secs(15));
    let page = browser.decide("acme", &consent, "allow").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.header("location"));
    assert!(page.body.contains("id=\"login-submit\""), "{}", page.body);
    let answer = browser.sign_in("acme", &page, "ada", PASSWORD).await;
    assert!(parameter(answer.header("location"), "code").is_some(), "what was allowed stays so");
}

#[tokio::test]
async fn replicas_whose_clocks_are_behind_ask_for_nothing_twice() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.arrive("acme").await;
    world.clock.advance(Duration::from_secs(60));
    let page = browser.authorize("acme", "&prompt=login%20consent").await;
    world.clock.rewind(Duration::from_secs(5));
    let consent = browser.sign_in("acme", &page, "ada", PASSWORD).await;
    assert!(consent.body.contains("id=\"consent-allow\""), "{} {}", consent.status, consent.body);
    let answer = browser.decide("acme", &consent, "allow").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(parameter(answer.header("location"), "code").is_some(), "{}", answer.header("location"));
}

#[tokio::test]
async fn what_was_allowed_goes_on_when_its_form_is_sent_again() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.authorize("acme", "&prompt=login%20consent").await;
    let consent = browser.sign_in("acme", &page, "ada", PASSWORD).await;
    let codes = [browser.decide("acme", &consent, "allow").await, browser.decide("acme", &consent, "allow").await];
    let codes = codes.map(|answer| parameter(answer.header("location"), "code").expect("a code"));
    assert_ne!(codes[0], codes[1]);
}

#[tokio::test]
async fn t184_a_consent_that_was_withdrawn_does_not_come_back_with_its_form() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.authorize("acme", "").await;
    let consent = browser.sign_in("acme", &page, "ada", PASSWORD).await;
    let answer = browser.decide("acme", &consent, "allow").await;
    assert!(parameter(answer.header("location"), "code").is_some());
    let rows = Store::read(&world.store, world.tenants["acme"]);
    let ada = rows.users().find_by_login(&"ada".parse().expect("a name")).await.expect("read").expect("there");
    let app = rows.clients().find(&"app".parse().expect("an id")).await.expect("read").expect("there");
    let tx = Store::begin(&world.store, world.tenants["acme"]).await.expect("begun");
    assert!(tx.consent_withdrawals().withdraw(ada.id, app.uid).await.expect("withdrawn"));
    tx.commit().await.expect("durable");

    let again = browser.decide("acme", &consent, "allow").await;
    assert_eq!((again.status, again.error_code()), (StatusCode::BAD_REQUEST, "invalid_request"));
    assert_eq!(again.header("location"), "");
    assert!(rows.consents().find(ada.id, app.uid).await.expect("read").is_none());
    // Whoever begins again is asked again.
    let asked = browser.authorize("acme", "").await;
    assert!(asked.body.contains("id=\"consent-allow\""));
}
