//! Which pages the client wants shown, and how fresh the sign-in must be (OpenID Connect Core section 3.1.2.1).

use std::collections::BTreeSet;

use chancery_domain::vocabulary::Prompt;

use crate::{error::OAuthError, parameters::Parameters};

/// The `prompt`: `none` stands alone.
pub(super) fn check(parameters: &Parameters) -> Result<BTreeSet<Prompt>, OAuthError> {
    let words = parameters.optional("prompt")?.unwrap_or_default();
    let prompts: BTreeSet<Prompt> = words
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| OAuthError::invalid_request("prompt must be of: none, login, consent, select_account"))?;
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(OAuthError::invalid_request("prompt must not join none with anything else"));
    }
    Ok(prompts)
}

/// The `max_age`: whole seconds in plain digits.
pub(super) fn check_max_age(parameters: &Parameters) -> Result<Option<u32>, OAuthError> {
    let Some(text) = parameters.optional("max_age")? else { return Ok(None) };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| digits);
    seconds.map(Some).ok_or(OAuthError::invalid_request("max_age must be a whole number of seconds"))
}
