//! Who comes in, by which way, and who does not.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chancery_tests::http::Http;
use serde_json::json;
use tonic::Code;

use super::{
    ACME, GLOBEX, Scene, refused,
    wire::{self, Met, Wire, message},
};

const LIST: &str = "/chancery.admin.v1.TenantService/ListTenants";

/// Who shows nothing, or nothing good, hears the same from every call, whatever they send.
pub(super) async fn nobody(scene: &Scene) -> Result<()> {
    let wire = scene.wire().await?;
    let calls: Vec<_> = scene.owner().calls().into_iter().filter(|call| call != "BootstrapService/Bootstrap").collect();
    assert!(calls.len() > 60, "{calls:?}");
    let unknown = format!("Bearer cha_{}", "A".repeat(43));
    let certain: [(&[(&str, &str)], &str); 4] = [
        (&[], "API_KEY_MISSING"),
        (&[("authorization", "Basic eDp5")], "API_KEY_MISSING"),
        (&[("authorization", "Bearer x")], "API_KEY_INVALID"),
        (&[("authorization", &unknown)], "API_KEY_INVALID"),
    ];
    for call in calls {
        for (headers, reason) in certain {
            let answer = wire.call(&format!("/chancery.admin.v1.{call}"), headers, message(&[0xff])).await?;
            let expected = (Some(Code::Unauthenticated), Some(reason.to_owned()));
            assert_eq!(answer.refusal(), expected, "{call} {headers:?}");
        }
    }
    Ok(())
}

/// No way of writing a path leads around the rule of the call that it looks like.
pub(super) async fn odd_paths(scene: &Scene) -> Result<()> {
    let (wire, bearer) = (scene.wire().await?, scene.bearer());
    for path in [
        "/",
        "//chancery.admin.v1.TenantService/ListTenants",
        "/chancery.admin.v1.TenantService//ListTenants",
        "/chancery.admin.v1.TenantService/ListTenants/",
        "/chancery.admin.v1.TenantService/listTenants",
        "/chancery.admin.v1.tenantservice/ListTenants",
        "/CHANCERY.ADMIN.V1.TENANTSERVICE/LISTTENANTS",
        "/chancery.admin.v1.TenantService/%4cistTenants",
        "/./chancery.admin.v1.TenantService/ListTenants",
        "/chancery.admin.v1.TenantService/Nothing",
        "/grpc.health.v1.Health/check",
        "//grpc.health.v1.Health/Check",
        "/x.Y/Z",
    ] {
        let answer = wire.call(path, &[], message(&[])).await?;
        let missing = (Some(Code::Unauthenticated), Some("API_KEY_MISSING".to_owned()));
        assert_eq!(answer.refusal(), missing, "{path}");
        let answer = wire.call(path, &[("authorization", &bearer)], message(&[])).await?;
        let unknown = (Some(Code::Unimplemented), Some("METHOD_UNKNOWN".to_owned()));
        assert_eq!(answer.refusal(), unknown, "{path}");
    }
    // PROTOCOL_ERROR (RFC 9113 section 8.3.1): such a path never becomes a request.
    let url = &scene.site.installation.first.admin_url;
    for path in ["chancery.admin.v1.TenantService/ListTenants", "grpc.health.v1.Health/Check", ""] {
        assert_eq!(wire::ask_for(url, path, &bearer).await?, Met::Reset(1), "{path:?}");
    }
    assert_eq!(wire::ask_for(url, LIST, &bearer).await?, Met::Answered);
    Ok(())
}

