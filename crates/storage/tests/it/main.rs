//! What a store promises, on both databases. A case is written once and run on SQLite and on PostgreSQL.

mod world;

mod answered_pages;
mod applied_documents;
mod approvals;
mod audit;
mod audit_chains;
mod audit_signing;
mod changes;
mod claim_mappings;
mod client_requests;
mod client_uses;
mod clients;
mod codes;
mod deletion;
mod deliveries;
mod devices;
mod encryption_keys;
mod feed_places;
mod fence;
mod fresh_values;
mod grants;
mod guards;
mod held_consents;
mod held_sessions;
mod held_users;
mod impact;
mod inconsistent;
mod keys;
mod listed;
mod migrations;
mod opening;
mod pages;
mod people;
mod platform;
mod purge;
mod refresh;
mod registration;
mod resources;
mod rewrap;
mod roles;
mod session_clients;
mod token_secrets;
mod transactions;
mod trusted_issuers;
mod used_proofs;

/// Runs cases on both databases.
macro_rules! conformance {
    ($($case:ident,)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                super::$case($crate::world::World::sqlite().await).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                super::$case($crate::world::World::postgres().await).await;
            })*
        }
    };
}

pub(crate) use conformance;
