//! What may be set of the tokens of a client.

use chancery_proto::v1::Client;
use clap::Args;
use prost_types::Duration;

use crate::{duration, mask::Mask};

/// What its tokens look like, and how long they live.
#[derive(Args, Debug)]
pub(super) struct TokenFields {
    /// What signs its UserInfo answers; plain JSON where none is given
    #[arg(long, value_name = "ALG")]
    userinfo_signed_response_alg: Option<String>,
    /// How the key of its encrypted ID tokens reaches it, such as ECDH-ES
    #[arg(long, value_name = "ALG")]
    id_token_encrypted_response_alg: Option<String>,
    /// What its ID tokens are encrypted with; A128CBC-HS256 where none is given
    #[arg(long, value_name = "ENC")]
    id_token_encrypted_response_enc: Option<String>,
    /// How the key of its encrypted UserInfo answers reaches it
    #[arg(long, value_name = "ALG")]
    userinfo_encrypted_response_alg: Option<String>,
    /// What its UserInfo answers are encrypted with
    #[arg(long, value_name = "ENC")]
    userinfo_encrypted_response_enc: Option<String>,
    /// How the key of the signed answers to its authorization requests reaches it, where these are encrypted
    #[arg(long, value_name = "ALG")]
    authorization_encrypted_response_alg: Option<String>,
    /// What those answers are encrypted with
    #[arg(long, value_name = "ENC")]
    authorization_encrypted_response_enc: Option<String>,
    /// What signs introspection answers for it, where it asks for signed ones
    #[arg(long, value_name = "ALG")]
    introspection_signed_response_alg: Option<String>,
    /// Refuse token requests without a DPoP proof, so that all of its access tokens are bound to a key
    #[arg(long)]
    dpop_bound_access_tokens: Option<bool>,
    /// Under which name it knows people: public or pairwise
    #[arg(long, value_name = "TYPE")]
    subject_type: Option<String>,
    /// Whose host names the sector of pairwise names
    #[arg(long, value_name = "URL")]
    sector_identifier_uri: Option<String>,
    /// Life of its access tokens: 90s, 15m, 12h
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    access_token_ttl: Option<Duration>,
    /// Life of access tokens that it gets for itself
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    client_credentials_ttl: Option<Duration>,
    /// Life of its ID tokens
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    id_token_ttl: Option<Duration>,
    /// How long its refresh tokens may lie unused
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    refresh_idle_ttl: Option<Duration>,
    /// How long a family of its refresh tokens lives
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    refresh_absolute_ttl: Option<Duration>,
    /// How often the tokens of one grant are refreshed; 0 for without bounds
    #[arg(long, value_name = "COUNT")]
    refresh_max_uses: Option<u32>,
}

impl TokenFields {
    /// Puts what was given into a client.
    pub(super) fn apply(self, client: &mut Client, mask: &mut Mask) {
        let bound = self.dpop_bound_access_tokens;
        mask.take("dpop_bound_access_tokens", bound, &mut client.dpop_bound_access_tokens);
        for (path, given, field) in [
            (
                "userinfo_signed_response_alg",
                self.userinfo_signed_response_alg,
                &mut client.userinfo_signed_response_alg,
            ),
            (
                "id_token_encrypted_response_alg",
                self.id_token_encrypted_response_alg,
                &mut client.id_token_encrypted_response_alg,
            ),
            (
                "id_token_encrypted_response_enc",
                self.id_token_encrypted_response_enc,
                &mut client.id_token_encrypted_response_enc,
            ),
            (
                "userinfo_encrypted_response_alg",
                self.userinfo_encrypted_response_alg,
                &mut client.userinfo_encrypted_response_alg,
            ),
            (
                "userinfo_encrypted_response_enc",
                self.userinfo_encrypted_response_enc,
                &mut client.userinfo_encrypted_response_enc,
            ),
            (
                "authorization_encrypted_response_alg",
                self.authorization_encrypted_response_alg,
                &mut client.authorization_encrypted_response_alg,
            ),
            (
                "authorization_encrypted_response_enc",
                self.authorization_encrypted_response_enc,
                &mut client.authorization_encrypted_response_enc,
            ),
            (
                "introspection_signed_response_alg",
                self.introspection_signed_response_alg,
                &mut client.introspection_signed_response_alg,
            ),
            ("subject_type", self.subject_type, &mut client.subject_type),
            ("sector_identifier_uri", self.sector_identifier_uri, &mut client.sector_identifier_uri),
        ] {
            mask.take(path, given, field);
        }
        let own = client.token_lifetimes.get_or_insert_default();
        for (path, given, field) in [
            ("token_lifetimes.access_token_ttl", self.access_token_ttl, &mut own.access_token_ttl),
            ("token_lifetimes.client_credentials_ttl", self.client_credentials_ttl, &mut own.client_credentials_ttl),
            ("token_lifetimes.id_token_ttl", self.id_token_ttl, &mut own.id_token_ttl),
            ("token_lifetimes.refresh_idle_ttl", self.refresh_idle_ttl, &mut own.refresh_idle_ttl),
            ("token_lifetimes.refresh_absolute_ttl", self.refresh_absolute_ttl, &mut own.refresh_absolute_ttl),
        ] {
            mask.take(path, given.map(Some), field);
        }
        mask.take("token_lifetimes.refresh_max_uses", self.refresh_max_uses, &mut own.refresh_max_uses);
    }
}