/// One credential, in one place, in metadata of a bounded size.
pub(super) async fn odd_metadata(scene: &Scene) -> Result<()> {
    let (wire, bearer) = (scene.wire().await?, scene.bearer());
    let one = ("authorization", bearer.as_str());
    assert_eq!(wire.call(LIST, &[one], message(&[])).await?.refusal(), (Some(Code::Ok), None));
    let twin = ("authorization-bin", "QmVhcmVy");
    let odd: [&[(&str, &str)]; 6] = [
        &[one, one],
        &[one, ("authorization", "Bearer x")],
        &[("authorization", ""), one],
        &[one, twin],
        &[twin],
        &[("Authorization-Bin", &bearer)],
    ];
    for headers in odd {
        let missing = (Some(Code::Unauthenticated), Some("API_KEY_MISSING".to_owned()));
        assert_eq!(wire.call(LIST, headers, message(&[])).await?.refusal(), missing, "{headers:?}");
    }
    let long = "a".repeat(64 * 1024);
    for headers in [&[("x-long", long.as_str())][..], &[one, ("x-long", &long)]] {
        let exhausted = (Some(Code::ResourceExhausted), Some("METADATA_TOO_LARGE".to_owned()));
        assert_eq!(wire.call(LIST, headers, message(&[])).await?.refusal(), exhausted);
    }
    // What is beyond all measure is refused before it is a request (RFC 6585 section 5), if it is answered at all.
    let endless = "a".repeat(1024 * 1024);
    if let Ok(answer) = wire.call(LIST, &[one, ("x-long", &endless)], message(&[])).await {
        assert_eq!((answer.http, answer.status.is_none()), (431, true), "{answer:?}");
    }
    let after = scene.wire().await?.call(LIST, &[one], message(&[])).await?;
    assert_eq!(after.refusal(), (Some(Code::Ok), None));
    Ok(())
}

/// Load balancers hear whether the server is up. What it serves, callers hear.
pub(super) async fn reflection_and_health(scene: &Scene) -> Result<()> {
    let wire = scene.wire().await?;
    for path in [
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        "/grpc.health.v1.Health/Watch",
        "/grpc.health.v1.Health/List",
    ] {
        let missing = (Some(Code::Unauthenticated), Some("API_KEY_MISSING".to_owned()));
        assert_eq!(wire.call(path, &[], message(&[])).await?.refusal(), missing, "{path}");
    }
    let up = wire.call("/grpc.health.v1.Health/Check", &[], message(&[])).await?;
    assert_eq!(up.refusal(), (Some(Code::Ok), None));
    let name = "chancery.admin.v1.KeyService";
    let of_service = [&[0x0a, u8::try_from(name.len())?], name.as_bytes()].concat();
    let detailed = wire.call("/grpc.health.v1.Health/Check", &[], message(&of_service)).await?;
    assert_eq!(detailed.refusal().0, Some(Code::NotFound), "of single services nothing is told");
    Ok(())
}

/// Nobody gives what they lack, by whichever way.
pub(super) async fn more_than_ones_own(scene: &Scene) -> Result<()> {
    let granting = ["roles.create", "roles.update", "roles.delete", "role_bindings.create", "api_keys.create"];
    let role = json!({ "parent": GLOBEX, "roleId": "granter", "role": { "permissions": granting } });
    let own = scene.owner().call("RoleService/CreateRole", role).await?["name"].clone();
    let own = own.as_str().context("no name")?;
    let granter = scene.caller(GLOBEX, &[own]).await?;
    let exceeds =
        async |call: &str, message| refused(&granter, call, message, Code::PermissionDenied, "GRANT_EXCEEDS_OWN").await;
    let denied =
        async |call: &str, message| refused(&granter, call, message, Code::PermissionDenied, "PERMISSION_DENIED").await;

    let more = [&granting[..], &["users.disable"]].concat();
    exceeds("RoleService/CreateRole", json!({ "parent": GLOBEX, "roleId": "more", "role": { "permissions": more } }))
        .await?;
    let wider = json!({ "role": { "name": own, "permissions": more }, "updateMask": "permissions" });
    exceeds("RoleService/UpdateRole", wider).await?;
    let bind = |parent: &str, role: &str| json!({ "parent": parent, "roleBinding": { "role": role, "member": "certificates/ops.example" } });
    exceeds("RoleBindingService/CreateRoleBinding", bind(GLOBEX, "roles/tenant.admin")).await?;
    let key = |parent: &str, role: &str| json!({ "parent": parent, "apiKey": { "displayName": "x" }, "roles": [role] });
    exceeds("ApiKeyService/CreateApiKey", key(GLOBEX, "roles/tenant.admin")).await?;
    denied("RoleBindingService/CreateRoleBinding", bind("", "roles/platform.owner")).await?;
    denied("ApiKeyService/CreateApiKey", key("", "roles/platform.owner")).await?;
    let elsewhere = bind(ACME, "roles/tenant.reader");
    refused(&granter, "RoleBindingService/CreateRoleBinding", elsewhere, Code::NotFound, "TENANT_NOT_FOUND").await?;

    // A role is meant by what it was when it was given: another one of its name gives nothing.
    let few = json!({ "parent": GLOBEX, "roleId": "few", "role": { "permissions": granting[..1] } });
    let few = granter.call("RoleService/CreateRole", few).await?["name"].clone();
    let few_name = few.as_str().context("no name")?;
    exceeds("RoleBindingService/CreateRoleBinding", bind(GLOBEX, few_name))
        .await
        .context("for longer than their own")?;
    granter.call("ApiKeyService/CreateApiKey", key(GLOBEX, few_name)).await?;
    refused(scene.owner(), "RoleService/DeleteRole", json!({ "name": few }), Code::FailedPrecondition, "ROLE_IN_USE")
        .await?;
    Ok(())
}

