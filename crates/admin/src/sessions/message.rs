//! A session as message: who, where, since when; never what its cookie holds.

use chancery_domain::{ports::sessions::ListedSession, tenant::Tenant, time::Timestamp};
use chancery_proto::v1;

use crate::{name, span};

/// The session as callers see it.
pub(super) fn of(tenant: &Tenant, listed: &ListedSession, now: Timestamp) -> v1::Session {
    let ListedSession { session, clients } = listed;
    let state = match session.ended_at {
        Some(_) => v1::session::State::Ended,
        None if session.is_live(&tenant.settings, now) => v1::session::State::Live,
        None => v1::session::State::Expired,
    };
    v1::Session {
        name: name::within(&tenant.slug, "sessions", session.id),
        user: name::within(&tenant.slug, "users", session.user),
        clients: clients.iter().map(|client| name::within(&tenant.slug, "clients", client)).collect(),
        state: state.into(),
        authenticate_time: Some(span::moment(session.authenticated_at)),
        authentication_methods: session.amr.clone(),
        last_use_time: Some(span::moment(session.last_seen_at)),
        idle_expire_time: Some(span::moment(session.over_at(&tenant.settings))),
        expire_time: Some(span::moment(session.expires_at)),
        end_time: session.ended_at.map(span::moment),
    }
}
