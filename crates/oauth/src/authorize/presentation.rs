//! How the client would like the pages to look. It is a wish: what we do not have is passed over and refuses nothing
//! (OpenID Connect Core section 3.1.2.1).

use super::{AuthorizationRequest, asking::Asking, limits};
use crate::{error::OAuthError, parameters::Parameters};

/// The most languages that are looked at.
const MOST_LOCALES: usize = 20;

/// The `display`.
pub(super) fn check_display(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let asked = limits::at_most(asking.parameters, "display", limits::WORDS)?;
    request.display = asked.and_then(|word| word.parse().ok());
    Ok(())
}

/// The `ui_locales`, the preferred one first.
pub(super) fn check_ui_locales(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    request.ui_locales = ui_locales(asking.parameters)?;
    Ok(())
}

/// The languages that are asked for in a well-formed way.
pub(super) fn ui_locales(parameters: &Parameters) -> Result<Vec<String>, OAuthError> {
    let asked = limits::at_most(parameters, "ui_locales", limits::HINT)?.unwrap_or_default();
    let locales = asked.split(' ').filter(|tag| is_language_tag(tag)).take(MOST_LOCALES);
    Ok(locales.map(str::to_owned).collect())
}

/// The `claims_locales`: people have their claims in one language here, so it changes nothing.
pub(super) fn check_claims_locales(asking: &Asking<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    limits::at_most(asking.parameters, "claims_locales", limits::HINT).map(drop)
}

/// Whether it has the form of a language tag (RFC 5646 section 2.1).
fn is_language_tag(text: &str) -> bool {
    let subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 64 && text.split('-').all(subtag)
}
