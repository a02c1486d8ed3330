//! Cookies: whose they are and where they go.

use std::time::Duration;

use http::StatusCode;

use crate::{
    browser::Browser,
    world::{Answer, PASSWORD, World},
};

fn set(answer: &Answer) -> Vec<&str> {
    answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().expect("ascii")).collect()
}

#[tokio::test]
async fn over_tls_they_are_secure_and_keep_to_their_tenant() {
    let world = World::at("https://id.example/sso", "/sso").await;
    let mut browser = Browser::new(&world);
    let page = browser.authorize("acme", "").await;
    let [line] = set(&page)[..] else { panic!("one cookie") };
    let (pair, attributes) = line.split_once("; ").expect("attributes");
    assert!(pair.starts_with("__Secure-chancery-browser=chb_") && pair.len() < 200, "{pair}");
    assert_eq!(attributes, "Path=/sso/t/acme; HttpOnly; SameSite=Lax; Secure");
    let consent = browser.sign_in("acme", &page, "ada", PASSWORD).await;
    let [line] = set(&consent)[..] else { panic!("one cookie") };
    let (pair, attributes) = line.split_once("; ").expect("attributes");
    assert!(pair.starts_with("__Secure-chancery-session=chs_"), "{pair}");
    assert_eq!(attributes, "Path=/sso/t/acme; HttpOnly; SameSite=Lax; Secure");
}

#[tokio::test]
async fn over_plain_loopback_they_have_no_prefix() {
    let world = World::at("http://127.0.0.1:8080", "").await;
    let page = world.look("/t/acme/").await;
    let [line] = set(&page)[..] else { panic!("one cookie") };
    assert!(line.starts_with("chancery-browser=chb_"), "{line}");
    assert!(line.ends_with("; Path=/t/acme; HttpOnly; SameSite=Lax"), "{line}");
}

#[tokio::test]
async fn a_browser_gets_its_cookie_once() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    assert_eq!(set(&browser.get("/t/acme/").await).len(), 1);
    assert_eq!(set(&browser.get("/t/acme/signin").await).len(), 0);
}

#[tokio::test]
async fn a_new_sign_in_is_a_new_session() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.arrive("acme").await;
    let before = browser.cookies["__Secure-chancery-session"].clone();
    world.clock.advance(Duration::from_secs(1));
    let page = browser.authorize("acme", "&prompt=login").await;
    browser.sign_in("acme", &page, "ada", PASSWORD).await;
    assert_ne!(browser.cookies["__Secure-chancery-session"], before);
    browser.cookies.insert("__Secure-chancery-session".to_owned(), before);
    assert!(browser.authorize("acme", "").await.body.contains("login-submit"), "the old session is over");
}

#[tokio::test]
async fn of_two_cookies_of_one_name_none_is_believed() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.arrive("acme").await;
    let own = browser.cookies["__Secure-chancery-session"].clone();
    assert_eq!(browser.authorize("acme", "").await.status, StatusCode::SEE_OTHER);
    let planted = format!("{own}; __Secure-chancery-session=chs_planted");
    browser.cookies.insert("__Secure-chancery-session".to_owned(), planted);
    assert!(browser.authorize("acme", "").await.body.contains("login-submit"));
}
