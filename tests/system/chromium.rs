//! A real browser signs in, with its own idea of cookies, redirects and Content-Security-Policy.

use anyhow::Result;
use chancery_tests::{browser::Browser, dev::Dev};
use serde_json::json;

use crate::script;

#[tokio::test]
async fn a_real_browser_signs_in_and_out() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let task = json!({ "issuer": tenant.issuer, "client": tenant.public_client()?, "user": tenant.user()? });
        let said = script::run("chromium.mjs", &task, &mut Browser::new()?, tenant.user()?).await?;
        assert_eq!(said["refused"], json!([]), "{said}");
    }
    Ok(())
}
