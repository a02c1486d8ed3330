//! Which pages the client wants shown, and how fresh the sign-in must be (OpenID Connect Core section 3.1.2.1).

use std::collections::BTreeSet;

use chancery_domain::vocabulary::Prompt;

use super::{AuthorizationRequest, asking::Asking, limits};
use crate::error::OAuthError;

/// The `prompt`: `none` stands alone, and what the tenant does not offer is refused (Initiating User Registration via
/// OpenID Connect section 4.1).
pub(super) fn check(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let words = limits::at_most(asking.parameters, "prompt", limits::WORDS)?.unwrap_or_default();
    let prompts: BTreeSet<Prompt> =
        words.split(' ').filter(|word| !word.is_empty()).map(str::parse).collect::<Result<_, _>>().map_err(|_| {
            OAuthError::invalid_request("prompt must be of: none, login, consent, select_account, create")
        })?;
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(OAuthError::invalid_request("prompt must not join none with anything else"));
    }
    if prompts.contains(&Prompt::Create) && asking.view.tenant.settings.sign_up_uri.is_none() {
        return Err(OAuthError::invalid_request("prompt must not hold create: nobody makes an account here"));
    }
    request.prompts = prompts;
    Ok(())
}

/// The `max_age`: whole seconds in plain digits; else what the client registered.
pub(super) fn check_max_age(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let Some(text) = asking.parameters.optional("max_age")? else {
        request.max_age = asking.client.metadata.default_max_age;
        return Ok(());
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| digits);
    let wrong = OAuthError::invalid_request("max_age must be a whole number of seconds, at most 4294967295");
    request.max_age = Some(seconds.ok_or(wrong)?);
    Ok(())
}