/// A key that was deleted opens nothing from the next call on, and ends what it began within five seconds.
pub(super) async fn deleted_key(scene: &Scene) -> Result<()> {
    let (key, name) = scene.key(ACME, &["roles/tenant.admin"]).await?;
    let caller = scene.owner().with_key(&key);
    caller.call("TenantService/GetTenant", json!({ "name": ACME })).await?;
    let watch = caller.follow("WatchService/WatchChanges", json!({ "parent": ACME })).await?;
    let mut watch = watch.map_err(|status| anyhow::anyhow!("{status:?}"))?;
    watch.next().await.map_err(|status| anyhow::anyhow!("{status:?}"))?.context("the first answer")?;

    scene.owner().call("ApiKeyService/DeleteApiKey", json!({ "name": name })).await?;
    refused(&caller, "TenantService/GetTenant", json!({ "name": ACME }), Code::Unauthenticated, "API_KEY_INVALID")
        .await?;
    let ended = async {
        loop {
            match watch.next().await {
                Ok(Some(_)) => {}
                ended => break ended,
            }
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(5), ended).await.context("it still watches")?;
    assert_eq!(ended.map_err(|status| status.code()), Err(Code::Unauthenticated));
    Ok(())
}

/// The front knows nothing of the admin API, and the admin API speaks nothing that a page in a browser could write.
pub(super) async fn other_ways_in(scene: &Scene) -> Result<()> {
    let (http, bearer) = (Http::new()?, scene.bearer());
    let front = &scene.site.installation.first.http_url;
    for call in scene.owner().calls() {
        for content_type in ["application/grpc", "application/grpc-web", "application/grpc-web-text+proto"] {
            let request = http.post(&format!("{front}/chancery.admin.v1.{call}"))?.header("content-type", content_type);
            let answer = request.header("authorization", &bearer).body(vec![0; 5]).send().await?;
            assert_eq!(answer.status().as_u16(), 404, "{call} {content_type}");
        }
    }
    assert!(Wire::connect(front).await?.call(LIST, &[], message(&[])).await.is_err(), "no HTTP/2");

    let wire = scene.wire().await?;
    for (content_type, status) in [
        ("application/grpc-web", 404),
        ("application/grpc-web+proto", 404),
        ("application/grpc-web-text", 404),
        ("application/grpcx", 415),
        ("application/json", 415),
        ("text/plain", 415),
    ] {
        let headers = [("content-type", content_type), ("authorization", &bearer)];
        let answer = wire.send(LIST, &headers, message(&[])).await?;
        assert_eq!((answer.http, answer.status.is_none()), (status, true), "{content_type}: {answer:?}");
    }
    let answer = wire.send(LIST, &[("authorization", &bearer)], message(&[])).await?;
    assert_eq!((answer.http, answer.status.is_none()), (415, true), "{answer:?}");
    Ok(())
}
