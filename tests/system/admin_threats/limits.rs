//! What is too much: messages, streams, and time.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::json;
use tonic::{Code, Status};

use super::{
    ACME, GLOBEX, Scene, refused,
    wire::{self, Answer, Wire, compressed, message, never},
};

const LIST: &str = "/chancery.admin.v1.TenantService/ListTenants";
const CREATE_USER: &str = "/chancery.admin.v1.UserService/CreateUser";
const WATCH: &str = "/chancery.admin.v1.WatchService/WatchChanges";

fn refusal(code: Code, reason: &str) -> (Option<Code>, Option<String>) {
    (Some(code), Some(reason.to_owned()))
}

/// The field of that number with this content.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let (mut encoded, mut rest) = (vec![number << 3 | 2], content.len());
    while rest > 0x7f {
        encoded.push(u8::try_from(rest & 0x7f).unwrap_or_default() | 0x80);
        rest >>= 7;
    }
    encoded.push(u8::try_from(rest).unwrap_or_default());
    [&encoded, content].concat()
}

/// Large messages are not read, deep ones not followed, and compressed ones not blown up.
pub(super) async fn bombs(scene: &Scene) -> Result<()> {
    let (wire, bearer) = (scene.wire().await?, scene.bearer());
    let headers = [("authorization", bearer.as_str())];
    let call = async |path: &str, said| anyhow::Ok(wire.call(path, &headers, said).await?.refusal());
    let begun = Instant::now();
    for size in [1024 * 1024 + 1, 4 * 1024 * 1024 + 1] {
        let large = call(LIST, message(&vec![0; size])).await?;
        assert_eq!(large, refusal(Code::ResourceExhausted, "MESSAGE_TOO_LARGE"), "{size}");
    }

    // Groups within groups, of a field that nobody knows, without an end.
    let groups = [0x9b, 0x06].repeat(100_000);
    let malformed = refusal(Code::InvalidArgument, "MESSAGE_MALFORMED");
    assert_eq!(call(LIST, message(&groups)).await?, malformed);
    // `user.claims`: { "a": { "a": … } }
    let mut value = Vec::new();
    for _ in 0..3000 {
        let entry = [field(1, b"a"), field(2, &value)].concat();
        value = field(5, &field(1, &entry));
    }
    let claims = field(1, &[field(1, b"a"), field(2, &value)].concat());
    let deep = [field(1, ACME.as_bytes()), field(2, &field(6, &claims))].concat();
    assert_eq!(call(CREATE_USER, message(&deep)).await?, malformed);
    // A filter has a grammar of its own.
    let filter = format!("{}state = ENABLED{}", "(".repeat(100_000), ")".repeat(100_000));
    let list = json!({ "parent": ACME, "filter": filter });
    refused(scene.owner(), "ClientService/ListClients", list, Code::InvalidArgument, "FIELD_INVALID").await?;

    // Ten million zeros; no compression is offered, and none taken (gRPC over HTTP/2, Message-Encoding).
    let bomb = include_bytes!("bomb.gz");
    let gzip = [headers[0], ("grpc-encoding", "gzip")];
    let answer = wire.call(LIST, &gzip, compressed(bomb)).await?.refusal();
    assert_eq!(answer, refusal(Code::Unimplemented, "METHOD_UNKNOWN"));
    assert_eq!(call(LIST, compressed(bomb)).await?, malformed, "compressed, and nobody says how");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(call(LIST, message(&[])).await?, (Some(Code::Ok), None), "the connection is none the worse");
    Ok(())
}

/// A caller has sixteen streams, and others are none the worse for it.
pub(super) async fn too_many_streams(scene: &Scene) -> Result<()> {
    let caller = scene.caller(GLOBEX, &["roles/tenant.admin"]).await?;
    let parent = json!({ "parent": GLOBEX });
    let failed = |status: Status| anyhow::anyhow!("{status:?}");
    let mut watches = Vec::new();
    for _ in 0..16 {
        let mut watch = caller.follow("WatchService/WatchChanges", parent.clone()).await?.map_err(failed)?;
        watch.next().await.map_err(failed)?.context("the first answer")?;
        watches.push(watch);
    }
    let further = match caller.follow("WatchService/WatchChanges", parent.clone()).await? {
        Err(status) => status,
        Ok(mut watch) => watch.next().await.err().context("a seventeenth stream")?,
    };
    let reason = chancery_tests::admin::reason(&further);
    assert_eq!((further.code(), reason.as_deref()), (Code::ResourceExhausted, Some("TOO_MANY_WATCHES")));
    let other = scene.caller(GLOBEX, &["roles/tenant.admin"]).await?;
    other.follow("WatchService/WatchChanges", parent).await?.map_err(failed)?.next().await.map_err(failed)?;
    Ok(())
}

/// A stream whose answers are not read is closed after a minute, and tells why once it is read.
pub(super) async fn unread_stream(scene: &Scene) -> Result<()> {
    let url = &scene.site.installation.first.admin_url;
    let (wire, bearer) = (Wire::connect_reading(url, Some(1)).await?, scene.bearer());
    let headers = [("content-type", "application/grpc"), ("te", "trailers"), ("authorization", bearer.as_str())];
    let parent = message(&field(1, GLOBEX.as_bytes()));
    let unread = wire.begin(WATCH, &headers, parent).await?;
    for at in 0..90 {
        let tenant = json!({ "name": GLOBEX, "displayName": format!("Globex {at}") });
        let change = json!({ "tenant": tenant, "updateMask": "displayName" });
        scene.owner().call("TenantService/UpdateTenant", change).await?;
    }
    // The minute counts from when the last of it could be sent, which a busy machine does late; and reading would begin a new one.
    tokio::time::sleep(Duration::from_secs(90)).await;
    let end = tokio::time::timeout(Duration::from_secs(10), wire::trailers(unread.into_body())).await;
    let status = Status::from_header_map(&end.context("it was not closed")??);
    assert_eq!(Answer { http: 200, status }.refusal(), refusal(Code::ResourceExhausted, "WATCH_UNREAD"));
    Ok(())
}

/// Thirty seconds are the most that a call gets, and its caller's own deadline the most that it takes.
pub(super) async fn deadlines(scene: &Scene) -> Result<()> {
    let (wire, bearer) = (scene.wire().await?, scene.bearer());
    let call = async |deadline: Option<&'static str>| {
        let begun = Instant::now();
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(deadline.map(|deadline| ("grpc-timeout", deadline)));
        // The message never comes.
        let answer = wire.call(LIST, &headers, never()).await?;
        anyhow::Ok((answer.refusal(), begun.elapsed()))
    };
    let none = call(None);
    let (none, a_year, a_second) = tokio::join!(none, call(Some("8760H")), call(Some("1S")));
    for (answer, seconds) in [(none?, 30), (a_year?, 30), (a_second?, 1)] {
        let (answer, took) = answer;
        assert_eq!(answer, refusal(Code::DeadlineExceeded, "CALL_TOO_LONG"), "{seconds}");
        let (least, most) = (Duration::from_millis(seconds * 1000 - 50), Duration::from_secs(seconds + 20));
        assert!(took > least && took < most, "{took:?}");
    }
    Ok(())
}
