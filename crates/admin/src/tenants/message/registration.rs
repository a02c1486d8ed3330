//! Who may register clients at a tenant.

use chancery_domain::{
    fault::Malformed,
    registration::{RegistrationAccess, RegistrationPolicy},
    scope::{ScopeSet, ScopeValue},
};
use chancery_proto::v1::{self, registration_policy::Access};

use crate::{clients, context::SystemTenant, status::Refusal};

const FIELD: &str = "tenant.settings.registration";

/// The policy as callers see it; nothing where nobody said anything about it.
pub(super) fn of(policy: &RegistrationPolicy) -> Option<v1::RegistrationPolicy> {
    if policy.is_usual() {
        return None;
    }
    let number = |number| i32::try_from(number).unwrap_or(i32::MAX);
    Some(v1::RegistrationPolicy {
        access: match policy.access {
            RegistrationAccess::Closed => Access::Closed,
            RegistrationAccess::InitialAccessToken => Access::InitialAccessToken,
            RegistrationAccess::Open => Access::Open,
        }
        .into(),
        scopes: policy.scopes.iter().map(ToString::to_string).collect(),
        grant_types: policy.grant_types.iter().map(|grant| clients::message::grant_type(*grant).into()).collect(),
        auth_methods: policy.auth_methods.iter().map(|way| clients::message::auth_method(*way).into()).collect(),
        most_clients: number(policy.most_clients),
        most_per_hour: number(policy.most_per_hour),
        most_per_source: number(policy.most_per_source),
        hosts: policy.hosts.iter().map(ToString::to_string).collect(),
        unused_days: policy.unused_days.map(number).unwrap_or_default(),
    })
}

/// The policy that was sent, or the usual one.
pub(super) fn read(sent: &v1::TenantSettings) -> Result<RegistrationPolicy, Refusal> {
    let Some(sent) = &sent.registration else { return Ok(RegistrationPolicy::default()) };
    let usual = RegistrationPolicy::default();
    let malformed =
        |field: &str, at: usize, malformed: &Malformed| Refusal::malformed(format!("{FIELD}.{field}[{at}]"), malformed);
    let mut policy = RegistrationPolicy {
        access: access(sent)?,
        most_clients: number("most_clients", sent.most_clients, usual.most_clients)?,
        most_per_hour: number("most_per_hour", sent.most_per_hour, usual.most_per_hour)?,
        most_per_source: number("most_per_source", sent.most_per_source, usual.most_per_source)?,
        unused_days: unused_days(sent.unused_days)?,
        ..usual
    };
    let mut scopes = Vec::new();
    for (at, scope) in sent.scopes.iter().take(ScopeSet::MOST + 1).enumerate() {
        if at == ScopeSet::MOST {
            return Err(Refusal::field(format!("{FIELD}.scopes"), "must hold at most 100 scopes"));
        }
        if scope == SystemTenant::SCOPE {
            let rule = "must not be the scope that opens this API: whoever registers itself is a stranger";
            return Err(Refusal::field(format!("{FIELD}.scopes[{at}]"), rule));
        }
        scopes.push(scope.parse::<ScopeValue>().map_err(|why| malformed("scopes", at, &why))?);
    }
    policy.scopes = scopes.into_iter().collect();
    for (at, grant) in sent.grant_types.iter().enumerate() {
        policy.grant_types.insert(clients::read_grant_type(*grant).map_err(|why| malformed("grant_types", at, &why))?);
    }
    for (at, way) in sent.auth_methods.iter().enumerate() {
        policy.auth_methods.insert(clients::read_auth_method(*way).map_err(|why| malformed("auth_methods", at, &why))?);
    }
    if sent.hosts.len() > RegistrationPolicy::MOST_HOSTS {
        return Err(Refusal::field(format!("{FIELD}.hosts"), "must hold at most 100 hosts"));
    }
    for (at, host) in sent.hosts.iter().enumerate() {
        policy.hosts.push(host.parse().map_err(|why| malformed("hosts", at, &why))?);
    }
    Ok(policy)
}

fn access(sent: &v1::RegistrationPolicy) -> Result<RegistrationAccess, Refusal> {
    match Access::try_from(sent.access) {
        Ok(Access::Unspecified | Access::Closed) => Ok(RegistrationAccess::Closed),
        Ok(Access::InitialAccessToken) => Ok(RegistrationAccess::InitialAccessToken),
        Ok(Access::Open) => Ok(RegistrationAccess::Open),
        Err(_) => Err(Refusal::field(format!("{FIELD}.access"), "must be CLOSED, INITIAL_ACCESS_TOKEN or OPEN")),
    }
}

fn unused_days(sent: i32) -> Result<Option<u32>, Refusal> {
    let rule = "must be from 1 to 36500";
    let days = u32::try_from(sent).map_err(|_| Refusal::field(format!("{FIELD}.unused_days"), rule))?;
    Ok(Some(days).filter(|days| *days > 0))
}

fn number(field: &str, sent: i32, usual: u32) -> Result<u32, Refusal> {
    if sent == 0 {
        return Ok(usual);
    }
    u32::try_from(sent).map_err(|_| Refusal::field(format!("{FIELD}.{field}"), "must be from 1 to 100000"))
}
