//! What attackers try on the admin API, and the exact answer that each gets from the whole program, on both databases.
//!
//! The cases of a database share one site. What breaks the database has a site for itself.

mod answers;
mod broken;
mod callers;
mod changes;
mod limits;
mod lists;
mod tokens;
mod wire;

use std::process::Child;

use anyhow::{Context as _, Result};
use chancery_tests::admin::{Admin, reason};
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::{
    databases::{Database, Site},
    shared::{self, OnEach},
};
use wire::Wire;

/// A tenant that the cases may do with what they like.
const ACME: &str = "tenants/acme";
/// Its neighbour.
const GLOBEX: &str = "tenants/globex";

/// Makes of each case a test on SQLite and one on PostgreSQL.
macro_rules! on_both {
    ($($case:path: $sqlite:ident, $postgres:ident;)*) => {$(
        #[test]
        fn $sqlite() -> Result<()> {
            on(Database::Sqlite, $case)
        }

        #[test]
        fn $postgres() -> Result<()> {
            on(Database::Postgres, $case)
        }
    )*};
}

on_both! {
    callers::nobody: t262_no_credentials_on_sqlite, t262_no_credentials_on_postgres;
    callers::odd_paths: t263_odd_paths_on_sqlite, t263_odd_paths_on_postgres;
    callers::odd_metadata: t264_odd_metadata_on_sqlite, t264_odd_metadata_on_postgres;
    tokens::foreign_tokens: t265_foreign_tokens_on_sqlite, t265_foreign_tokens_on_postgres;
    callers::reflection_and_health: t266_reflection_and_health_on_sqlite, t266_reflection_and_health_on_postgres;
    callers::more_than_ones_own: t267_more_than_ones_own_on_sqlite, t267_more_than_ones_own_on_postgres;
    answers::secrets_by_reading: t268_secrets_by_reading_on_sqlite, t268_secrets_by_reading_on_postgres;
    lists::foreign_page_tokens: t269_foreign_page_tokens_on_sqlite, t269_foreign_page_tokens_on_postgres;
    lists::page_sizes: t270_page_sizes_on_sqlite, t270_page_sizes_on_postgres;
    limits::bombs: t271_large_deep_and_compressed_messages_on_sqlite, t271_large_deep_and_compressed_messages_on_postgres;
    limits::too_many_streams: t272_too_many_streams_on_sqlite, t272_too_many_streams_on_postgres;
    limits::unread_stream: t272_an_unread_stream_on_sqlite, t272_an_unread_stream_on_postgres;
    limits::deadlines: t273_no_deadline_and_a_long_one_on_sqlite, t273_no_deadline_and_a_long_one_on_postgres;
    changes::repeated: t274_sixty_four_repeats_on_sqlite, t274_sixty_four_repeats_on_postgres;
    changes::stale: t275_an_old_etag_on_sqlite, t275_an_old_etag_on_postgres;
    callers::deleted_key: t276_a_deleted_key_on_sqlite, t276_a_deleted_key_on_postgres;
    callers::other_ways_in: t277_other_ways_in_on_sqlite, t277_other_ways_in_on_postgres;
    answers::talkative_errors: t281_talkative_errors_on_sqlite, t281_talkative_errors_on_postgres;
    answers::passwords: t282_passwords_on_sqlite, t282_passwords_on_postgres;
    answers::weak_keys: t283_weak_and_foreign_keys_on_sqlite, t283_weak_and_foreign_keys_on_postgres;
}

/// What the cases of a database share.
struct Scene {
    site: Site,
    /// Its input ends with this process, which is when the site must end.
    _guard: Child,
}

fn on(database: Database, case: impl AsyncFnOnce(&Scene) -> Result<()>) -> Result<()> {
    static SCENES: OnEach<Scene> = OnEach::new();
    shared::run(async { case(SCENES.of(database, || Scene::make(database)).await?).await })
}

impl Scene {
    async fn make(database: Database) -> Result<Self> {
        let site = database.site_with(&[("CHANCERY_ADMIN__SYSTEM_TENANT", "acme")]).await?;
        let guard = site.ends_with_this_process()?;
        Ok(Self { site, _guard: guard })
    }

    /// The platform's owner.
    fn owner(&self) -> &Admin {
        &self.site.admin
    }

    /// The key of the platform's owner, as it stands in `authorization`.
    fn bearer(&self) -> String {
        format!("Bearer {}", self.site.installation.admin_key())
    }

    /// A connection to the admin listener on which anything can be said.
    async fn wire(&self) -> Result<Wire> {
        Wire::connect(&self.site.installation.first.admin_url).await
    }

    /// The text and the name of a new key with these roles; nothing for the parent is the platform.
    async fn key(&self, parent: &str, roles: &[&str]) -> Result<(String, String)> {
        let message = json!({ "parent": parent, "apiKey": { "displayName": "a case" }, "roles": roles });
        let made = self.owner().call("ApiKeyService/CreateApiKey", message).await?;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("no text");
        Ok((text(&made["secret"])?, text(&made["apiKey"]["name"])?))
    }

    /// A caller with a new key.
    async fn caller(&self, parent: &str, roles: &[&str]) -> Result<Admin> {
        Ok(self.owner().with_key(&self.key(parent, roles).await?.0))
    }
}

/// That a call is refused, with exactly this code and reason.
async fn refused(caller: &Admin, call: &str, message: Value, code: Code, with: &str) -> Result<Status> {
    let said = message.to_string();
    let status = caller.try_call(call, message).await?.err().with_context(|| format!("{call} {said} was answered"))?;
    anyhow::ensure!(
        (status.code(), reason(&status).as_deref()) == (code, Some(with)),
        "{call} {said}: {code:?} {with} was expected of {status:?}"
    );
    Ok(status)
}
