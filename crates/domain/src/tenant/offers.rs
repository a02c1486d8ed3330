//! What a tenant offers: ways to get tokens, and what its authorization endpoint gives.

use std::collections::BTreeSet;

use super::{Tenant, TenantSettings};
use crate::{
    client::ClientKind,
    fault::Malformed,
    redirect_uri::RedirectUri,
    vocabulary::{GrantType, ResponseType},
};

impl Tenant {
    /// The response types that its clients may register, as far as its profile allows them.
    pub fn response_types(&self) -> impl Iterator<Item = ResponseType> + '_ {
        let allowed = self.profile.allows_front_channel_tokens();
        let offered = move |it: &ResponseType| allowed && self.settings.response_types.contains(it);
        ResponseType::ALL.iter().copied().filter(move |it| *it == ResponseType::Code || offered(it))
    }

    /// Whether its clients may encrypt their request objects to keys of its own.
    #[must_use]
    pub const fn takes_encrypted_requests(&self) -> bool {
        self.profile.takes_request_objects() && self.settings.request_object_encryption
    }

    /// Whether it gives tokens in that way to anybody at all: `implicit` only where a token leaves through the browser.
    #[must_use]
    pub fn offers(&self, grant: GrantType) -> bool {
        match grant {
            GrantType::AuthorizationCode | GrantType::RefreshToken | GrantType::ClientCredentials => true,
            GrantType::Implicit => self.response_types().any(ResponseType::has_front_channel_token),
            GrantType::TokenExchange => self.settings.token_exchange,
            GrantType::DeviceCode => self.settings.device_authorization,
            GrantType::JwtBearer => self.settings.jwt_bearer,
        }
    }
}

impl TenantSettings {
    /// Reads the response types as somebody sent them: none stands for the usual, and `code` cannot be left out.
    pub fn offering(response_types: BTreeSet<ResponseType>) -> Result<BTreeSet<ResponseType>, Malformed> {
        if response_types.is_empty() {
            return Ok(BTreeSet::from([ResponseType::Code]));
        }
        if response_types.contains(&ResponseType::Code) {
            Ok(response_types)
        } else {
            Err(Malformed::new("response_types", "must hold code"))
        }
    }

    /// Reads the address of the page where people make themselves an account.
    pub fn read_sign_up_uri(text: &str) -> Result<String, Malformed> {
        const WHAT: &str = "sign_up_uri";
        let place =
            RedirectUri::register(text, ClientKind::Web).map_err(|malformed| Malformed { what: WHAT, ..malformed })?;
        Ok(place.as_str().to_owned())
    }
}

/// Whether nothing but the usual is offered, which settings at rest leave out.
pub(super) fn is_code_alone(offered: &BTreeSet<ResponseType>) -> bool {
    offered.iter().all(|it| *it == ResponseType::Code)
}
