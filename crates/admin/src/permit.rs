//! Who may make which call: the contract's annotations say so, and what has none is refused.

use std::{collections::HashMap, sync::LazyLock, time::Duration};

use chancery_domain::{admin_key::AdminReach, permission::Permission, time::Timestamp};
use chancery_proto::authorization::{AUTHORIZATIONS, Authorization, Scope};

use crate::{
    caller::{Authenticated, Caller},
    reach, span,
    status::{Reason, Refusal},
};

/// How long ago a person may have signed in who makes a call that asks for it.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// What a call asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// Nothing: load balancers ask whether the server is up, and are told no more than that.
    Anybody,
    /// To be known.
    AnyCaller,
    /// A permission.
    Holder {
        /// Which.
        permission: Permission,
        /// Where it must be held.
        place: Place,
        /// Whether a person must have signed in a short while ago.
        step_up: bool,
    },
}

/// Where a permission must be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// For the whole platform.
    Platform,
    /// Where the body says; `reach` looks at that.
    Named,
}

impl Permit {
    /// Whether the caller may make the call, as far as can be told before the body is looked at.
    pub(crate) fn admits(self, caller: &Caller, now: Timestamp) -> Result<(), Refusal> {
        let Self::Holder { permission, place, step_up } = self else { return Ok(()) };
        let held = match place {
            Place::Platform => caller.held().at(AdminReach::Platform),
            Place::Named => caller.held().anywhere(),
        };
        if !held.contains(permission) {
            return Err(reach::denied(permission));
        }
        if step_up { fresh(caller, now) } else { Ok(()) }
    }

    /// The permission, where one is asked for.
    pub(crate) const fn permission(self) -> Option<Permission> {
        match self {
            Self::Anybody | Self::AnyCaller => None,
            Self::Holder { permission, .. } => Some(permission),
        }
    }
}

/// Refuses people who did not sign in a short while ago. Programs prove themselves with each call.
pub(crate) fn fresh(caller: &Caller, now: Timestamp) -> Result<(), Refusal> {
    let is_fresh = match caller.authenticated() {
        Authenticated::ApiKey | Authenticated::Certificate => true,
        Authenticated::Token { auth_time } => {
            !caller.principal().is_person() || auth_time.is_some_and(|at| now < at + FRESH)
        }
    };
    if is_fresh {
        return Ok(());
    }
    let refusal = Refusal::new(Reason::StepUpRequired, "sign in again: this needs somebody who did so just now");
    Err(refusal.with("max_age", span::span(FRESH).seconds.to_string()))
}

/// A call that there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Its exact path.
    pub(crate) method: &'static str,
    /// What it asks of its caller.
    pub(crate) permit: Permit,
}

/// The row of a call, by its exact path.
pub(crate) fn row(path: &str) -> Option<Row> {
    ROWS.get(path).copied()
}

static ROWS: LazyLock<HashMap<&'static str, Row>> = LazyLock::new(|| {
    // A permission that nobody knows is one that nobody has: such a call is none.
    let ours = AUTHORIZATIONS.iter().filter_map(|call| Some(Row { method: call.path, permit: permit(call)? }));
    let others = OTHERS.iter().map(|(method, permit)| Row { method, permit: *permit });
    ours.chain(others).map(|row| (row.method, row)).collect()
});

fn permit(call: &Authorization) -> Option<Permit> {
    let holder = |place| {
        let permission = call.permission.parse().ok()?;
        Some(Permit::Holder { permission, place, step_up: call.step_up })
    };
    match call.scope {
        Scope::Anybody => Some(Permit::Anybody),
        Scope::Caller => Some(Permit::AnyCaller),
        Scope::Platform => holder(Place::Platform),
        Scope::Tenant | Scope::Named => holder(Place::Named),
    }
}

/// The calls that are not of our contract.
const OTHERS: &[(&str, Permit)] = &[
    ("/grpc.health.v1.Health/Check", Permit::Anybody),
    ("/grpc.health.v1.Health/Watch", Permit::AnyCaller),
    ("/grpc.health.v1.Health/List", Permit::AnyCaller),
    ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Permit::AnyCaller),
    ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Permit::AnyCaller),
];

#[cfg(test)]
mod tests;
