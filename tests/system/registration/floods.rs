//! Too many at once.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Office, app};
use crate::databases::Site;

/// A quota for the tenant, and one for each source whatever it sends.
pub(super) async fn t245_a_flood_is_stopped(site: &Site) -> Result<()> {
    let office = Office::of(&site.first)?;
    // Two were registered there by their tokens.
    let policy = json!({ "access": "ACCESS_OPEN", "mostClients": 5, "mostPerSource": 10_000 });
    office.set(site, &json!({ "registration": policy })).await?;
    office.until("open", async || Ok(office.register(&json!({})).await?.status != 401)).await?;
    let mut made = 0;
    let full = loop {
        let reply = office.register(&app()).await?;
        if reply.status != 201 {
            break reply;
        }
        made += 1;
        ensure!(made <= 3, "more than the tenant takes");
    };
    assert_eq!((made, full.refusal()), (3, (429, "temporarily_unavailable")));
    ensure!(full.header("retry-after").parse::<u64>().is_ok_and(|wait| wait > 0), "{:?}", full.headers);

    let policy = json!({ "access": "ACCESS_OPEN", "mostClients": 5, "mostPerSource": 1 });
    office.set(site, &json!({ "registration": policy })).await?;
    office.until("one for each source", async || Ok(office.register(&json!({})).await?.status == 429)).await?;
    let reply = office.register(&json!({})).await?;
    assert_eq!(reply.refusal(), (429, "temporarily_unavailable"), "before anything is read");
    Ok(())
}
