//! What the authorization request asked to be told, and what it was bound to: nothing is stored where there is nothing.

use chancery_domain::{claims_request::ClaimsRequest, confirmation::Confirmation, fault::Fault, vocabulary::Acr};

use crate::row::{Reading, to_json};

/// The `acr`, where the request asked for one.
pub(crate) fn acr_of(row: &Reading, column: Option<&str>) -> Result<Option<Acr>, Fault> {
    column.map(|text| row.parse("acr", text)).transpose()
}

/// The single claims that the request named.
pub(crate) fn claims_of(row: &Reading, column: Option<&str>) -> Result<ClaimsRequest, Fault> {
    column.map_or_else(|| Ok(ClaimsRequest::default()), |text| row.json("claims", text))
}

/// The column that says so.
pub(crate) fn claims_text(claims: &ClaimsRequest) -> Result<Option<String>, Fault> {
    if claims.is_empty() { Ok(None) } else { to_json(claims).map(Some) }
}

/// The key that something is bound to, if any.
pub(crate) fn confirmation_of(row: &Reading, column: Option<&str>) -> Result<Option<Confirmation>, Fault> {
    column.map(|text| row.json("confirmation", text)).transpose()
}

/// The column that says so.
pub(crate) fn confirmation_text(confirmation: Option<&Confirmation>) -> Result<Option<String>, Fault> {
    confirmation.map(to_json).transpose()
}
