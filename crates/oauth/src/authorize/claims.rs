//! The `claims` parameter: single claims beside those that the scopes open (OpenID Connect Core section 5.5).
//!
//! A claim is told where a scope that the client may ask for opens it: so there is one ceiling. The user is asked about
//! that scope, whether the request names it or not. What nothing opens, and what we do not know, is passed over.

use std::collections::{BTreeMap, BTreeSet};

use chancery_domain::{
    claim_mapping::ClaimName,
    claims_request::{ClaimsRequest, WantedClaim},
    scope::ScopeValue,
    vocabulary::Acr,
};
use serde_json::{Map, Value};

use super::{AuthorizationRequest, asking::Asking, limits};
use crate::{
    error::{ErrorCode, OAuthError},
    scopes, strict, subject,
};

/// The `claims`, read strictly.
pub(super) fn check(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let Some(text) = limits::at_most(asking.parameters, "claims", limits::CLAIMS)? else { return Ok(()) };
    let mut members = strict::object(text).ok_or(OAuthError::invalid_request(
        "claims must be a JSON object in which no member stands twice and nothing is deeper than 16 levels",
    ))?;
    let [id_token, userinfo] = ["id_token", "userinfo"].map(|member| wishes(members.remove(member)));
    let (mut id_token, userinfo) = (id_token?, userinfo?);
    check_sub(asking, request, id_token.remove("sub").as_ref())?;
    check_sub(asking, request, userinfo.get("sub"))?;
    check_acr(request, id_token.remove("acr").as_ref())?;
    request.claims =
        ClaimsRequest { id_token: opened(asking, request, id_token), userinfo: opened(asking, request, userinfo) };
    Ok(())
}

/// What is wanted of one of the two places, by the names of the claims.
fn wishes(member: Option<Value>) -> Result<BTreeMap<String, WantedClaim>, OAuthError> {
    let members = match member {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(members)) => members,
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            return Err(OAuthError::invalid_request("id_token and userinfo in claims must be objects"));
        }
    };
    if members.len() > ClaimsRequest::MOST {
        return Err(OAuthError::invalid_request("claims must not name more than 64 claims in one place"));
    }
    members.into_iter().map(|(name, value)| wanted(value).map(|wanted| (name, wanted))).collect()
}

/// How one claim is wanted: members that we do not know are passed over.
fn wanted(value: Value) -> Result<WantedClaim, OAuthError> {
    let malformed =
        || OAuthError::invalid_request("a claim in claims must be null, or an object with essential, value or values");
    let mut members: Map<String, Value> = match value {
        Value::Null => return Ok(WantedClaim::default()),
        Value::Object(members) => members,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => return Err(malformed()),
    };
    let essential = match members.remove("essential") {
        None => false,
        Some(essential) => essential.as_bool().ok_or_else(malformed)?,
    };
    let values = match (members.remove("value"), members.remove("values")) {
        (None, None) => Vec::new(),
        (Some(value), None) => vec![value],
        (None, Some(Value::Array(values))) if !values.is_empty() => values,
        (_, Some(_)) => return Err(malformed()),
    };
    Ok(WantedClaim { essential, values })
}

/// A `sub` with a value is about one user, as an `id_token_hint` is (OpenID Connect Core section 5.5.1).
fn check_sub(
    asking: &Asking<'_>,
    request: &mut AuthorizationRequest,
    sub: Option<&WantedClaim>,
) -> Result<(), OAuthError> {
    let Some([wanted, others @ ..]) = sub.map(|sub| sub.values.as_slice()) else { return Ok(()) };
    if !others.is_empty() {
        return Err(OAuthError::invalid_request("claims must name one sub at most"));
    }
    let user = wanted.as_str().map(|sub| subject::user(asking.view, asking.client, sub)).transpose()?.flatten();
    let nobody = OAuthError::new(ErrorCode::LoginRequired, "claims names a sub that nobody has here");
    let user = user.ok_or(nobody)?;
    match request.hinted_user.replace(user) {
        Some(hinted) if hinted != user => {
            Err(OAuthError::invalid_request("claims and id_token_hint name different users"))
        }
        Some(_) | None => Ok(()),
    }
}

/// An `acr` that the client cannot do without, and that no sign-in here can prove, is refused before anybody signs in
/// (OpenID Connect Core section 5.5.1.1).
fn check_acr(request: &mut AuthorizationRequest, acr: Option<&WantedClaim>) -> Result<(), OAuthError> {
    let Some(acr) = acr else { return Ok(()) };
    request.acr.told = true;
    if !acr.essential || acr.values.is_empty() {
        return Ok(());
    }
    let provable: BTreeSet<Acr> =
        acr.values.iter().filter_map(Value::as_str).filter_map(|value| value.parse().ok()).collect();
    if provable.is_empty() {
        let hint = "no sign-in here proves an acr that claims demands";
        return Err(OAuthError::new(ErrorCode::UnmetAuthenticationRequirements, hint));
    }
    request.acr.essential = provable;
    Ok(())
}

/// Those of the claims that a scope opens; the scopes behind them are noted.
fn opened(
    asking: &Asking<'_>,
    request: &mut AuthorizationRequest,
    wishes: BTreeMap<String, WantedClaim>,
) -> BTreeMap<String, WantedClaim> {
    let mut opened = BTreeMap::new();
    for (name, wanted) in wishes {
        let is_claim = name.parse::<ClaimName>().is_ok();
        if !is_claim {
            continue;
        }
        if scopes::behind(asking.view, &name, &request.scopes).is_none() {
            let Some(scope) = scopes::behind(asking.view, &name, &asking.client.scopes) else { continue };
            let scope: Option<ScopeValue> = scope.parse().ok();
            request.claim_scopes = request.claim_scopes.iter().cloned().chain(scope).collect();
        }
        opened.insert(name, wanted);
    }
    opened
}
