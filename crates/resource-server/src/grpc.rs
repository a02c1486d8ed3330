//! Tonic: the token of a call.

use tonic::{Status, metadata::MetadataMap};

use crate::{claims::AccessToken, rejection::Rejection, verifier::Verifier};

impl Verifier {
    /// The verified token of a gRPC call, or the status to answer with.
    ///
    /// ```no_run
    /// # use chancery_resource_server::Verifier;
    /// # use tonic::{Request, Response, Status};
    /// async fn list_orders(verifier: &Verifier, request: Request<()>) -> Result<Response<()>, Status> {
    ///     let token = verifier.authenticate(request.metadata()).await?;
    ///     token.require(["orders:read"])?;
    ///     Ok(Response::new(()))
    /// }
    /// ```
    pub async fn authenticate(&self, metadata: &MetadataMap) -> Result<AccessToken, Status> {
        let values: Vec<_> = metadata.get_all("authorization").iter().map(|value| value.to_str().ok()).collect();
        Ok(self.verify_header(values.into_iter()).await?)
    }
}

/// The challenge travels along as `www-authenticate`.
impl From<Rejection> for Status {
    fn from(rejection: Rejection) -> Self {
        let text = rejection.to_string();
        let mut status = match &rejection {
            Rejection::Scope { .. } => Self::permission_denied(text),
            Rejection::Unavailable => Self::unavailable(text),
            Rejection::Missing
            | Rejection::Ambiguous
            | Rejection::Malformed
            | Rejection::Type
            | Rejection::Issuer
            | Rejection::Algorithm
            | Rejection::UnknownKey
            | Rejection::Signature
            | Rejection::Audience
            | Rejection::Expired
            | Rejection::NotYet
            | Rejection::Bound
            | Rejection::Claim(_) => Self::unauthenticated(text),
        };
        if let Some(challenge) = rejection.challenge().and_then(|text| text.parse().ok()) {
            status.metadata_mut().insert("www-authenticate", challenge);
        }
        status
    }
}
