//! A tenant as message, and a message as tenant.

mod authorization;
mod dpop;
mod registration;

use std::time::Duration;

use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    issuer::IssuerHost,
    logout_scope::LogoutScope,
    profile::Profile,
    tenant::{Tenant, TenantSettings, TenantState},
    time::Timestamp,
    version::Version,
    vocabulary::AccessTokenFormat,
};
use chancery_proto::v1;

use crate::{
    context::Context,
    etag, name, span,
    status::{Reason, Refusal},
    text,
};

/// The tenant as callers see it.
pub(crate) fn of(cx: &Context, tenant: &Tenant) -> v1::Tenant {
    let (state, deleted) = match tenant.state() {
        TenantState::Active => (v1::tenant::State::Active, None),
        TenantState::Suspended => (v1::tenant::State::Suspended, None),
        TenantState::Deleted { at, purge_at } => (v1::tenant::State::Deleted, Some((at, purge_at))),
    };
    v1::Tenant {
        name: name::of_tenant(&tenant.slug),
        uid: tenant.id.to_string(),
        display_name: tenant.display_name.clone(),
        profile: profile(tenant.profile).into(),
        state: state.into(),
        issuer: cx.public_url.issuer_of(tenant).as_str().to_owned(),
        settings: Some(settings(&tenant.settings)),
        create_time: Some(span::moment(tenant.created_at)),
        update_time: Some(span::moment(tenant.updated_at)),
        delete_time: deleted.map(|(at, _)| span::moment(at)),
        purge_time: deleted.map(|(_, purge_at)| span::moment(purge_at)),
        etag: etag(tenant),
        issuer_host: tenant.issuer_host.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

/// The tenant as callers see it once it was written.
pub(super) fn of_written(cx: &Context, mut tenant: Tenant, version: Version, now: Timestamp) -> v1::Tenant {
    (tenant.version, tenant.updated_at) = (version, now);
    of(cx, &tenant)
}

/// The tag of a tenant as it stands.
pub(super) fn etag(tenant: &Tenant) -> String {
    etag::of(tenant.id, tenant.version)
}

/// The tenant with what was sent; what was left out takes its default. `longest_token_life` is what the key policy has
/// promised.
pub(crate) fn read(
    cx: &Context,
    sent: &v1::Tenant,
    mut tenant: Tenant,
    longest_token_life: Duration,
) -> Result<Tenant, Refusal> {
    let called = text::display_name("tenant.display_name", &sent.display_name)?;
    tenant.display_name = if called.is_empty() { tenant.slug.to_string() } else { called };
    tenant.profile = read_profile(sent)?;
    tenant.issuer_host = read_host(cx, &sent.issuer_host)?;
    tenant.settings =
        read_settings(sent.settings.as_ref().unwrap_or(&v1::TenantSettings::default()), longest_token_life)?;
    let fits = tenant.settings.fits(tenant.profile);
    fits.map_err(|malformed| Refusal::malformed(format!("tenant.settings.{}", malformed.what), &malformed))?;
    Ok(tenant)
}

/// The profile that was sent, or the one for new applications.
pub(crate) fn read_profile(sent: &v1::Tenant) -> Result<Profile, Refusal> {
    match v1::tenant::Profile::try_from(sent.profile) {
        Ok(v1::tenant::Profile::Unspecified | v1::tenant::Profile::Oauth21) => Ok(Profile::Oauth21),
        Ok(v1::tenant::Profile::Oidc) => Ok(Profile::Oidc),
        Err(_) => Err(Refusal::field("tenant.profile", "must be a profile that this server knows")),
    }
}

/// A host for the tenant alone: so it cannot be the one that all share.
fn read_host(cx: &Context, sent: &str) -> Result<Option<IssuerHost>, Refusal> {
    const FIELD: &str = "tenant.issuer_host";
    if sent.is_empty() {
        return Ok(None);
    }
    if sent == cx.public_url.host() {
        return Err(Refusal::field(FIELD, "must not be the host of the public URL, which all tenants share"));
    }
    text::read(FIELD, sent).map(Some)
}

/// The refusal of a name or a host that another tenant has.
pub(crate) async fn taken(cx: &Context, tenant: &Tenant) -> Result<Refusal, Fault> {
    let of_host = match &tenant.issuer_host {
        Some(host) => cx.platform.read().tenants().find_by_host(host).await?.filter(|other| other.id != tenant.id),
        None => None,
    };
    Ok(match (of_host, &tenant.issuer_host) {
        (Some(_), Some(host)) => {
            let refusal = Refusal::new(Reason::IssuerHostTaken, format!("{host} is the issuer of another tenant"));
            refusal.with("issuer_host", host.as_str())
        }
        _ => Refusal::from(WriteError::Taken(Noun::Tenant)).about("Tenant", &name::of_tenant(&tenant.slug)),
    })
}

const fn profile(profile: Profile) -> v1::tenant::Profile {
    match profile {
        Profile::Oauth21 => v1::tenant::Profile::Oauth21,
        Profile::Oidc => v1::tenant::Profile::Oidc,
    }
}

fn settings(settings: &TenantSettings) -> v1::TenantSettings {
    v1::TenantSettings {
        access_token_ttl: Some(span::span(settings.access_token_ttl)),
        id_token_ttl: Some(span::span(settings.id_token_ttl)),
        code_ttl: Some(span::span(settings.code_ttl)),
        refresh_idle_ttl: Some(span::span(settings.refresh_idle_ttl)),
        refresh_absolute_ttl: Some(span::span(settings.refresh_absolute_ttl)),
        refresh_grace: Some(span::span(settings.refresh_grace)),
        session_idle_ttl: Some(span::span(settings.session_idle_ttl)),
        session_absolute_ttl: Some(span::span(settings.session_absolute_ttl)),
        access_token_format: match settings.access_token_format {
            AccessTokenFormat::Jwt => v1::tenant_settings::AccessTokenFormat::Jwt,
            AccessTokenFormat::Hmac => v1::tenant_settings::AccessTokenFormat::Hmac,
            AccessTokenFormat::Opaque => v1::tenant_settings::AccessTokenFormat::Opaque,
        }
        .into(),
        ml_dsa: settings.ml_dsa,
        response_types: settings.response_types.iter().map(ToString::to_string).collect(),
        sign_up_uri: settings.sign_up_uri.clone().unwrap_or_default(),
        require_pushed_authorization_requests: settings.require_pushed_authorization_requests,
        frontchannel_logout: settings.frontchannel_logout,
        session_management: settings.session_management,
        logout_scope: match settings.logout_scope {
            LogoutScope::Session => v1::tenant_settings::LogoutScope::Session,
            LogoutScope::Client => v1::tenant_settings::LogoutScope::Client,
        }
        .into(),
        token_exchange: settings.token_exchange,
        device_authorization: settings.device_authorization,
        jwt_bearer: settings.jwt_bearer,
        registration: registration::of(&settings.registration),
        request_object_encryption: settings.request_object_encryption,
        dpop: dpop::of(settings.dpop).into(),
        dpop_nonce_required: settings.dpop_nonce_required,
    }
}

fn read_format(sent: &v1::TenantSettings) -> Result<AccessTokenFormat, Refusal> {
    use v1::tenant_settings::AccessTokenFormat as Sent;
    match Sent::try_from(sent.access_token_format) {
        Ok(Sent::Unspecified | Sent::Jwt) => Ok(AccessTokenFormat::Jwt),
        Ok(Sent::Hmac) => Ok(AccessTokenFormat::Hmac),
        Ok(Sent::Opaque) => Ok(AccessTokenFormat::Opaque),
        Err(_) => Err(Refusal::field("tenant.settings.access_token_format", "must be a format that this server knows")),
    }
}

fn read_logout_scope(sent: &v1::TenantSettings) -> Result<LogoutScope, Refusal> {
    use v1::tenant_settings::LogoutScope as Sent;
    match Sent::try_from(sent.logout_scope) {
        Ok(Sent::Unspecified | Sent::Session) => Ok(LogoutScope::Session),
        Ok(Sent::Client) => Ok(LogoutScope::Client),
        Err(_) => Err(Refusal::field("tenant.settings.logout_scope", "must be a scope that this server knows")),
    }
}

fn read_settings(sent: &v1::TenantSettings, longest_token_life: Duration) -> Result<TenantSettings, Refusal> {
    let path = |field: &str| format!("tenant.settings.{field}");
    let read = |field, sent: Option<prost_types::Duration>, usual| {
        sent.map_or(Ok(usual), |sent| span::seconds(&path(field), sent))
    };
    let usual = TenantSettings::within(longest_token_life);
    let settings = TenantSettings {
        access_token_ttl: read("access_token_ttl", sent.access_token_ttl, usual.access_token_ttl)?,
        id_token_ttl: read("id_token_ttl", sent.id_token_ttl, usual.id_token_ttl)?,
        code_ttl: read("code_ttl", sent.code_ttl, usual.code_ttl)?,
        refresh_idle_ttl: read("refresh_idle_ttl", sent.refresh_idle_ttl, usual.refresh_idle_ttl)?,
        refresh_absolute_ttl: read("refresh_absolute_ttl", sent.refresh_absolute_ttl, usual.refresh_absolute_ttl)?,
        refresh_grace: read("refresh_grace", sent.refresh_grace, usual.refresh_grace)?,
        session_idle_ttl: read("session_idle_ttl", sent.session_idle_ttl, usual.session_idle_ttl)?,
        session_absolute_ttl: read("session_absolute_ttl", sent.session_absolute_ttl, usual.session_absolute_ttl)?,
        access_token_format: read_format(sent)?,
        ml_dsa: sent.ml_dsa,
        response_types: authorization::response_types(sent)?,
        sign_up_uri: authorization::sign_up_uri(sent)?,
        require_pushed_authorization_requests: sent.require_pushed_authorization_requests,
        frontchannel_logout: sent.frontchannel_logout,
        session_management: sent.session_management,
        logout_scope: read_logout_scope(sent)?,
        token_exchange: sent.token_exchange,
        device_authorization: sent.device_authorization,
        jwt_bearer: sent.jwt_bearer,
        registration: registration::read(sent)?,
        request_object_encryption: sent.request_object_encryption,
        dpop: dpop::read(sent)?,
        dpop_nonce_required: sent.dpop_nonce_required,
    };
    settings.checked(longest_token_life).map_err(|malformed| Refusal::malformed(path(malformed.what), &malformed))
}
