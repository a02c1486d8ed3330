//! Approvals: guarded by their version, over after an hour, and gone a day later.

use chancery_domain::{
    admin_key::AdminReach,
    approval::{Approval, ApprovalState, Asked},
    fault::WriteError,
    id::ApprovalId,
    permission::{Permission, PermissionSet},
    principal::Principal,
};

use crate::world::{DAY, World};

super::conformance! {
    an_approval_is_read_back_in_each_state,
    of_two_who_spend_it_one_does,
    it_is_over_after_its_hour_and_then_goes,
    one_of_a_permission_that_only_a_newer_version_knows_holds_nobody_up,
    one_of_an_older_version_gives_nothing,
}

fn principal(text: &str) -> Principal {
    text.parse().expect("a principal")
}

async fn ask(world: &World, place: AdminReach) -> Approval {
    ask_as(world, place, "clients/ada").await
}

async fn ask_as(world: &World, place: AdminReach, by: &str) -> Approval {
    let asked = Asked {
        place,
        method: "/x.Y/Z".into(),
        permission: Permission::TenantsDelete,
        gives: [Permission::UsersGet, Permission::UsersList].into_iter().collect(),
        summary: "name: \"tenants/acme\"".into(),
        request: world.digest(),
        by: principal(by),
    };
    let approval = Approval::ask(ApprovalId::generate(&*world.random, world.now()), asked, world.now());
    let tx = world.begin_platform().await;
    tx.approvals().insert(&approval).await.expect("inserts");
    tx.commit().await.expect("commits");
    approval
}

impl World {
    async fn update(&self, approval: &Approval) -> Result<Approval, WriteError> {
        let tx = self.begin_platform().await;
        tx.approvals().update(approval).await?;
        tx.commit().await?;
        Ok(self.platform().approvals().find(approval.id).await.expect("reads").expect("there"))
    }
}

async fn an_approval_is_read_back_in_each_state(world: World) {
    let tenant = world.tenant("acme").await.id;
    let bob = principal("users/018f0000-0000-7000-8000-000000000000");
    let pending = ask(&world, AdminReach::Tenant(tenant)).await;
    let stored = world.platform().approvals().find(pending.id).await.expect("reads");
    assert_eq!(stored.as_ref(), Some(&pending));
    let approved = pending.clone().approve(bob.clone(), world.now()).expect("approves");
    let stored = world.update(&approved).await.expect("updates");
    assert_eq!(stored, approved.clone().stored_as(approved.state().clone(), pending.version.next()));
    let spent = world.update(&stored.spend().expect("spends")).await.expect("updates");
    assert!(matches!(spent.state(), ApprovalState::Spent(decision) if decision.by == bob));
    let back = world.update(&spent.give_back().expect("gives back")).await.expect("updates");
    let rejected = world.update(&back.reject(bob, world.now()).expect("rejects")).await.expect("updates");
    assert!(matches!(rejected.state(), ApprovalState::Rejected(_)));
}

async fn of_two_who_spend_it_one_does(world: World) {
    let pending = ask(&world, AdminReach::Platform).await;
    let approved = pending.approve(principal("clients/bob"), world.now()).expect("approves");
    let approved = world.update(&approved).await.expect("updates");
    let spent = approved.spend().expect("spends");
    world.update(&spent).await.expect("the first");
    assert!(matches!(world.update(&spent).await, Err(WriteError::Stale)));
}

async fn it_is_over_after_its_hour_and_then_goes(world: World) {
    let approval = ask(&world, AdminReach::Platform).await;
    let other = ask_as(&world, AdminReach::Platform, "clients/bob").await;
    let of_bob = async || {
        let platform = world.platform();
        platform.approvals().live_of(&other.asked_by, world.now()).await.expect("reads")
    };
    let live = async || world.platform().approvals().live(world.now()).await.expect("reads").len();
    assert_eq!((live().await, of_bob().await), (2, vec![other.clone()]));
    world.clock.advance(Approval::LIFE);
    assert_eq!((live().await, of_bob().await), (0, vec![]));
    world.clock.advance(DAY);
    let tx = world.begin_platform().await;
    tx.purge_expired(world.now(), 10).await.expect("purges");
    tx.commit().await.expect("commits");
    assert!(world.platform().approvals().find(approval.id).await.expect("reads").is_none());
}

async fn one_of_a_permission_that_only_a_newer_version_knows_holds_nobody_up(world: World) {
    let strange = ask(&world, AdminReach::Platform).await;
    world.execute("UPDATE approvals SET permission = 'holograms.create'").await;
    ask(&world, AdminReach::Platform).await;
    world.execute("UPDATE approvals SET gives = '[\"holograms.create\"]' WHERE permission = 'tenants.delete'").await;
    let own = ask(&world, AdminReach::Platform).await;
    let approvals = world.platform();
    assert_eq!(approvals.approvals().live(world.now()).await.expect("reads"), [own]);
    assert_eq!(approvals.approvals().find(strange.id).await.expect("reads"), None);
}

async fn one_of_an_older_version_gives_nothing(world: World) {
    let asked = ask(&world, AdminReach::Platform).await;
    world.execute("UPDATE approvals SET gives = NULL").await;
    let stored = world.platform().approvals().find(asked.id).await.expect("reads").expect("there");
    assert_eq!((stored.id, stored.gives), (asked.id, PermissionSet::EMPTY));
}
