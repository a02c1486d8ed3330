//! A device that cannot show a browser (RFC 8628), and whoever connects it.

use anyhow::Result;
use chancery_tests::{admin::Admin, browser::Browser, dev::Tenant};
use serde_json::json;

use super::extend;
use crate::script;

/// The public client is a device too.
pub(super) async fn register(admin: &Admin, tenant: &Tenant) -> Result<()> {
    extend(admin, tenant, tenant.public_client()?, json!({ "grantTypes": ["GRANT_TYPE_DEVICE_CODE"] })).await
}

/// With openid-client: pending, asked too fast, allowed, taken once.
pub(super) async fn p010_and_g9_a_device_gets_its_tokens_once(tenant: &Tenant) -> Result<()> {
    let task = json!({ "issuer": tenant.issuer, "client": tenant.public_client()? });
    let said = script::run("device.mjs", &task, &mut Browser::new()?, tenant.user()?).await?;
    assert_eq!(said["refused"], json!(["authorization_pending", "slow_down", "invalid_grant"]), "{said}");
    Ok(())
}

pub(super) async fn p010_a_real_browser_decides_about_devices(tenant: &Tenant) -> Result<()> {
    let task = json!({ "issuer": tenant.issuer, "client": tenant.public_client()?, "user": tenant.user()? });
    let said = script::run("chromium_device.mjs", &task, &mut Browser::new()?, tenant.user()?).await?;
    assert_eq!(said["refused"], json!([]), "{said}");
    Ok(())
}
