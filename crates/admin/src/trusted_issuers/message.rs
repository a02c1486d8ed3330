//! A trusted issuer as message, and a message as trusted issuer.

use std::{collections::BTreeSet, fmt::Display, str::FromStr};

use chancery_domain::{
    fault::Malformed,
    id::TenantSlug,
    ports::{client_jose::ReadClientKeys, outbound::CheckUris},
    scope::ScopeValue,
    time::Timestamp,
    trusted_issuer::{IssuerKeys, SubjectMapping, TrustedIssuer},
    version::Version,
};
use chancery_keys::client_keys::ClientKeyReader;
use chancery_proto::v1::{self, trusted_issuer::SubjectMapping as Wire};

use crate::{etag, name, span, status::Refusal};

/// The issuer as callers see it.
pub(crate) fn of(tenant: &TenantSlug, issuer: &TrustedIssuer) -> v1::TrustedIssuer {
    v1::TrustedIssuer {
        name: name::within(tenant, "trustedIssuers", &issuer.slug),
        issuer: issuer.issuer.to_string(),
        jwks: issuer.keys.jwks().unwrap_or_default().to_owned(),
        jwks_uri: issuer.keys.jwks_uri().map(ToString::to_string).unwrap_or_default(),
        discover: issuer.keys == IssuerKeys::Discovered,
        algorithms: texts(&issuer.algorithms),
        subject_mapping: match issuer.mapping {
            SubjectMapping::UserId => Wire::UserId,
            SubjectMapping::Username => Wire::Username,
            SubjectMapping::Client => Wire::Client,
        }
        .into(),
        subjects: texts(&issuer.subjects),
        clients: texts(&issuer.clients),
        scopes: issuer.scopes.iter().map(ToString::to_string).collect(),
        disabled: issuer.disabled,
        create_time: Some(span::moment(issuer.created_at)),
        update_time: Some(span::moment(issuer.updated_at)),
        etag: etag(issuer),
    }
}

fn texts<T: Display>(things: &BTreeSet<T>) -> Vec<String> {
    things.iter().map(ToString::to_string).collect()
}

/// The issuer as callers see it once it was written.
pub(super) fn of_written(
    tenant: &TenantSlug,
    issuer: TrustedIssuer,
    version: Version,
    now: Timestamp,
) -> v1::TrustedIssuer {
    of(tenant, &TrustedIssuer { version, updated_at: now, ..issuer })
}

/// The tag of an issuer as it stands. Trusted issuers have no uid: the moment of creation tells one from its predecessor.
pub(super) fn etag(issuer: &TrustedIssuer) -> String {
    etag::of(format_args!("{} {}", issuer.slug, issuer.created_at.millis()), issuer.version)
}

/// The issuer with what was sent; id and issuer stay.
pub(crate) fn read(
    sent: &v1::TrustedIssuer,
    mut issuer: TrustedIssuer,
    uris: &dyn CheckUris,
) -> Result<TrustedIssuer, Refusal> {
    issuer.keys = read_keys(sent, &issuer.keys, uris)?;
    issuer.algorithms = each("algorithms", &sent.algorithms)?;
    issuer.mapping = match Wire::try_from(sent.subject_mapping) {
        Ok(Wire::UserId) => SubjectMapping::UserId,
        Ok(Wire::Username) => SubjectMapping::Username,
        Ok(Wire::Client) => SubjectMapping::Client,
        Ok(Wire::Unspecified) | Err(_) => {
            return Err(Refusal::field("trusted_issuer.subject_mapping", "must be USER_ID, USERNAME or CLIENT"));
        }
    };
    issuer.subjects = sent.subjects.iter().cloned().collect();
    issuer.clients = each("clients", &sent.clients)?;
    issuer.scopes = each::<ScopeValue>("scopes", &sent.scopes)?.into_iter().collect();
    issuer.disabled = sent.disabled;
    issuer.checked().map_err(|malformed| Refusal::malformed(format!("trusted_issuer.{}", malformed.what), &malformed))
}

/// Its keys, by value, at an address or by its name alone, once they have been found sound. What is at the address is looked
/// at when it is needed; a new address must be one that the server would call.
fn read_keys(sent: &v1::TrustedIssuer, stored: &IssuerKeys, uris: &dyn CheckUris) -> Result<IssuerKeys, Refusal> {
    let wrong = |malformed: Malformed| Refusal::malformed(format!("trusted_issuer.{}", malformed.what), &malformed);
    match (sent.jwks.as_str(), sent.jwks_uri.as_str(), sent.discover) {
        ("", "", false) => {
            Err(Refusal::field("trusted_issuer.jwks", "must be set where neither jwks_uri nor discover is"))
        }
        ("", "", true) => Ok(IssuerKeys::Discovered),
        (jwks, "", false) => {
            ClientKeyReader.read(jwks).map_err(wrong)?;
            Ok(IssuerKeys::Jwks(jwks.to_owned()))
        }
        ("", uri, false) => {
            let keys = uri.parse().map(IssuerKeys::JwksUri).map_err(wrong)?;
            if keys != *stored {
                uris.check(uri).map_err(|why| Refusal::field("trusted_issuer.jwks_uri", why.hint()))?;
            }
            Ok(keys)
        }
        (_, _, true) => {
            Err(Refusal::field("trusted_issuer.discover", "must be off where the keys or their address are told"))
        }
        (_, _, false) => Err(Refusal::field("trusted_issuer.jwks_uri", "must be empty where jwks is not")),
    }
}

fn each<T: FromStr<Err = Malformed> + Ord>(field: &str, sent: &[String]) -> Result<BTreeSet<T>, Refusal> {
    if sent.len() > TrustedIssuer::MOST_NAMED {
        let most = format!("must hold at most {} entries", TrustedIssuer::MOST_NAMED);
        return Err(Refusal::field(format!("trusted_issuer.{field}"), most));
    }
    let read = |(at, text): (usize, &String)| {
        let wrong = |malformed| Refusal::malformed(format!("trusted_issuer.{field}[{at}]"), &malformed);
        text.parse().map_err(wrong)
    };
    sent.iter().enumerate().map(read).collect()
}
