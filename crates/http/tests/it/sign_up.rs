//! People who make themselves an account on the way.

use std::time::Duration;

use http::StatusCode;

use crate::{
    browser::{Browser, parameter},
    world::{PASSWORD, World},
};

#[tokio::test]
async fn who_makes_an_account_comes_back_and_goes_on() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.arrive("open").await;
    world.clock.advance(Duration::from_secs(60));
    let away = browser.authorize("open", "&prompt=create&login_hint=new%40example.com&ui_locales=de%20en").await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);
    let place = away.header("location").to_owned();
    assert!(place.starts_with("https://open.example/join?from=here&return_to="), "{place}");
    assert_eq!(parameter(&place, "client_id").as_deref(), Some("app"));
    assert_eq!(parameter(&place, "login_hint").as_deref(), Some("new@example.com"));
    assert_eq!(parameter(&place, "ui_locales").as_deref(), Some("de en"));
    let back = parameter(&place, "return_to").expect("an address");
    let back = back.strip_prefix("https://id.example").expect("ours").to_owned();
    assert!(!back.contains("s1"), "sealed");

    // Somebody is signed in already, and still signs in with the new account.
    let page = browser.get(&back).await;
    assert_eq!(page.status, StatusCode::OK);
    let answer = browser.sign_in("open", &page, "ada", PASSWORD).await;
    assert!(parameter(answer.header("location"), "code").is_some(), "{}", answer.body);
    assert_eq!(parameter(answer.header("location"), "state").as_deref(), Some("s1"));
}

#[tokio::test]
async fn t024_the_way_back_is_for_one_browser_one_tenant_and_a_while() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let away = browser.authorize("open", "&prompt=create").await;
    let back = parameter(away.header("location"), "return_to").expect("an address");
    let back = back.strip_prefix("https://id.example").expect("ours").to_owned();
    let mut spoilt = back.clone();
    let last = if spoilt.ends_with('A') { "B" } else { "A" };
    spoilt.replace_range(spoilt.len() - 1.., last);
    let elsewhere = back.replace("/t/open/", "/t/acme/");
    for (path, own) in [(&back, false), (&spoilt, true), (&elsewhere, true)] {
        let page = if own { browser.get(path).await } else { Browser::new(&world).get(path).await };
        assert_eq!((page.status, page.header("location")), (StatusCode::BAD_REQUEST, ""), "{path}");
        assert_eq!(page.error_code(), "invalid_request");
    }
    assert_eq!(browser.get(&back).await.status, StatusCode::OK);
    world.clock.advance(Duration::from_secs(1801));
    assert_eq!(browser.get(&back).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn without_such_a_place_it_is_not_offered() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.arrive("acme").await;
    world.clock.advance(Duration::from_secs(60));
    let answer = browser.authorize("acme", "&prompt=create").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(answer.header("location").contains("error=invalid_request&"), "{}", answer.header("location"));
}
