//! Every call of the contract, made by a member of every built-in role, at every place: each is refused or let in
//! exactly as the roles say. Calls that come to the contract later are made too, by their descriptors.

pub(crate) mod requests;

use chancery_domain::{admin_key::AdminReach, id::TenantId, permission::Permission, role::BuiltInRole};
use chancery_proto::authorization::{AUTHORIZATIONS, Authorization, Scope};
use chancery_proto::v1::Tenant;
use tonic::{Code, Status, client::Grpc, codegen::http::uri::PathAndQuery};
use tonic_types::StatusExt;

use self::requests::{Bytes, Contract};
use crate::world::{Door, World};

/// Where a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// For the platform.
    Platform,
    /// In the tenant that the caller's role is had in, where it is had in one.
    Own,
    /// In another tenant.
    Foreign,
}

/// What comes of a call, as far as it is about who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    LetIn,
    Denied,
    Absent,
}

/// What the roles say about it.
fn expected(call: &Authorization, role: BuiltInRole, place: Place) -> Outcome {
    let has = call.permission.parse::<Permission>().is_ok_and(|permission| role.permissions().contains(permission));
    match (call.scope, place) {
        // Before the body is looked at.
        (Scope::Platform | Scope::Tenant | Scope::Named, _) if !has => Outcome::Denied,
        (Scope::Platform, _) | (Scope::Tenant | Scope::Named, Place::Platform) if role.is_for_tenants() => {
            Outcome::Denied
        }
        (Scope::Tenant | Scope::Named, Place::Foreign) if role.is_for_tenants() => Outcome::Absent,
        (Scope::Anybody | Scope::Caller | Scope::Platform | Scope::Tenant | Scope::Named, _) => Outcome::LetIn,
    }
}

fn outcome(answer: &Result<(), Status>) -> Outcome {
    let Err(status) = answer else { return Outcome::LetIn };
    let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    match (status.code(), reason.as_str()) {
        (Code::PermissionDenied, _) => Outcome::Denied,
        (Code::NotFound, "TENANT_NOT_FOUND") => Outcome::Absent,
        (Code::Unauthenticated | Code::Unimplemented | Code::Unavailable | Code::Internal, _) => {
            panic!("a call that was not even tried: {status:?}")
        }
        _ => Outcome::LetIn,
    }
}

async fn answer(grpc: &mut Grpc<Door>, path: &'static str, request: Vec<u8>) -> Result<(), Status> {
    grpc.ready().await.expect("ready");
    let request = tonic::Request::new(request);
    // A refusal comes at once; an answer, or a stream that has begun, is not waited for.
    grpc.server_streaming(request, PathAndQuery::from_static(path), Bytes).await.map(drop)
}

#[tokio::test]
async fn t169_every_call_at_every_place_is_let_in_for_exactly_those_whose_role_allows_it() {
    let contract = Contract::default();
    let mut wrong = Vec::new();
    let mut made = 0;
    for role in BuiltInRole::ALL {
        let world = World::new().await;
        let (own, foreign) = (world.tenant("acme").await, world.tenant("bolt").await);
        let reach = if role.is_for_tenants() { within(&own) } else { AdminReach::Platform };
        let (_, key) = world.insert_key_of(reach, *role).await;
        let mut grpc = Grpc::new(world.door(Some(&key)));
        for call in AUTHORIZATIONS.iter().filter(|call| call.scope != Scope::Anybody) {
            let places = [(Place::Own, Some("acme")), (Place::Foreign, Some("bolt")), (Place::Platform, None)];
            let mut reached = 0;
            for (place, tenant) in places {
                let Some(request) = contract.request(call, tenant) else { continue };
                reached += 1;
                let (found, wanted) =
                    (outcome(&answer(&mut grpc, call.path, request).await), expected(call, *role, place));
                if found != wanted {
                    wrong.push(format!("{role} {} {place:?}: {found:?} instead of {wanted:?}", call.path));
                }
            }
            assert!(reached > 0, "{} has neither name nor parent to reach a tenant by", call.path);
            made += reached;
        }
        drop(foreign);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(made > 1000, "only {made} calls were made");
}

/// No verb has to think of it, so no verb can forget.
#[tokio::test]
async fn a_nul_is_refused_in_every_text_of_every_call() {
    let contract = Contract::default();
    let world = World::new().await;
    let (_, key) = world.insert_key_of(AdminReach::Platform, BuiltInRole::PlatformOwner).await;
    let mut grpc = Grpc::new(world.door(Some(&key)));
    let mut made = 0;
    for call in AUTHORIZATIONS.iter().filter(|call| call.scope != Scope::Anybody) {
        for (path, request) in contract.spoilt(call) {
            let status = answer(&mut grpc, call.path, request).await.expect_err("refused");
            let told = (status.code(), status.message().contains("NUL"));
            assert_eq!(told, (Code::InvalidArgument, true), "{} {path}: {status:?}", call.path);
            made += 1;
        }
    }
    assert!(made > 300, "only {made} texts were tried");
}

fn within(tenant: &Tenant) -> AdminReach {
    let id: TenantId = tenant.uid.parse().expect("a uid");
    AdminReach::Tenant(id)
}

/// What each role may do is part of the contract: this list changes when somebody means it to.
#[test]
fn the_roles_and_what_they_may_do_stay() {
    let line = |permission: &Permission| {
        let has = |role: &&BuiltInRole| role.permissions().contains(*permission);
        let roles: Vec<_> = BuiltInRole::ALL.iter().filter(has).map(|role| role.id()).collect();
        format!("{permission}: {}", roles.join(" "))
    };
    insta::assert_snapshot!(Permission::ALL.iter().map(line).collect::<Vec<_>>().join("\n"));
}
