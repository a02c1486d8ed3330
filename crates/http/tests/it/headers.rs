//! What every page and every answer carries.

use http::StatusCode;

use crate::{
    browser::{Browser, request},
    world::{Answer, PASSWORD, World},
};

#[tokio::test]
async fn every_page_is_safe_to_show() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let start = browser.get("/t/acme/").await;
    let sign_in = browser.authorize("acme", "").await;
    let wrong = browser.sign_in("acme", &sign_in, "ada", "wrong").await;
    let consent = browser.sign_in("acme", &sign_in, "ada", PASSWORD).await;
    let post = browser.authorize("acme", "&response_mode=form_post&prompt=none").await;
    let question = browser.get("/t/acme/oauth2/logout").await;
    let signed_out = browser.post("/t/acme/signout", &[("flow", &question.field("flow"))]).await;
    let unknown = browser.get("/t/nobody/").await;
    let nothing = browser.get("/nothing").await;
    let method = browser.get("/t/acme/consent").await;
    let refused = browser.get("/t/acme/oauth2/authorize?client_id=nobody").await;
    let landing = browser.get("/").await;
    let pages =
        [start, sign_in, wrong, consent, post, question, signed_out, unknown, nothing, method, refused, landing];
    for page in &pages {
        is_safe(page);
    }
    // The sign-in, consent and answer pages lead on to the application; of no other may a form leave us.
    for (at, page) in pages.iter().enumerate() {
        let stays = page.header("content-security-policy").contains("form-action 'self';");
        assert_eq!(stays, ![1, 2, 3, 4].contains(&at), "{}", title(page));
    }
    let titles: Vec<&str> = pages.iter().map(title).collect();
    assert_eq!(titles[3], "Allow Sundial &#60;Photos&#62;? · Tenant acme");
    assert_eq!(titles[4], "One moment · Tenant acme");
    assert_eq!(titles[6], "Signed out · Tenant acme");
}

fn is_safe(page: &Answer) {
    let what = title(page);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{what}");
    assert_eq!(page.header("x-frame-options"), "DENY", "{what}");
    assert_eq!(page.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(page.header("referrer-policy"), "no-referrer", "{what}");
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin", "{what}");
    assert_eq!(page.header("cache-control"), "no-store", "{what}");
    assert_eq!(page.header("x-request-id").len(), 16, "{what}");
    let policy = page.header("content-security-policy");
    for rule in ["default-src 'none'; style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(rule), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    let scripts = page.body.matches("<script").count();
    assert_eq!(scripts, usize::from(policy.contains("script-src 'sha256-")), "{what}");
    for inline in [" style=", " onclick=", " onload=", "javascript:"] {
        assert!(!page.body.contains(inline), "{what} has {inline}");
    }
}

#[tokio::test]
async fn forms_may_lead_where_their_answer_goes() {
    let world = World::new().await;
    let page = world.look(&format!("/t/acme/oauth2/authorize?{}", request())).await;
    // An application may send people on to wherever it likes, and browsers would hold this against it.
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("form-action"), "{policy}");
    let page = world.look("/t/acme/signin").await;
    assert!(page.header("content-security-policy").contains("form-action 'self';"));
}

#[tokio::test]
async fn assets_may_be_kept_for_ever() {
    let world = World::new().await;
    let page = world.look("/").await;
    let hrefs = page.body.split("href=\"").skip(1).map(|rest| rest.split('"').next().expect("a value"));
    let assets: Vec<&str> = hrefs.filter(|href| href.starts_with("/assets/")).collect();
    assert_eq!(assets.len(), 2);
    for path in assets {
        let asset = world.get(path).await;
        assert_eq!(asset.status, StatusCode::OK);
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(asset.header("x-content-type-options"), "nosniff");
    }
    for trick in ["/assets/../Cargo.toml", "/assets/%2e%2e/Cargo.toml", "/assets/chancery.css"] {
        assert_eq!(world.get(trick).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_redirect_after_a_form_is_always_a_get() {
    let world = World::new().await;
    let answer = Browser::new(&world).arrive("acme").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!((answer.header("cache-control"), answer.header("referrer-policy")), ("no-store", "no-referrer"));
}

#[tokio::test]
async fn who_came_over_tls_stays_with_it() {
    let secure = World::new().await.look("/").await;
    assert_eq!(secure.header("strict-transport-security"), "max-age=31536000");
    let plain = World::at("http://127.0.0.1:8080", "").await.look("/").await;
    assert_eq!(plain.header("strict-transport-security"), "");
}

fn title(page: &Answer) -> &str {
    page.body.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).expect("a title")
}
