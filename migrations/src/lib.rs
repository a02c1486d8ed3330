//! The shape of the database: one file per subject, applied in order, each exactly once.
//!
//! **Expand, deploy, contract.** The version that runs must work before and after every migration, because replicas
//! are replaced one by one. So a migration may add tables, add columns that may be null or have a default, and add
//! indexes. It may not rename, drop or narrow what the running version reads or writes: that is a second migration,
//! in a later release, when nobody uses the old shape any more. A change that breaks the running version is two changes.
//!
//! A migration that has been released is never edited. To add one: a new file named by its day, its number and its
//! subject, one line in [`Migrator::migrations`].
//!
//! The statements are written out, because two databases share them: `Dialect` fills in the few words that differ.

mod dialect;
mod m2026_11_21_000001_tenants;
mod m2026_11_21_000002_clients;
mod m2026_11_21_000003_scopes;
mod m2026_11_21_000004_people;
mod m2026_11_21_000005_grants;
mod m2026_11_21_000006_keys;
mod m2026_11_21_000007_admin_keys;
mod m2026_11_21_000008_journal;
mod m2026_11_21_000009_audit_notes;
mod m2026_11_22_000010_key_life;
mod m2026_11_22_000011_shared_secrets;
mod m2026_11_22_000012_rewrap;
mod m2026_11_22_000018_key_census;
mod m2026_11_22_000019_permits;
mod m2026_11_22_000020_callers;
mod m2026_11_22_000021_audit_chains;
mod m2026_11_22_000022_change_kinds;
mod m2026_11_22_000023_people;
mod m2026_11_22_000024_token_contents;
mod m2026_11_22_000025_applied_documents;
mod m2026_11_22_000026_listed_fields;
mod m2026_11_22_000027_issuer_hosts;
mod m2026_11_22_000028_more_listed_fields;
mod m2026_11_22_000029_client_metadata;
mod m2026_11_22_000030_deliveries;
mod m2026_11_22_000031_authorization_requests;
mod m2026_11_22_000032_client_requests;
mod m2026_11_22_000034_session_clients;
mod m2026_11_22_000036_devices;
mod m2026_11_22_000037_trusted_issuers;
mod m2026_11_22_000038_token_forms;
mod m2026_11_22_000039_registration;
mod m2026_11_22_000040_encryption_keys;
mod m2026_11_22_000041_confirmations;
mod m2026_11_22_000042_used_proofs;
mod m2026_11_22_000044_fresh_values;
mod m2026_11_22_000047_client_uses;
mod m2026_11_22_000048_answered_pages;
mod m2026_11_22_000053_ended_rights;
mod m2026_11_22_000054_given_in_sessions;
mod m2026_11_22_000055_approved_gifts;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

use crate::dialect::Dialect;

/// Knows every migration, in order.
#[derive(Clone, Copy, Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m2026_11_21_000001_tenants::Migration),
            Box::new(m2026_11_21_000002_clients::Migration),
            Box::new(m2026_11_21_000003_scopes::Migration),
            Box::new(m2026_11_21_000004_people::Migration),
            Box::new(m2026_11_21_000005_grants::Migration),
            Box::new(m2026_11_21_000006_keys::Migration),
            Box::new(m2026_11_21_000007_admin_keys::Migration),
            Box::new(m2026_11_21_000008_journal::Migration),
            Box::new(m2026_11_21_000009_audit_notes::Migration),
            Box::new(m2026_11_22_000010_key_life::Migration),
            Box::new(m2026_11_22_000011_shared_secrets::Migration),
            Box::new(m2026_11_22_000012_rewrap::Migration),
            Box::new(m2026_11_22_000018_key_census::Migration),
            Box::new(m2026_11_22_000019_permits::Migration),
            Box::new(m2026_11_22_000020_callers::Migration),
            Box::new(m2026_11_22_000021_audit_chains::Migration),
            Box::new(m2026_11_22_000022_change_kinds::Migration),
            Box::new(m2026_11_22_000023_people::Migration),
            Box::new(m2026_11_22_000024_token_contents::Migration),
            Box::new(m2026_11_22_000025_applied_documents::Migration),
            Box::new(m2026_11_22_000026_listed_fields::Migration),
            Box::new(m2026_11_22_000027_issuer_hosts::Migration),
            Box::new(m2026_11_22_000028_more_listed_fields::Migration),
            Box::new(m2026_11_22_000029_client_metadata::Migration),
            Box::new(m2026_11_22_000030_deliveries::Migration),
            Box::new(m2026_11_22_000031_authorization_requests::Migration),
            Box::new(m2026_11_22_000032_client_requests::Migration),
            Box::new(m2026_11_22_000034_session_clients::Migration),
            Box::new(m2026_11_22_000036_devices::Migration),
            Box::new(m2026_11_22_000037_trusted_issuers::Migration),
            Box::new(m2026_11_22_000038_token_forms::Migration),
            Box::new(m2026_11_22_000039_registration::Migration),
            Box::new(m2026_11_22_000040_encryption_keys::Migration),
            Box::new(m2026_11_22_000041_confirmations::Migration),
            Box::new(m2026_11_22_000042_used_proofs::Migration),
            Box::new(m2026_11_22_000044_fresh_values::Migration),
            Box::new(m2026_11_22_000047_client_uses::Migration),
            Box::new(m2026_11_22_000048_answered_pages::Migration),
            Box::new(m2026_11_22_000053_ended_rights::Migration),
            Box::new(m2026_11_22_000054_given_in_sessions::Migration),
            Box::new(m2026_11_22_000055_approved_gifts::Migration),
        ]
    }
}
