use std::collections::BTreeSet;

use chancery_domain::{
    id::{AdminKeyId, UserId},
    permission::PermissionSet,
    principal::Principal,
    role::BuiltInRole,
    role_binding::{Given, Held, Until},
};
use uuid::Uuid;

use super::*;

#[test]
fn t263_a_path_is_matched_exactly() {
    assert!(row("/chancery.admin.v1.TenantService/GetTenant").is_some());
    for path in [
        "chancery.admin.v1.TenantService/GetTenant",
        "//chancery.admin.v1.TenantService/GetTenant",
        "/chancery.admin.v1.TenantService/getTenant",
        "/chancery.admin.v1.TenantService/GetTenant/",
        "/chancery.admin.v1.TenantService/Nothing",
    ] {
        assert!(row(path).is_none(), "{path}");
    }
}

#[test]
fn only_the_health_check_and_the_first_owner_need_no_caller() {
    let open = ROWS.values().filter(|row| row.permit == Permit::Anybody).map(|row| row.method);
    let open: BTreeSet<_> = open.collect();
    let expected = ["/chancery.admin.v1.BootstrapService/Bootstrap", "/grpc.health.v1.Health/Check"];
    assert_eq!(open, BTreeSet::from(expected));
}

#[test]
fn the_contract_and_the_house_know_the_same_permissions() {
    let asked: BTreeSet<&str> =
        AUTHORIZATIONS.iter().map(|call| call.permission).filter(|code| !code.is_empty()).collect();
    let known: BTreeSet<&str> = Permission::ALL.iter().map(|permission| permission.code()).collect();
    assert_eq!(asked, known);
    assert_eq!(ROWS.len(), AUTHORIZATIONS.len() + OTHERS.len(), "every call of the contract has its row");
}

/// What can be held in a tenant is what its administrators have: custom roles are made of that.
#[test]
fn administrators_of_a_tenant_have_what_can_be_asked_for_in_it() {
    let in_tenants = |call: &&Authorization| matches!(call.scope, Scope::Tenant | Scope::Named);
    let asked = AUTHORIZATIONS.iter().filter(in_tenants).map(|call| call.permission.parse().expect("known"));
    let asked: PermissionSet = asked.collect();
    assert_eq!(asked, BuiltInRole::TenantAdmin.permissions());
}

#[test]
fn who_looks_is_told_no_secret() {
    let held = |call: &&Authorization| call.secret_output && !call.permission.is_empty();
    for call in AUTHORIZATIONS.iter().filter(held) {
        let permission = call.permission.parse().expect("known");
        for role in [BuiltInRole::PlatformOperator, BuiltInRole::PlatformAuditor, BuiltInRole::TenantAuditor] {
            assert!(!role.permissions().contains(permission), "{role} may make {}", call.path);
        }
    }
}

fn caller(principal: Principal, authenticated: Authenticated) -> Caller {
    let (permissions, since) = (PermissionSet::all(), Timestamp::from_seconds(0));
    let all = Given { place: AdminReach::Platform, permissions, since, until: Until::Taken };
    Caller::in_test(principal, authenticated, Held::of([all], None))
}

#[test]
fn a_person_must_have_signed_in_just_now_and_a_program_need_not() {
    let permit = Permit::Holder { permission: Permission::KeysCompromise, place: Place::Platform, step_up: true };
    let now = Timestamp::from_seconds(1000);
    let person = |auth_time: Option<i64>| {
        let auth_time = auth_time.map(Timestamp::from_seconds);
        let ada = Principal::User(UserId::from_uuid(Uuid::nil()));
        permit.admits(&caller(ada, Authenticated::Token { auth_time }), now).map_err(|refusal| refusal.reason())
    };
    assert_eq!(person(Some(701)), Ok(()));
    assert_eq!(person(Some(700)), Err(Reason::StepUpRequired));
    assert_eq!(person(None), Err(Reason::StepUpRequired));

    let key = Principal::ApiKey(AdminKeyId::from_uuid(Uuid::nil()));
    assert!(permit.admits(&caller(key, Authenticated::ApiKey), now).is_ok());
    let console = Principal::Client("console".parse().expect("an id"));
    assert!(permit.admits(&caller(console, Authenticated::Token { auth_time: None }), now).is_ok());
}
