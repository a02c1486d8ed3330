//! Changes that come twice, late, or at the same time.

use anyhow::{Context as _, Result};
use chancery_tests::admin::detail;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tonic::Code;

use super::{ACME, Scene, refused};

fn client(id: &str, display_name: &str, request_id: &str) -> Value {
    json!({ "parent": ACME, "clientId": id, "requestId": request_id, "client": {
        "kind": "KIND_SERVICE", "displayName": display_name,
        "authMethods": ["AUTH_METHOD_CLIENT_SECRET_BASIC"], "grantTypes": ["GRANT_TYPE_CLIENT_CREDENTIALS"],
    }})
}

/// Sixty-four at once under one id make one client, and each hears of that one.
pub(super) async fn repeated(scene: &Scene) -> Result<()> {
    let id = uuid::Uuid::new_v4().to_string();
    // Without a name of their own they would be sixty-four.
    let mut wanted = client("", "Repeated", &id);
    wanted.as_object_mut().context("an object")?.remove("clientId");
    let mut calls = JoinSet::new();
    for _ in 0..64 {
        let (admin, wanted) = (scene.owner().anew(&scene.site.installation.first.admin_url)?, wanted.clone());
        calls.spawn(async move { admin.call("ClientService/CreateClient", wanted).await });
    }
    let mut answers = Vec::new();
    while let Some(answer) = calls.join_next().await {
        answers.push(answer??);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    let listed =
        scene.owner().call("ClientService/ListClients", json!({ "parent": ACME, "filter": "display_name = Repeated" }));
    let listed = listed.await?;
    assert_eq!(listed["clients"].as_array().map(Vec::len), Some(1), "{listed}");

    assert_eq!(scene.owner().call("ClientService/CreateClient", wanted.clone()).await?, answers[0]);
    wanted["client"]["displayName"] = json!("Another");
    let reused = "REQUEST_ID_REUSED";
    refused(scene.owner(), "ClientService/CreateClient", wanted, Code::InvalidArgument, reused).await?;
    Ok(())
}

/// Who changes what somebody else has changed since hears so, with the etag that it has now.
pub(super) async fn stale(scene: &Scene) -> Result<()> {
    let id = uuid::Uuid::new_v4().to_string();
    let made = scene.owner().call("ClientService/CreateClient", client("stale", "One", &id)).await?;
    let name = made["name"].clone();
    let rename = |etag: &Value, to: &str| {
        let client = json!({ "name": name, "displayName": to, "etag": etag });
        json!({ "client": client, "updateMask": "displayName" })
    };
    let second = scene.owner().call("ClientService/UpdateClient", rename(&made["etag"], "Two")).await?;
    assert_ne!(second["etag"], made["etag"]);
    for (call, message) in [
        ("ClientService/UpdateClient", rename(&made["etag"], "Three")),
        ("ClientService/DisableClient", json!({ "name": name, "etag": made["etag"] })),
        ("ClientService/DeleteClient", json!({ "name": name, "etag": made["etag"] })),
    ] {
        let status = refused(scene.owner(), call, message, Code::Aborted, "ETAG_MISMATCH").await?;
        assert_eq!(detail(&status, "current_etag").as_deref(), second["etag"].as_str(), "{call}");
    }
    assert_eq!(scene.owner().call("ClientService/GetClient", json!({ "name": name })).await?, second);
    // Of many who hold the same one, one succeeds.
    let mut calls = JoinSet::new();
    for at in 0..16 {
        let (admin, change) = (scene.owner().clone(), rename(&second["etag"], &format!("At once {at}")));
        calls.spawn(async move { admin.try_call("ClientService/UpdateClient", change).await });
    }
    let mut codes = Vec::new();
    while let Some(answer) = calls.join_next().await {
        codes.push(answer??.err().map_or(Code::Ok, |status| status.code()));
    }
    codes.sort_by_key(|code| i32::from(*code));
    assert_eq!(codes, [&[Code::Ok][..], &[Code::Aborted; 15]].concat());
    Ok(())
}
