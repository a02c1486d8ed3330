//! What a client registers about its authorization requests.

use chancery_domain::{
    client::Client,
    profile::Profile,
    vocabulary::{Algorithm, ResponseType},
};
use chancery_proto::v1;

use super::each;
use crate::{span, status::Refusal};

/// Reads it into the client, at a tenant of that profile.
pub(super) fn read(sent: &v1::Client, client: &mut Client, profile: Profile) -> Result<(), Refusal> {
    client.metadata.response_types =
        each::<_, ResponseType, _>("response_types", &sent.response_types, |it| it.parse())?;
    let for_browser = client.metadata.response_types.iter().any(|it| it.has_front_channel_token());
    if for_browser && !profile.allows_front_channel_tokens() {
        let rule = "must hold nothing but code under PROFILE_OAUTH21: tokens are easily lost in a browser";
        return Err(Refusal::field("client.response_types", rule));
    }
    client.metadata.default_max_age = max_age(sent.default_max_age)?;
    client.metadata.require_auth_time = sent.require_auth_time;
    client.metadata.authorization_signing = signing(&sent.authorization_signed_response_alg)?;
    Ok(())
}

fn max_age(sent: Option<prost_types::Duration>) -> Result<Option<u32>, Refusal> {
    const FIELD: &str = "client.default_max_age";
    let Some(sent) = sent else { return Ok(None) };
    let span = span::seconds(FIELD, sent)?;
    let seconds = u32::try_from(span.as_secs()).ok().filter(|_| span.subsec_nanos() == 0);
    seconds.map(Some).ok_or_else(|| Refusal::field(FIELD, "must be whole seconds, at most 4294967295"))
}

fn signing(sent: &str) -> Result<Option<Algorithm>, Refusal> {
    if sent.is_empty() {
        return Ok(None);
    }
    let read = sent.parse().map(Some);
    read.map_err(|malformed| Refusal::malformed("client.authorization_signed_response_alg", &malformed))
}
