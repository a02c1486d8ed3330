//! The page behind a password link.

use axum::body::Body;
use chancery_domain::{
    password_link::PasswordLink,
    ports::store::Store,
    secret::{OpaqueToken, TokenKind},
    time::Clock,
    user::Login,
};
use chancery_testkit::SeededRandom;
use http::{Request, StatusCode};

use crate::{
    browser::Browser,
    world::{Answer, PASSWORD, World},
};

const NEW: &str = "battery staple";

/// A link for Ada at `acme`.
async fn link(world: &World, seed: u64) -> String {
    link_at(world, "acme", seed).await
}

/// The same at another tenant.
async fn link_at(world: &World, tenant: &str, seed: u64) -> String {
    let tenant = world.tenants[tenant];
    let login = "ada".parse::<Login>().expect("a login");
    let ada = world.store.read(tenant).users().find_by_login(&login).await.expect("read").expect("there");
    let (token, now) = (OpaqueToken::generate(TokenKind::PasswordLink, &SeededRandom::new(seed)), world.clock.now());
    let expires_at = now + PasswordLink::USUAL_LIFE;
    let link = PasswordLink { user: ada.id, digest: token.digest(), created_at: now, expires_at };
    let tx = world.store.begin(tenant).await.expect("begun");
    tx.password_links().put(&link).await.expect("put");
    tx.commit().await.expect("committed");
    token.expose().to_owned()
}

fn at(tenant: &str, link: &str) -> String {
    format!("/t/{tenant}/password?link={link}")
}

async fn choose(browser: &mut Browser<'_>, page: &Answer, password: &str, again: &str) -> Answer {
    let fields = [("flow", page.field("flow")), ("password", password.into()), ("again", again.into())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post("/t/acme/password", &fields).await
}

#[tokio::test]
async fn somebody_chooses_a_password_and_signs_in_with_it() {
    let world = World::new().await;
    let link = link(&world, 1).await;
    let mut browser = Browser::new(&world);
    let page = browser.get(&at("acme", &link)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("id=\"password-submit\"") && page.body.contains("autocomplete=\"new-password\""));
    assert!(!page.body.contains(&link), "the page does not repeat the link");
    for (header, value) in
        [("referrer-policy", "no-referrer"), ("cache-control", "no-store"), ("x-frame-options", "DENY")]
    {
        assert_eq!(page.header(header), value);
    }

    let differ = choose(&mut browser, &page, NEW, PASSWORD).await;
    assert_eq!(differ.status, StatusCode::UNPROCESSABLE_ENTITY);
    let short = choose(&mut browser, &differ, "short", "short").await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let set = choose(&mut browser, &short, NEW, NEW).await;
    assert!(set.status == StatusCode::OK && set.body.contains("id=\"password-set\""), "{}", set.body);

    let mut browser = Browser::new(&world);
    let page = browser.authorize("acme", "").await;
    let wrong = browser.sign_in("acme", &page, "ada", PASSWORD).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(browser.sign_in("acme", &page, "ada", NEW).await.body.contains("consent"));
}

#[tokio::test]
async fn t168_links_that_lead_nowhere_get_one_page() {
    let world = World::new().await;
    let used = link(&world, 1).await;
    let mut browser = Browser::new(&world);
    let page = browser.get(&at("acme", &used)).await;
    choose(&mut browser, &page, NEW, NEW).await;
    // Sent once more, from a page that was open before.
    let late = choose(&mut browser, &page, PASSWORD, PASSWORD).await;

    let never = OpaqueToken::generate(TokenKind::PasswordLink, &SeededRandom::new(77));
    let mut seen = vec![(late.status, late.body)];
    for path in [at("acme", &used), at("acme", never.expose()), at("acme", "x"), "/t/acme/password".to_owned()] {
        let answer = Browser::new(&world).get(&path).await;
        seen.push((answer.status, answer.body));
    }
    let old = link(&world, 2).await;
    let foreign = Browser::new(&world).get(&at("globex", &old)).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert!(foreign.body.contains("id=\"password-over\""));
    assert_eq!(
        Browser::new(&world).get(&at("acme", &old)).await.status,
        StatusCode::OK,
        "it was not used up elsewhere"
    );
    world.clock.advance(PasswordLink::USUAL_LIFE);
    let answer = Browser::new(&world).get(&at("acme", &old)).await;
    seen.push((answer.status, answer.body));
    assert_eq!(seen[0].0, StatusCode::NOT_FOUND);
    assert!(seen.windows(2).all(|two| two[0] == two[1]), "{seen:#?}");
}

#[tokio::test]
async fn a_page_made_for_another_browser_or_sent_by_another_site_sets_nothing() {
    let world = World::new().await;
    let link = link(&world, 1).await;
    let page = Browser::new(&world).get(&at("acme", &link)).await;
    let stranger = choose(&mut Browser::new(&world), &page, NEW, NEW).await;
    assert_eq!(stranger.status, StatusCode::BAD_REQUEST);

    let mut browser = Browser::new(&world);
    let page = browser.get(&at("acme", &link)).await;
    browser.headers = vec![("accept", "text/html"), ("sec-fetch-site", "cross-site")];
    assert_eq!(choose(&mut browser, &page, NEW, NEW).await.status, StatusCode::FORBIDDEN);
    let still = Browser::new(&world).get(&at("acme", &link)).await;
    assert_eq!(still.status, StatusCode::OK, "the link still leads there");
}

#[tokio::test]
async fn at_a_host_of_its_own_the_page_begins_at_the_root() {
    let world = World::new().await;
    let link = link_at(&world, "hosted", 1).await;
    let request = Request::get(format!("/password?link={link}")).header("host", "login.hosted.example");
    let page = world.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("action=\"/password\""), "{}", page.body);
}
