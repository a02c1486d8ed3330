//! Who is called, and who is not.

use std::sync::Arc;

use chancery_domain::{
    outbound::{Document, Reach, RefusedUri},
    ports::outbound::{CheckUris, Fetch, OutboundError},
};
use chancery_outbound::{Outbound, Settings, read_roots};

use crate::world::{FakeLookup, Script, Server, tenant};

const REFUSED: OutboundError = OutboundError::Refused { why: RefusedUri::Address };

#[tokio::test]
async fn a_document_is_fetched_over_tls_from_an_allowed_host() {
    let server = Server::start(Script::json(r#"{"keys":[]}"#)).await;
    let client = server.client(&["keys.example"], &FakeLookup::loopback("keys.example"));
    let fetched =
        client.fetch(tenant(), &server.uri("keys.example", "/a?b=c"), Document::KeySet).await.expect("fetched");
    assert_eq!(&*fetched.body, br#"{"keys":[]}"#);
    let requests = server.requests();
    let request = requests.first().expect("a request").to_ascii_lowercase();
    assert!(request.starts_with("get /a?b=c http/1.1\r\n") && request.contains("\r\nuser-agent: chancery\r\n"));
    assert!(request.contains("\r\naccept-encoding: identity\r\n"));
    assert!(!request.contains("cookie") && !request.contains("referer") && !request.contains("authorization"));
}

#[tokio::test]
async fn t151_a_name_that_leads_inside_is_refused_at_connect_time() {
    let server = Server::start(Script::json("{}")).await;
    let inside = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"];
    for address in inside {
        let lookup = FakeLookup::new();
        lookup.says("public.example", &[address]);
        let client = server.client(&[], &lookup);
        let fetched = client.fetch(tenant(), &server.uri("public.example", "/"), Document::KeySet).await;
        assert_eq!(fetched.expect_err("inside"), REFUSED, "{address}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn t151_a_uri_that_another_reach_admitted_is_refused_here() {
    let server = Server::start(Script::json("{}")).await;
    let client = server.client(&[], &FakeLookup::new());
    let fetched = client.fetch(tenant(), &server.uri("127.0.0.1", "/"), Document::KeySet).await;
    assert_eq!(fetched.expect_err("inside"), REFUSED);
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn t151_an_allowed_host_is_not_a_metadata_service() {
    let server = Server::start(Script::json("{}")).await;
    let lookup = FakeLookup::new();
    lookup.says("keys.example", &["169.254.169.254"]);
    let client = server.client(&["keys.example"], &lookup);
    let fetched = client.fetch(tenant(), &server.uri("keys.example", "/"), Document::KeySet).await;
    assert_eq!(fetched.expect_err("a metadata service"), REFUSED);
}

#[tokio::test]
async fn t152_the_connection_goes_to_the_address_that_was_vetted() {
    let server = Server::start(Script::json("{}")).await;
    let lookup = FakeLookup::new();
    lookup.says("keys.example", &["169.254.169.254", "127.0.0.1"]);
    lookup.says("keys.example", &["169.254.169.254"]);
    let client = server.client(&["keys.example"], &lookup);
    let uri = server.uri("keys.example", "/");
    client.fetch(tenant(), &uri, Document::KeySet).await.expect("the address that may be called");
    assert_eq!(lookup.asked().len(), 1, "nobody resolved the name a second time");
    let later = client.fetch(tenant(), &uri, Document::KeySet).await;
    assert_eq!(later.expect_err("changed its mind"), REFUSED, "each connection is vetted anew");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn t152_a_public_name_is_looked_for_in_the_dns_alone() {
    let server = Server::start(Script::json("{}")).await;
    let lookup = FakeLookup::new();
    lookup.says("public.example", &["127.0.0.1"]);
    let client = server.client(&["keys.example"], &lookup);
    let _refused = client.fetch(tenant(), &server.uri("public.example", "/"), Document::KeySet).await;
    assert_eq!(lookup.asked(), ["public.example."]);
}

#[tokio::test]
async fn t153_redirects_are_not_followed() {
    for status in
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let target = Server::start(Script::json("{}")).await;
        let location = format!("Location: https://127.0.0.1:{}/\r\n", target.address.port());
        let server = Server::start(Script::status(status, &location)).await;
        let client = server.client(&["keys.example", "127.0.0.1"], &FakeLookup::loopback("keys.example"));
        let fetched = client.fetch(tenant(), &server.uri("keys.example", "/"), Document::KeySet).await;
        let code = status.split(' ').next().and_then(|code| code.parse().ok()).expect("a status");
        assert_eq!(fetched.expect_err("a redirect"), OutboundError::Status(code));
        assert_eq!((server.connections(), target.connections()), (1, 0));
    }
}

#[tokio::test]
async fn t158_plain_http_is_for_hosts_that_the_deployment_names() {
    let server = Server::start_plain(Script::json("{}")).await;
    let uri = format!("http://127.0.0.1:{}/", server.address.port());
    let allowed = format!("http://127.0.0.1:{}", server.address.port());
    let client = server.client(&[&allowed], &FakeLookup::new());
    client.fetch(tenant(), &client.check(&uri).expect("named"), Document::KeySet).await.expect("fetched");
    let named = server.client(&[&allowed["http://".len()..]], &FakeLookup::new());
    assert_eq!(named.check(&uri), Err(RefusedUri::Scheme));
    assert_eq!(server.client(&[], &FakeLookup::new()).check(&uri), Err(RefusedUri::Scheme));
}

#[tokio::test]
async fn a_certificate_of_nobody_is_not_believed() {
    let server = Server::start(Script::json("{}")).await;
    let settings = Settings { reach: Reach::public().and_loopback(), roots: Vec::new() };
    let client = Outbound::with_lookup(settings, FakeLookup::new()).expect("a client");
    let fetched = client.fetch(tenant(), &server.uri("127.0.0.1", "/"), Document::KeySet).await;
    assert_eq!(fetched.expect_err("a stranger"), OutboundError::Unreachable);
    // Nor is one that is for another name.
    let lookup = FakeLookup::loopback("other.example");
    let client = server.client(&["other.example"], &lookup);
    let fetched = client.fetch(tenant(), &server.uri("other.example", "/"), Document::KeySet).await;
    assert_eq!(fetched.expect_err("another's"), OutboundError::Unreachable);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_unreachable() {
    let server = Server::start(Script::Hang).await;
    let client = server.client(&["keys.example"], &FakeLookup::new());
    let fetched = client.fetch(tenant(), &server.uri("keys.example", "/"), Document::KeySet).await;
    assert_eq!(fetched.expect_err("no such name"), OutboundError::Unreachable);
}

#[test]
fn roots_are_read_from_files_of_certificates() {
    let folder = tempfile::tempdir().expect("a folder");
    let (good, empty) = (folder.path().join("good.pem"), folder.path().join("empty.pem"));
    let certified = rcgen::generate_simple_self_signed(vec!["a.example".to_owned()]).expect("a certificate");
    std::fs::write(&good, certified.cert.pem()).expect("written");
    std::fs::write(&empty, "nothing").expect("written");
    let roots = read_roots(&good).expect("a root");
    assert_eq!(roots, [certified.cert.der().clone()]);
    assert!(read_roots(&empty).is_err() && read_roots(&folder.path().join("gone.pem")).is_err());
    let settings = Settings { reach: Reach::public(), roots };
    assert!(Outbound::with_lookup(settings, Arc::new(FakeLookup::default())).is_ok());
}
