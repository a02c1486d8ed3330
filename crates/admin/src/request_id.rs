//! Requests that name themselves (AIP-155): the same request under the same id is carried out once and answered alike
//! for a day, per caller and call.
//!
//! What is kept of a request is a keyed digest, for a request can hold what its sender keeps to themselves.

use std::{future::Future, time::Duration};

use chancery_domain::{
    fault::Fault,
    ports::store::{Remembered, Requests},
    secret::Digest,
    time::Timestamp,
};
use chancery_proto::v1::{
    ActivateTokenSecretRequest, ApplyTenantDocumentRequest, ApproveApprovalRequest, CompromiseKeyRequest,
    CompromiseTenantKeysRequest, CreateClaimMappingRequest, CreateClientRequest, CreateResourceRequest,
    CreateRoleBindingRequest, CreateRoleRequest, CreateScopeRequest, CreateTenantRequest, CreateTrustedIssuerRequest,
    CreateUserRequest, DisableClientRequest, DisableUserRequest, EnableClientRequest, EnableUserRequest,
    ImportKeyRequest, PauseRewrapRequest, RejectApprovalRequest, ResumeRewrapRequest, ResumeTenantRequest,
    RevokeConsentRequest, RevokeGrantRequest, RevokeGrantsRequest, RevokeSessionRequest, RevokeSessionsRequest,
    RevokeTokenRequest, RotateEncryptionKeysRequest, RotateKeysRequest, StartRewrapRequest, SuspendTenantRequest,
    TaintKeyRequest, UndeleteTenantRequest,
};
use prost::Message;
use uuid::Uuid;

use crate::{
    call::Call,
    context::Context,
    reach::Reached,
    status::{Reason, Refusal},
};

/// How long an answer is remembered.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// A request that may name itself.
pub(crate) trait Nameable: Message + Clone {
    /// The id that it gives itself, or nothing.
    fn id(&self) -> &str;
    /// Whether it only asks what would happen.
    fn is_trial(&self) -> bool;
    /// The request without its id.
    fn others(&self) -> Self;
}

/// Says which requests may name themselves: those that can ask what would happen, and those that cannot.
macro_rules! nameable {
    ($($request:ty),*; $($command:ty),*;) => {
        $(nameable!($request, |request| request.validate_only);)*
        $(nameable!($command, |_| false);)*
    };
    ($request:ty, $trial:expr) => {
        impl Nameable for $request {
            fn id(&self) -> &str {
                &self.request_id
            }

            fn is_trial(&self) -> bool {
                let trial: fn(&Self) -> bool = $trial;
                trial(self)
            }

            fn others(&self) -> Self {
                let mut others = self.clone();
                others.request_id.clear();
                others
            }
        }
    };
}

nameable!(
    CreateTenantRequest,
    CreateClientRequest,
    CreateScopeRequest,
    CreateResourceRequest,
    CreateClaimMappingRequest,
    CreateTrustedIssuerRequest,
    CreateUserRequest,
    CreateRoleRequest,
    CreateRoleBindingRequest,
    RevokeSessionRequest,
    RevokeSessionsRequest,
    RevokeGrantRequest,
    RevokeGrantsRequest,
    RevokeTokenRequest,
    RevokeConsentRequest,
    RotateKeysRequest,
    StartRewrapRequest,
    ImportKeyRequest,
    TaintKeyRequest,
    CompromiseKeyRequest,
    CompromiseTenantKeysRequest,
    ApplyTenantDocumentRequest;
    ActivateTokenSecretRequest,
    ApproveApprovalRequest,
    DisableClientRequest,
    DisableUserRequest,
    EnableClientRequest,
    EnableUserRequest,
    PauseRewrapRequest,
    RejectApprovalRequest,
    ResumeRewrapRequest,
    ResumeTenantRequest,
    RotateEncryptionKeysRequest,
    SuspendTenantRequest,
    UndeleteTenantRequest;
);

/// Where answers are remembered: with the rows that they are about.
#[derive(Clone, Copy)]
pub(crate) enum Ledger<'a> {
    /// With the platform's own.
    Platform(&'a Context),
    /// With a tenant's.
    Tenant(&'a Reached<'a>),
}

/// A request that named itself.
pub(crate) struct Named {
    caller: String,
    method: &'static str,
    id: String,
    request: Digest,
}

impl Named {
    /// The name of the request; `None` when it has none, or only asks what would happen.
    pub(crate) fn of(cx: &Context, call: &Call, request: &impl Nameable) -> Result<Option<Self>, Refusal> {
        if request.id().is_empty() {
            return Ok(None);
        }
        let id = Uuid::try_parse(request.id()).map_err(|_| Refusal::field("request_id", "must be a UUID"))?;
        if request.is_trial() {
            return Ok(None);
        }
        // A call has one request, so this is set at most once.
        let _ = call.request_id.set(id.to_string());
        let request = cx.keys.masters.fingerprint("admin-request", &request.others().encode_to_vec())?;
        Ok(Some(Self { caller: call.caller.principal().to_string(), method: call.method, id: id.to_string(), request }))
    }

    /// Remembers the answer, in the transaction of what it tells.
    pub(crate) async fn remember(
        &self,
        requests: &dyn Requests,
        answer: &impl Message,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let answer = Remembered { request: self.request, answer: answer.encode_to_vec() };
        Ok(requests.remember(&self.caller, self.method, &self.id, &answer, now + KEPT).await?)
    }

    /// What was answered to it, if it was carried out. Another request under the same id is refused.
    async fn recall<A: Message + Default>(&self, ledger: Ledger<'_>) -> Result<Option<A>, Refusal> {
        let found = match ledger {
            Ledger::Platform(cx) => {
                let tx = cx.platform.begin().await?;
                tx.requests().recall(&self.caller, self.method, &self.id).await?
            }
            Ledger::Tenant(reached) => {
                let tx = reached.begin().await?;
                tx.requests().recall(&self.caller, self.method, &self.id).await?
            }
        };
        match found {
            None => Ok(None),
            Some(found) if found.request == self.request => {
                let answer = A::decode(&*found.answer);
                Ok(Some(answer.map_err(|error| Fault::broken("remembered answer", error))?))
            }
            Some(_) => {
                let refusal = Refusal::new(Reason::RequestIdReused, "another request had this request_id");
                Err(refusal.with("request_id", &self.id))
            }
        }
    }
}

/// Carries the work out unless it was carried out before. When it fails because the same request, sent twice, was
/// faster the other time, the answer of that one is given.
pub(crate) async fn once<A: Message + Default>(
    named: Option<&Named>,
    ledger: Ledger<'_>,
    work: impl Future<Output = Result<A, Refusal>> + Send,
) -> Result<A, Refusal> {
    let Some(named) = named else { return work.await };
    if let Some(answer) = named.recall(ledger).await? {
        return Ok(answer);
    }
    match work.await {
        Ok(answer) => Ok(answer),
        Err(refusal) => named.recall(ledger).await?.ok_or(refusal),
    }
}
