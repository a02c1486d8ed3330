//! The grants: a file for each, with the same three steps: parse, authorize, settle.

pub(super) mod authorization_code;
pub(super) mod client_credentials;
pub(super) mod device_code;
pub(super) mod jwt_bearer;
pub(super) mod refresh_token;
pub(super) mod token_exchange;

use authorization_code::Redemption;
use chancery_domain::secret::OpaqueToken;
use device_code::DeviceRedemption;
use jwt_bearer::AssertionUse;
use refresh_token::Rotation;
use token_exchange::Exchange;

use super::Call;
use crate::error::OAuthError;

/// What remains to be written before tokens may leave.
pub(super) enum Settlement {
    Code(Box<Redemption>),
    Refresh(Rotation),
    /// Nothing but a line in the audit.
    Client,
    /// The same.
    Exchange(Exchange),
    Device(Box<DeviceRedemption>),
    Assertion(Box<AssertionUse>),
}

impl Settlement {
    /// Writes it, durably. Gives the refresh token that goes out, if one does.
    pub(super) async fn settle(self, call: &Call<'_>) -> Result<Option<OpaqueToken>, OAuthError> {
        match self {
            Self::Code(redemption) => redemption.settle(call).await,
            Self::Refresh(rotation) => rotation.settle(call).await.map(Some),
            Self::Client => {
                client_credentials::settle(call);
                Ok(None)
            }
            Self::Device(redemption) => redemption.settle(call).await,
            Self::Assertion(used) => used.settle(call).await.map(|()| None),
            Self::Exchange(exchange) => {
                exchange.settle(call);
                Ok(None)
            }
        }
    }
}
