//! What dangerous calls would end: counted beforehand, told, and held against what is there when the call comes.
//!
//! A preview is not kept. Its hash is made of the caller, the request and what was counted; the real call carries it
//! back, counts again and is refused where something else comes out.

pub(crate) mod clients;
mod danger;
mod effects;
pub(crate) mod keys;
mod proof;
pub(crate) mod tenants;
mod users;

use std::{fmt::Debug, time::Duration};

use chancery_proto::v1::{
    CompromiseKeyRequest, CompromiseTenantKeysRequest, DeleteClientRequest, DeleteTenantRequest, DeleteUserRequest,
    DisableClientRequest, DisableUserRequest, Preview, SuspendTenantRequest, UpdateKeyPolicyRequest,
    UpdateTenantRequest, preview::Effect,
};
use prost::Message;

pub use self::danger::Danger;
pub(crate) use self::proof::Deed;
use crate::{
    call::Call,
    context::Context,
    service::service,
    span,
    status::{Reason, Refusal},
};

/// How long a preview can be acted on.
pub(crate) const GOOD_FOR: Duration = Duration::from_secs(600);

service! {
    /// Answers the calls that show what others would end.
    Previews serves preview_service_server::PreviewService {
        preview_delete_tenant(DeleteTenantRequest) -> Preview = show;
        preview_suspend_tenant(SuspendTenantRequest) -> Preview = show;
        preview_update_tenant(UpdateTenantRequest) -> Preview = show;
        preview_delete_client(DeleteClientRequest) -> Preview = show;
        preview_disable_client(DisableClientRequest) -> Preview = show;
        preview_delete_user(DeleteUserRequest) -> Preview = show;
        preview_disable_user(DisableUserRequest) -> Preview = show;
        preview_compromise_key(CompromiseKeyRequest) -> Preview = show;
        preview_compromise_tenant_keys(CompromiseTenantKeysRequest) -> Preview = show;
        preview_update_key_policy(UpdateKeyPolicyRequest) -> Preview = show;
    }
}

/// What a call would do, as far as it can be counted.
#[derive(Debug, Default)]
pub(crate) struct Foreseen {
    /// The name of what it is about.
    pub(crate) about: String,
    /// What tells that from itself at another time.
    pub(crate) version: String,
    /// What ends.
    pub(crate) effects: Vec<Effect>,
}

/// A request that ends what people rely on.
#[tonic::async_trait]
pub(crate) trait Dangerous: Message + Clone + Debug {
    /// Which danger it is.
    const DANGER: Danger;
    /// The hash of the preview that it goes by, or nothing.
    fn hash(&self) -> &str;
    /// Whether it only asks what would happen.
    fn is_trial(&self) -> bool;
    /// The request without both, and without what names the try and not the deed.
    fn bare(&self) -> Self;
    /// What it would do; refused like the call itself.
    async fn foresee(&self, cx: &Context, call: &Call) -> Result<Foreseen, Refusal>;
}

/// What the request would do.
async fn show<R: Dangerous + Sync>(cx: &Context, call: &Call, request: R) -> Result<Preview, Refusal> {
    let expires = cx.clock.now() + GOOD_FOR;
    let foreseen = request.foresee(cx, call).await?;
    let hash = proof::write(cx, call, &deed(&request), &foreseen, expires)?;
    Ok(Preview { name: foreseen.about, effects: foreseen.effects, hash, expire_time: Some(span::moment(expires)) })
}

/// Lets a request pass that does what its preview told, or that needs none.
pub(crate) async fn admit<R: Dangerous + Sync>(cx: &Context, call: &Call, request: &R) -> Result<(), Refusal> {
    if request.is_trial() {
        return Ok(());
    }
    if request.hash().is_empty() {
        return unseen(cx, R::DANGER.label(), UNSEEN);
    }
    let foreseen = request.foresee(cx, call).await?;
    proof::check(cx, call, &deed(request), &foreseen, request.hash())
}

fn deed<R: Dangerous>(request: &R) -> Deed {
    Deed::of(format!("{:?}", R::DANGER), &request.bare())
}

const UNSEEN: &str = "this deployment wants to be shown the hash of a preview of this call: ask for one, and send it as \
                      preview_hash";

/// Lets something pass of which nobody was shown what it ends, unless the deployment wants a preview of it: `how` says how
/// to come by one. Calls that share a permission are wanted together, and so is whatever else does the same as they do.
pub(crate) fn unseen(cx: &Context, permission: &str, how: &'static str) -> Result<(), Refusal> {
    if !cx.preview_required.iter().any(|danger| danger.label() == permission) {
        return Ok(());
    }
    Err(Refusal::new(Reason::PreviewRequired, how).with("call", permission))
}

/// The hash of what was foreseen of a deed that has a preview of its own, good for [`GOOD_FOR`].
pub(crate) fn hash(cx: &Context, call: &Call, deed: &Deed, foreseen: &Foreseen) -> Result<String, Refusal> {
    proof::write(cx, call, deed, foreseen, cx.clock.now() + GOOD_FOR)
}

/// Lets that deed pass if it does what was foreseen then.
pub(crate) fn hold(cx: &Context, call: &Call, deed: &Deed, foreseen: &Foreseen, hash: &str) -> Result<(), Refusal> {
    proof::check(cx, call, deed, foreseen, hash)
}

/// Says which requests are dangerous; `trial` where they can ask what would happen, `id` where they can name themselves.
macro_rules! dangerous {
    ($request:ident as $danger:ident by $foresee:path; $($left_out:ident),*; $trial:expr) => {
        #[tonic::async_trait]
        impl $crate::previews::Dangerous for chancery_proto::v1::$request {
            const DANGER: $crate::previews::Danger = $crate::previews::Danger::$danger;

            fn hash(&self) -> &str {
                &self.preview_hash
            }

            fn is_trial(&self) -> bool {
                let trial: fn(&Self) -> bool = $trial;
                trial(self)
            }

            fn bare(&self) -> Self {
                Self { preview_hash: String::new(), $($left_out: Default::default(),)* ..self.clone() }
            }

            async fn foresee(
                &self,
                cx: &$crate::context::Context,
                call: &$crate::call::Call,
            ) -> Result<$crate::previews::Foreseen, $crate::status::Refusal> {
                $foresee(cx, call, self).await
            }
        }
    };
}

use dangerous;
