//! What is bound to a key is of use to whoever proves to have that key (RFC 9449 sections 5 and 10, RFC 8705 section 3).

use chancery_domain::{confirmation::Confirmation, refresh::RefreshFamily};

use super::Call;
use crate::{
    dpop,
    error::{ErrorCode, OAuthError},
};

impl Call<'_> {
    /// Refuses whoever redeems a code without the key that its request named.
    pub(super) fn check_code_binding(&self, bound: Option<&Confirmation>) -> Result<(), OAuthError> {
        let Some(bound) = bound else { return Ok(()) };
        if self.shown(bound)? == bound {
            Ok(())
        } else {
            Err(OAuthError::invalid_grant("the code is bound to another key"))
        }
    }

    /// Refuses whoever refreshes without the key that a family began with. A client that authenticates proves by that whose
    /// the token is, so it may take a new key; and it stays with keys.
    pub(super) fn check_family_binding(&self, family: &RefreshFamily) -> Result<(), OAuthError> {
        let Some(bound) = &family.confirmation else { return Ok(()) };
        if self.shown(bound)? == bound || !self.client.is_public() {
            Ok(())
        } else {
            Err(OAuthError::invalid_grant("the refresh token is bound to another key"))
        }
    }

    /// What the client shows of the kind that something is bound to: a proof beside a certificate counts for itself.
    fn shown(&self, bound: &Confirmation) -> Result<&Confirmation, OAuthError> {
        match bound {
            Confirmation::Jkt(_) => {
                self.proof.as_ref().ok_or(OAuthError::new(ErrorCode::InvalidDpopProof, dpop::MISSING))
            }
            Confirmation::X5t(_) => {
                let missing = OAuthError::invalid_grant("the certificate is missing that it is bound to");
                self.certificate.as_ref().ok_or(missing)
            }
        }
    }
}
