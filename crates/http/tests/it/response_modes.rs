//! How answers travel.

use http::StatusCode;

use crate::{
    browser::{Browser, CHALLENGE},
    world::{Answer, World},
};

/// A good request at `open` for that response type.
fn path(response_type: &str, more: &str) -> String {
    let response_type = response_type.replace(' ', "%20");
    format!(
        "/t/open/oauth2/authorize?client_id=app&response_type={response_type}&scope=openid&state=s1&nonce=n\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fcb&code_challenge={CHALLENGE}&code_challenge_method=S256{more}"
    )
}

fn fragment(answer: &Answer) -> &str {
    let location = answer.header("location");
    assert!(location.starts_with("https://app.example/cb#"), "{location}");
    location.split_once('#').expect("a fragment").1
}

#[tokio::test]
async fn p022_tokens_travel_in_the_fragment_and_errors_with_them() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.arrive("open").await;
    for (response_type, first) in
        [("id_token", "id_token="), ("id_token token", "access_token="), ("code id_token token", "code=")]
    {
        let answer = browser.get(&path(response_type, "&prompt=none")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(fragment(&answer).starts_with(first), "{response_type}");
        assert_eq!((answer.header("cache-control"), answer.header("referrer-policy")), ("no-store", "no-referrer"));
        let answer = browser.get(&path(response_type, "&max_age=x")).await;
        assert!(fragment(&answer).starts_with("error=invalid_request"), "{response_type}");
    }
}

#[tokio::test]
async fn t026_a_form_carries_an_answer_and_runs_nothing_of_it() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.arrive("open").await;
    let evil = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let asked =
        path("code id_token", "&response_mode=form_post&prompt=none").replace("state=s1", &format!("state={evil}"));
    let page = browser.get(&asked).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    assert!(page.field("state").contains("&#"), "escaped");
    assert!(!page.field("id_token").is_empty() && !page.field("code").is_empty());
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    let error = browser.get(&asked.replace("prompt=none", "prompt=nonsense")).await;
    assert_eq!((error.status, error.field("error").as_str()), (StatusCode::OK, "invalid_request"));
}

#[tokio::test]
async fn a_signed_answer_is_one_parameter() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.arrive("open").await;
    let answer = browser.get(&path("code id_token", "&response_mode=jwt&prompt=none")).await;
    let fragment = fragment(&answer);
    assert!(fragment.starts_with("response=") && !fragment.contains('&'), "{fragment}");
    let page = browser.get(&path("code", "&response_mode=form_post.jwt&prompt=none")).await;
    assert_eq!(page.body.matches("type=\"hidden\"").count(), 1);
    assert!(!page.field("response").is_empty());
}
