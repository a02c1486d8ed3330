//! Messages to places that clients registered.

use std::time::{Duration, Instant};

use chancery_domain::ports::outbound::{OutboundError, Post};

use crate::world::{FakeLookup, Script, Server, tenant};

async fn post(script: Script) -> (Result<(), OutboundError>, Vec<String>) {
    let server = Server::start(script).await;
    let client = server.client(&["keys.example"], &FakeLookup::loopback("keys.example"));
    let sent = client.post(tenant(), &server.uri("keys.example", "/logout"), &[("logout_token", "a.b-c+d")]).await;
    let requests = server.requests().clone();
    (sent, requests)
}

#[tokio::test]
async fn a_message_is_a_form() {
    let (sent, requests) = post(Script::status("200 OK", "")).await;
    sent.expect("taken");
    let request = requests.first().expect("a request");
    assert!(request.starts_with("POST /logout HTTP/1.1\r\n"));
    assert!(request.to_ascii_lowercase().contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"));
    assert!(request.ends_with("\r\n\r\nlogout_token=a.b-c%2Bd"), "{request}");
    post(Script::status("204 No Content", "")).await.0.expect("taken");
}

#[tokio::test]
async fn t221_a_place_that_hangs_is_given_up_after_three_seconds() {
    let began = Instant::now();
    assert_eq!(post(Script::Hang).await.0, Err(OutboundError::TooSlow));
    let took = began.elapsed();
    assert!((Duration::from_millis(2900)..Duration::from_millis(4500)).contains(&took), "{took:?}");
}

#[tokio::test]
async fn t221_what_a_place_says_beyond_its_status_is_not_read() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n".to_vec();
    let began = Instant::now();
    post(Script::Drip(head.clone())).await.0.expect("taken");
    post(Script::Flood(head, vec![b'x'; 65536])).await.0.expect("taken");
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn t153_t155_a_refusal_or_redirect_is_no_delivery() {
    for (status, code) in
        [("400 Bad Request", 400), ("302 Found", 302), ("500 Internal Server Error", 500), ("202 Accepted", 202)]
    {
        let (sent, requests) = post(Script::status(status, "Location: https://127.0.0.1/\r\n")).await;
        assert_eq!(sent, Err(OutboundError::Status(code)));
        assert_eq!(requests.len(), 1);
    }
}
