//! Pages of lists.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tonic::Code;

use super::{ACME, GLOBEX, Scene, refused, wire::message};

const LIST: &str = "ClientService/ListClients";

/// A page token is good for the rest of its own list, for the caller who has it.
pub(super) async fn foreign_page_tokens(scene: &Scene) -> Result<()> {
    let first = json!({ "parent": ACME, "pageSize": 1, "filter": "state = ENABLED" });
    let with = |mut message: Value, field: &str, value: &str| {
        message[field] = json!(value);
        message
    };
    let page = scene.owner().call(LIST, first.clone()).await?;
    let token = page["nextPageToken"].as_str().filter(|token| !token.is_empty()).context("one page")?;
    let next = with(first, "pageToken", token);
    let turned: String = token.chars().rev().collect();
    let cut = &token[..token.len() - 1];
    for other in [
        with(next.clone(), "filter", ""),
        with(next.clone(), "filter", "state = DISABLED"),
        with(next.clone(), "orderBy", "create_time"),
        with(next.clone(), "parent", GLOBEX),
        with(next.clone(), "pageToken", &turned),
        with(next.clone(), "pageToken", cut),
        with(next.clone(), "pageToken", "' OR 1=1; DROP TABLE clients --"),
    ] {
        refused(scene.owner(), LIST, other, Code::InvalidArgument, "PAGE_TOKEN_INVALID").await?;
    }
    let nul = with(next.clone(), "pageToken", "\u{0}");
    refused(scene.owner(), LIST, nul, Code::InvalidArgument, "FIELD_INVALID").await?;
    let elsewhere = json!({ "parent": ACME, "pageSize": 1, "pageToken": token });
    refused(scene.owner(), "UserService/ListUsers", elsewhere, Code::InvalidArgument, "PAGE_TOKEN_INVALID").await?;
    let another = scene.caller(ACME, &["roles/tenant.reader"]).await?;
    refused(&another, LIST, next.clone(), Code::InvalidArgument, "PAGE_TOKEN_INVALID").await?;
    let stranger = scene.caller(GLOBEX, &["roles/tenant.admin"]).await?;
    refused(&stranger, LIST, next.clone(), Code::NotFound, "TENANT_NOT_FOUND").await?;
    let second = scene.owner().call(LIST, next).await?;
    assert_ne!(second["clients"][0]["name"], page["clients"][0]["name"]);
    Ok(())
}

/// Sizes are clamped, and negative ones refused, also those that are too large for their type.
pub(super) async fn page_sizes(scene: &Scene) -> Result<()> {
    for size in [0, 1, 1000, 1001, i32::MAX] {
        scene.owner().call(LIST, json!({ "parent": ACME, "pageSize": size })).await?;
    }
    for size in [-1, i32::MIN] {
        let list = json!({ "parent": ACME, "pageSize": size });
        let status = refused(scene.owner(), LIST, list, Code::InvalidArgument, "FIELD_INVALID").await?;
        assert!(status.message().contains("page_size"), "{status:?}");
    }
    // `page_size` of ListTenants as the varint of 2^31.
    let bearer = scene.bearer();
    let path = "/chancery.admin.v1.TenantService/ListTenants";
    let large = message(&[0x08, 0x80, 0x80, 0x80, 0x80, 0x08]);
    let answer = scene.wire().await?.call(path, &[("authorization", &bearer)], large).await?;
    assert_eq!(answer.refusal(), (Some(Code::InvalidArgument), Some("FIELD_INVALID".to_owned())));
    Ok(())
}
