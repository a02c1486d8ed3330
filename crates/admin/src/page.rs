//! Lists, a page at a time (AIP-158).
//!
//! A page token is the position of the last row, sealed, and bound to the caller, the call and every other argument:
//! it opens for the same list only, tells nothing, and gives no rights.

use chancery_domain::{
    page::PageRequest,
    ports::jose::{Purpose, Sealer},
    query::{Field, Query},
    secret::{Digest, base64url, from_base64url},
};
use chancery_proto::v1::{
    ListApiKeysRequest, ListApprovalsRequest, ListAuditEventsRequest, ListAuditKeysRequest, ListClaimMappingsRequest,
    ListClientSecretsRequest, ListClientsRequest, ListConsentsRequest, ListEncryptionKeysRequest, ListGrantsRequest,
    ListInitialAccessTokensRequest, ListKeysRequest, ListMasterKeysRequest, ListResourcesRequest,
    ListRoleBindingsRequest, ListRolesRequest, ListScopesRequest, ListSessionsRequest, ListTenantsRequest,
    ListTokenSecretsRequest, ListTrustedIssuersRequest, ListUsersRequest, WatchAuditEventsRequest,
};
use prost::Message;

use crate::{
    call::Call,
    context::Context,
    filter, order,
    status::{Reason, Refusal},
};

/// The size of a page when nobody asks for one.
const USUAL: u32 = 50;
/// The largest page; who asks for more gets this.
const MOST: u32 = 1000;

/// A request for a page of a list.
pub(crate) trait Listing: Message + Clone {
    /// The size that was asked for.
    fn size(&self) -> i32;
    /// The token that was sent.
    fn token(&self) -> &str;
    /// The request without both.
    fn others(&self) -> Self;
    /// The name of the field with the token.
    fn field() -> &'static str {
        "page_token"
    }
}

macro_rules! listings {
    ($($request:ty),* $(,)?) => {$(
        impl Listing for $request {
            fn size(&self) -> i32 {
                self.page_size
            }

            fn token(&self) -> &str {
                &self.page_token
            }

            fn others(&self) -> Self {
                let mut others = self.clone();
                others.page_size = 0;
                others.page_token.clear();
                others
            }
        }
    )*};
}

listings!(
    ListTenantsRequest,
    ListClientsRequest,
    ListClientSecretsRequest,
    ListScopesRequest,
    ListResourcesRequest,
    ListClaimMappingsRequest,
    ListTrustedIssuersRequest,
    ListUsersRequest,
    ListSessionsRequest,
    ListGrantsRequest,
    ListConsentsRequest,
    ListKeysRequest,
    ListTokenSecretsRequest,
    ListInitialAccessTokensRequest,
    ListEncryptionKeysRequest,
    ListApiKeysRequest,
    ListRolesRequest,
    ListRoleBindingsRequest,
    ListApprovalsRequest,
    ListAuditEventsRequest,
    ListAuditKeysRequest,
    ListMasterKeysRequest,
);

/// A stream goes on where a token says, as if it were the rest of one long list.
impl Listing for WatchAuditEventsRequest {
    fn size(&self) -> i32 {
        0
    }

    fn token(&self) -> &str {
        &self.resume_token
    }

    fn others(&self) -> Self {
        Self { resume_token: String::new(), ..self.clone() }
    }

    fn field() -> &'static str {
        "resume_token"
    }
}

/// A page that was asked for.
pub(crate) struct Asked<S> {
    sealer: S,
    context: Digest,
    size: u32,
    after: Option<String>,
}

/// Reads which page is asked for.
pub(crate) fn asked(
    cx: &Context,
    call: &Call,
    request: &impl Listing,
) -> Result<Asked<impl Sealer + 'static>, Refusal> {
    read(cx.keys.masters.platform_sealer()?, call, request)
}

fn read<S: Sealer, L: Listing>(sealer: S, call: &Call, request: &L) -> Result<Asked<S>, Refusal> {
    let size = match u32::try_from(request.size()) {
        Ok(0) => USUAL,
        Ok(size) => size.min(MOST),
        Err(_) => return Err(Refusal::field("page_size", "must not be negative")),
    };
    let mut binding = format!("{} {} ", call.caller.principal(), call.method).into_bytes();
    request.others().encode_raw(&mut binding);
    let context = Digest::of("page", &binding);
    let after = match request.token() {
        "" => None,
        token => Some(open(&sealer, &context, token).ok_or_else(|| refused(L::field()))?),
    };
    Ok(Asked { sealer, context, size, after })
}

fn open(sealer: &impl Sealer, context: &Digest, token: &str) -> Option<String> {
    let plain = sealer.open(Purpose::PageToken, context.bytes(), &from_base64url(token)?)?;
    String::from_utf8(plain).ok()
}

fn refused(field: &str) -> Refusal {
    let rule = "must be one that this call gave to the same caller for the same arguments";
    Refusal::field_because(Reason::PageTokenInvalid, field, rule)
}

impl<S: Sealer> Asked<S> {
    /// The position that the token holds; none without a token.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// What to ask the store for.
    pub(crate) fn request(&self) -> PageRequest {
        PageRequest { after: self.after.clone(), size: self.size }
    }

    /// The same, for a list that can be filtered and ordered.
    pub(crate) fn query<F: Field>(&self, filter: &str, order_by: &str) -> Result<Query<F>, Refusal> {
        Ok(Query { page: self.request(), filter: filter::read(filter)?, order: order::read(order_by)? })
    }

    /// The token for the page after; empty on the last.
    pub(crate) fn token(&self, next: Option<String>) -> Result<String, Refusal> {
        let Some(next) = next else { return Ok(String::new()) };
        let sealed = self.sealer.seal(Purpose::PageToken, self.context.bytes(), next.as_bytes())?;
        Ok(base64url(&sealed))
    }
}

#[cfg(test)]
mod tests;
