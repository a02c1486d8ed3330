//! How much is read, and how long is waited.

use std::time::{Duration, Instant};

use chancery_domain::{
    outbound::Document,
    ports::outbound::{Fetch, Fetched, OutboundError},
};

use crate::world::{FakeLookup, Script, Server, tenant};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

async fn fetch(script: Script, document: Document) -> Result<Fetched, OutboundError> {
    let server = Server::start(script).await;
    let client = server.client(&["keys.example"], &FakeLookup::loopback("keys.example"));
    client.fetch(tenant(), &server.uri("keys.example", "/"), document).await
}

/// A document of that kind, and how long it took until it was given up.
async fn give_up(script: Script, document: Document) -> Duration {
    let began = Instant::now();
    assert_eq!(fetch(script, document).await.expect_err("too slow"), OutboundError::TooSlow);
    began.elapsed()
}

#[tokio::test]
async fn t157_a_source_that_drips_is_given_up_after_three_seconds() {
    let long = format!("{HEAD}Content-Length: 60000\r\n\r\n").into_bytes();
    let (body, head, never) = tokio::join!(
        give_up(Script::Drip(long), Document::KeySet),
        give_up(Script::Drip(b"HTTP/1.1 200 OK\r\nX-Slow:".to_vec()), Document::KeySet),
        give_up(Script::Hang, Document::RequestObject),
    );
    for took in [body, head, never] {
        assert!((Duration::from_millis(2900)..Duration::from_millis(4500)).contains(&took), "{took:?}");
    }
}

#[tokio::test]
async fn t154_a_sector_identifier_is_given_up_after_five_seconds() {
    let took = give_up(Script::Hang, Document::SectorIdentifier).await;
    assert!((Duration::from_millis(4900)..Duration::from_millis(6500)).contains(&took), "{took:?}");
}

#[tokio::test]
async fn t154_t157_what_is_too_long_is_not_read() {
    let chunked = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    let until_closed = format!("{HEAD}\r\n").into_bytes();
    let chunk = [b"1000\r\n".as_slice(), &[b' '; 0x1000], b"\r\n"].concat();
    for document in [Document::KeySet, Document::SectorIdentifier, Document::RequestObject, Document::IssuerMetadata] {
        let announced = format!("{HEAD}Content-Length: 65537\r\n\r\n").into_bytes();
        let scripts = [
            Script::Answer(announced),
            Script::Flood(chunked.clone(), chunk.clone()),
            Script::Flood(until_closed.clone(), vec![b' '; 4096]),
        ];
        for script in scripts {
            assert_eq!(fetch(script, document).await.expect_err("too long"), OutboundError::TooLong, "{document:?}");
        }
    }
    let longest = " ".repeat(64 * 1024);
    assert_eq!(fetch(Script::json(&longest), Document::KeySet).await.expect("just fits").body.len(), 64 * 1024);
}

#[tokio::test]
async fn t157_what_inflates_is_not_inflated() {
    let head = format!("{HEAD}Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc").into_bytes();
    assert_eq!(fetch(Script::Answer(head), Document::KeySet).await.expect_err("packed"), OutboundError::WrongType);
}

#[tokio::test]
async fn a_page_is_no_document() {
    let page = || Script::document("text/html", "<p>");
    for document in [
        Document::KeySet,
        Document::SectorIdentifier,
        Document::RequestObject,
        Document::ClientMetadata,
        Document::IssuerMetadata,
    ] {
        assert_eq!(fetch(page(), document).await.expect_err("a page"), OutboundError::WrongType);
    }
}

#[tokio::test]
async fn an_answer_that_is_no_http_or_breaks_off_is_none() {
    let cut = format!("{HEAD}Content-Length: 100\r\n\r\n{{").into_bytes();
    let endless_head = Script::Flood(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-More: more\r\n".to_vec());
    for script in
        [Script::Answer(b"SSH-2.0-x\r\n".to_vec()), Script::Answer(Vec::new()), Script::Answer(cut), endless_head]
    {
        let fetched = fetch(script, Document::KeySet).await;
        assert_eq!(fetched.expect_err("no document"), OutboundError::Unreachable);
    }
    let missing = fetch(Script::status("404 Not Found", ""), Document::KeySet).await;
    assert_eq!(missing.expect_err("not there"), OutboundError::Status(404));
    let early = fetch(Script::status("204 No Content", ""), Document::KeySet).await;
    assert_eq!(early.expect_err("empty"), OutboundError::Status(204));
}

#[tokio::test]
async fn t299_a_request_object_on_a_slow_host_is_asked_for_once_however_many_want_it() {
    let server = Server::start(Script::Hang).await;
    let client = server.client(&["keys.example"], &FakeLookup::loopback("keys.example"));
    let uri = server.uri("keys.example", "/request.jwt");
    let fetch = || client.fetch(tenant(), &uri, Document::RequestObject);
    let (one, two, three) = tokio::join!(fetch(), fetch(), fetch());
    for fetched in [one, two, three, fetch().await] {
        assert_eq!(fetched.expect_err("too slow"), OutboundError::TooSlow);
    }
    assert_eq!(server.connections(), 1);
}
