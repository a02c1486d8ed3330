//! What is bound to a key is of use to whoever proves to have that key (RFC 9449 sections 5 and 10).

use chancery_domain::{confirmation::Confirmation, refresh::RefreshFamily};

use super::Call;
use crate::{
    dpop,
    error::{ErrorCode, OAuthError},
};

impl Call<'_> {
    /// Refuses whoever redeems a code without the key that its request named.
    pub(super) fn check_code_binding(&self, bound: Option<&Confirmation>) -> Result<(), OAuthError> {
        match (bound, &self.confirmation) {
            (None, _) => Ok(()),
            (Some(bound), None) => Err(missing(bound)),
            (Some(bound), Some(shown)) if bound == shown => Ok(()),
            (Some(_), Some(_)) => Err(OAuthError::invalid_grant("the code is bound to another key")),
        }
    }

    /// Refuses whoever refreshes without the key that a family began with. A client that authenticates proves by that whose
    /// the token is, so it may take a new key; and it stays with keys.
    pub(super) fn check_family_binding(&self, family: &RefreshFamily) -> Result<(), OAuthError> {
        let of_one_kind = |bound: &Confirmation, shown: &Confirmation| match (bound, shown) {
            (Confirmation::Jkt(_), Confirmation::Jkt(_)) => true,
        };
        match (&family.confirmation, &self.confirmation) {
            (None, _) => Ok(()),
            (Some(bound), None) => Err(missing(bound)),
            (Some(bound), Some(shown)) if bound == shown => Ok(()),
            (Some(bound), Some(shown)) if !self.client.is_public() && of_one_kind(bound, shown) => Ok(()),
            (Some(_), Some(_)) => Err(OAuthError::invalid_grant("the refresh token is bound to another key")),
        }
    }
}

/// The refusal of somebody who shows no key at all.
const fn missing(bound: &Confirmation) -> OAuthError {
    match bound {
        Confirmation::Jkt(_) => OAuthError::new(ErrorCode::InvalidDpopProof, dpop::MISSING),
    }
}
