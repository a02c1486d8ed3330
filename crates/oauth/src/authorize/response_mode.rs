//! How the client wants its answer (OAuth 2.0 Multiple Response Types section 2.1, Form Post Response Mode, JARM).

use chancery_domain::vocabulary::ResponseMode;

use crate::{error::OAuthError, parameters::Parameters};

/// The mode that goes without saying: the fragment wherever a token is asked for, whether it is offered or not, because
/// there the client looks for the error too.
pub(super) fn usual(parameters: &Parameters) -> ResponseMode {
    let asked = parameters.optional("response_type").ok().flatten().unwrap_or_default();
    let for_token = asked.split(' ').any(|word| matches!(word, "token" | "id_token"));
    if for_token { ResponseMode::Fragment } else { ResponseMode::Query }
}

/// The `response_mode`. No token goes into a query, signed or not (Multiple Response Types section 3.0, JARM section
/// 2.3.1).
pub(super) fn check(parameters: &Parameters) -> Result<ResponseMode, OAuthError> {
    let usual = usual(parameters);
    let Some(asked) = parameters.optional("response_mode")? else { return Ok(usual) };
    let unknown = |_| OAuthError::invalid_request("response_mode must be one that this provider supports");
    let mode = match (asked.parse().map_err(unknown)?, usual) {
        (ResponseMode::Jwt, ResponseMode::Query) => ResponseMode::QueryJwt,
        (ResponseMode::Jwt, _) => ResponseMode::FragmentJwt,
        (mode, _) => mode,
    };
    if mode.is_in_query() && usual != ResponseMode::Query {
        return Err(OAuthError::invalid_request("response_mode must not put a token into a query"));
    }
    Ok(mode)
}
