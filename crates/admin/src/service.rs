//! Ties the generated traits to the verbs: one line for each call.

use std::pin::Pin;

use tokio_stream::Stream;
use tonic::Status;

/// Answers that come one after the other.
pub(crate) type Answers<A> = Pin<Box<dyn Stream<Item = Result<A, Status>> + Send>>;

/// How often a call is carried out anew that came too late: who named the version that they meant is then told the
/// current one, and who named none need not know that there was a race. What came too late left nothing.
pub(crate) const REPEATS: u32 = 3;

/// Declares a service and its calls: `call(Request) -> Answer = verb;`, and after those the ones that answer more than
/// once: `[Stream] call(Request) -> Answer = verb;`.
///
/// The verb is `async fn(&Context, &Call, Request) -> Result<Answer, Refusal>`; that of a stream borrows
/// the request, refuses before the stream begins whom it does not concern, and gives `Answers<Answer>`.
macro_rules! service {
    (
        $(#[$doc:meta])*
        $service:ident serves $module:ident::$contract:ident {
            $($call:ident($request:ty) -> $answer:ty = $verb:path;)*
            $([$stream:ident] $told:ident($order:ty) -> $part:ty = $teller:path;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub(crate) struct $service(pub(crate) $crate::context::Context);

        #[tonic::async_trait]
        impl chancery_proto::v1::$module::$contract for $service {
            $(
                async fn $call(
                    &self,
                    request: tonic::Request<$request>,
                ) -> Result<tonic::Response<$answer>, tonic::Status> {
                    let (call, message) = $crate::call::Call::take(request)?;
                    let claim = $crate::approvals::claim(&self.0, &call, &message).await;
                    let claim = claim.map_err(|refusal| refusal.into_status(&call.trace))?;
                    let mut answer = $verb(&self.0, &call, message.clone()).await;
                    for _ in 0..$crate::service::REPEATS {
                        match &answer {
                            Err(refusal) if refusal.is_lost_race() => {}
                            Ok(_) | Err(_) => break,
                        }
                        answer = $verb(&self.0, &call, message.clone()).await;
                    }
                    $crate::approvals::settle(&self.0, &call, claim, answer.as_ref().err()).await;
                    answer.map(tonic::Response::new).map_err(|refusal| refusal.into_status(&call.trace))
                }
            )*
            $(
                type $stream = $crate::service::Answers<$part>;

                async fn $told(
                    &self,
                    request: tonic::Request<$order>,
                ) -> Result<tonic::Response<Self::$stream>, tonic::Status> {
                    let (call, request) = $crate::call::Call::take(request)?;
                    let claim = $crate::approvals::claim(&self.0, &call, &request).await;
                    let claim = claim.map_err(|refusal| refusal.into_status(&call.trace))?;
                    let answers = $teller(&self.0, &call, &request).await;
                    $crate::approvals::settle(&self.0, &call, claim, answers.as_ref().err()).await;
                    answers.map(tonic::Response::new).map_err(|refusal| refusal.into_status(&call.trace))
                }
            )*
        }
    };
}

pub(crate) use service;
