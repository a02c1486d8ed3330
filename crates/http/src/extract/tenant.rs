//! The tenant that a path names.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    response::{IntoResponse, Response},
};
use chancery_domain::{id::TenantSlug, tenant::TenantState, view::TenantView};
use http::{HeaderMap, request::Parts};

use crate::{
    error::{Problem, wants_page},
    front::Front,
    layers::hosts::ByHost,
    layers::line,
    pages,
};

/// A tenant whose metadata may be read: it serves or is suspended.
pub(crate) struct Published(pub(crate) Arc<TenantView>);

/// A tenant that serves.
pub(crate) struct Serving(pub(crate) Arc<TenantView>);

impl Published {
    /// The tenant of the path. The path is taken literally: nothing that is spelt with a percent sign names a tenant,
    /// so no decoding, here or in a proxy, can turn one tenant into another.
    pub(crate) async fn find(parts: &mut Parts, front: &Arc<Front>) -> Result<Self, Problem> {
        if parts.uri.path().contains('%') {
            return Err(Problem::UnknownIssuer);
        }
        let slug = slug(parts).await.ok_or(Problem::UnknownIssuer)?;
        let view = front.oauth.directory.tenant(&slug).await?.ok_or(Problem::UnknownIssuer)?;
        match view.tenant.state() {
            TenantState::Active | TenantState::Suspended => {
                line::tenant(&slug);
                Ok(Self(view))
            }
            TenantState::Deleted { .. } => Err(Problem::UnknownIssuer),
        }
    }

    /// The tenant, if it serves where the request came in. Where it has a host for itself it serves there alone: under
    /// the shared host its cookies, whose path is `/`, would travel to every other tenant.
    pub(crate) fn serving(self, parts: &Parts) -> Result<Serving, Problem> {
        let came_by_host = parts.extensions.get::<ByHost>().is_some();
        if came_by_host != self.0.tenant.issuer_host.is_some() {
            return Err(Problem::UnknownIssuer);
        }
        if self.0.tenant.is_active() { Ok(Serving(self.0)) } else { Err(Problem::Suspended) }
    }
}

async fn slug(parts: &mut Parts) -> Option<TenantSlug> {
    let params = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    params.iter().find(|(name, _)| *name == "tenant")?.1.parse().ok()
}

impl FromRequestParts<Arc<Front>> for Published {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, front: &Arc<Front>) -> Result<Self, Response> {
        Self::find(parts, front).await.map_err(|problem| refuse(front, &parts.headers, problem))
    }
}

impl FromRequestParts<Arc<Front>> for Serving {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, front: &Arc<Front>) -> Result<Self, Response> {
        let found = Published::find(parts, front).await.and_then(|found| found.serving(parts));
        found.map_err(|problem| refuse(front, &parts.headers, problem))
    }
}

/// The problem as the caller would like to see it.
pub(crate) fn refuse(front: &Front, headers: &HeaderMap, problem: Problem) -> Response {
    if wants_page(headers) { pages::error::show(front, None, &problem) } else { problem.into_response() }
}
