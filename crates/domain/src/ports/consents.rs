//! Consents as operators look at them and take them back.

use async_trait::async_trait;

use crate::{
    consent::{Consent, ConsentField},
    fault::Fault,
    id::{ClientId, ClientUid, UserId},
    page::Page,
    query::Query,
};

/// A consent, and the client under the name that people know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedConsent {
    /// The consent.
    pub consent: Consent,
    /// Its client.
    pub client: ClientId,
}

/// Which consents: those that have all of what is set here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConsentSelection {
    /// Of that user.
    pub user: Option<UserId>,
    /// To that client.
    pub client: Option<ClientUid>,
}

/// Lists of consents.
#[async_trait]
pub trait ConsentLists: Send + Sync {
    /// A page of those; their own position is the user and then the uid of the client.
    async fn list(&self, of: &ConsentSelection, query: Query<ConsentField>) -> Result<Page<ListedConsent>, Fault>;
}

/// Withdrawal of consents.
#[async_trait]
pub trait ConsentWithdrawals: Send + Sync {
    /// The user has allowed the client nothing any more, and will be asked again. `false` when they had not.
    async fn withdraw(&self, user: UserId, client: ClientUid) -> Result<bool, Fault>;
}
