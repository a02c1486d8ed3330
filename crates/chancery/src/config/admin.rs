//! `[admin]`: who may call, beside those with API keys.

use std::path::{Path, PathBuf};

use chancery_admin::SystemTenant;
use chancery_domain::{id::TenantSlug, issuer::PublicUrl, resource::ResourceUri, secret::Secret};

use super::{
    leaves::Leaves,
    sections::{ClientCertificates, TlsFiles, readable},
};

/// Client certificates are shown in the handshake, so there must be one.
pub(super) fn client_ca(leaves: &mut Leaves, admin_tls: Option<TlsFiles>) -> Option<TlsFiles> {
    let client_ca = leaves.optional_by("admin.client_ca", readable);
    if client_ca.is_some() && admin_tls.is_none() {
        leaves.fault_at("admin.client_ca", "needs admin.tls_certificate and admin.tls_key");
    }
    let clients = client_ca.map_or(ClientCertificates::NotAsked, ClientCertificates::Of);
    admin_tls.map(|files| TlsFiles { clients, ..files })
}

/// Callers show the access tokens of a tenant only where the configuration names it.
pub(super) fn system_tenant(leaves: &mut Leaves, public_url: Option<&PublicUrl>) -> Option<SystemTenant> {
    let slug = leaves.optional_by("admin.system_tenant", |text| {
        text.parse::<TenantSlug>().map_err(|malformed| malformed.rule.to_owned())
    });
    let audience = leaves.optional_by("admin.audience", |text| {
        text.parse::<ResourceUri>().map_err(|malformed| malformed.rule.to_owned())
    });
    if audience.is_some() && !leaves.has("admin.system_tenant") {
        leaves.fault_at("admin.audience", "is of no use without admin.system_tenant");
    }
    let usual = || format!("{}/admin-api", public_url?.as_str()).parse().ok();
    Some(SystemTenant { slug: slug?, audience: audience.or_else(usual)? })
}

/// The file for the bootstrap token: beside the database, where that is a file and nobody chose another place.
pub(super) fn bootstrap_token_file(leaves: &mut Leaves, database_url: Option<&Secret>) -> Option<PathBuf> {
    let chosen = leaves.optional::<PathBuf>("admin.bootstrap_token_file");
    let beside = |url: &Secret| {
        // The path of a database on this machine is no secret.
        let path = url.expose().strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = Path::new(path.split_once('?').map_or(path, |(path, _)| path));
        path.is_absolute().then(|| path.with_file_name("bootstrap-token"))
    };
    chosen.or_else(|| database_url.and_then(beside))
}
