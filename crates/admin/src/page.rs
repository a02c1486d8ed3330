//! Lists, a page at a time (AIP-158).
//!
//! A page token is the position of the last row, sealed, and bound to the caller, the call and every other argument:
//! it opens for the same list only, tells nothing, and gives no rights.

use chancery_domain::{
    page::{Page, PageRequest},
    ports::jose::{Purpose, Sealer},
    secret::{Digest, base64url, from_base64url},
};
use chancery_proto::v1::{
    ListApiKeysRequest, ListClientSecretsRequest, ListClientsRequest, ListKeysRequest, ListScopesRequest,
    ListTenantsRequest, ListTokenSecretsRequest, ListUsersRequest,
};
use prost::Message;

use crate::{
    call::Call,
    context::Context,
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
}

macro_rules! listings {
    ($($request:ty),*) => {$(
        impl Listing for $request {
            fn size(&self) -> i32 {
                self.page_size
            }

            fn token(&self) -> &str {
                &self.page_token
            }

            fn others(&self) -> Self {
                Self { page_size: 0, page_token: String::new(), ..self.clone() }
            }
        }
    )*};
}

listings!(
    ListTenantsRequest,
    ListClientsRequest,
    ListClientSecretsRequest,
    ListScopesRequest,
    ListUsersRequest,
    ListKeysRequest,
    ListTokenSecretsRequest,
    ListApiKeysRequest
);

/// A page that was asked for.
pub(crate) struct Asked<S> {
    sealer: S,
    context: Digest,
    size: u32,
    after: Option<String>,
}

/// Reads which page is asked for.
pub(crate) fn asked(cx: &Context, call: &Call, request: &impl Listing) -> Result<Asked<impl Sealer>, Refusal> {
    read(cx.keys.masters.platform_sealer()?, call, request)
}

fn read<S: Sealer>(sealer: S, call: &Call, request: &impl Listing) -> Result<Asked<S>, Refusal> {
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
        token => Some(open(&sealer, &context, token).ok_or_else(refused)?),
    };
    Ok(Asked { sealer, context, size, after })
}

fn open(sealer: &impl Sealer, context: &Digest, token: &str) -> Option<String> {
    let plain = sealer.open(Purpose::PageToken, context.bytes(), &from_base64url(token)?)?;
    String::from_utf8(plain).ok()
}

fn refused() -> Refusal {
    let rule = "must be next_page_token of this list, asked for by the same caller with the same arguments";
    Refusal::field_because(Reason::PageTokenInvalid, "page_token", rule)
}

impl<S: Sealer> Asked<S> {
    /// What to ask the store for.
    pub(crate) fn request(&self) -> PageRequest {
        PageRequest { after: self.after.clone(), size: self.size }
    }

    /// The page of a list that the store gives whole; `position` is what the list is ordered by.
    pub(crate) fn cut<T>(&self, rows: Vec<T>, position: impl Fn(&T) -> String) -> Page<T> {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let behind = |row: &T| self.after.as_ref().is_none_or(|after| position(row) > *after);
        let mut rest = rows.into_iter().filter(behind);
        let rows: Vec<T> = rest.by_ref().take(size).collect();
        let next = rest.next().and_then(|_| rows.last().map(&position));
        Page { rows, next }
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
