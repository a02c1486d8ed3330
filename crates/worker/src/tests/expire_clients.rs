//! Unused clients go, in batches, and nobody else does.

use chancery_domain::{
    client::{Client, ClientUse},
    id::ClientUid,
    ports::platform::PlatformStore,
    registration::{RegistrationAccess, RegistrationPolicy},
    secret::{OpaqueToken, TokenKind},
};

use super::*;
use crate::tasks::ExpireClients;

const DAY: Duration = Duration::from_secs(86_400);

impl World {
    /// A tenant with that policy.
    async fn tenant_where(&self, slug: &str, access: RegistrationAccess, unused_days: Option<u32>) -> TenantId {
        let mut tenant = builders::tenant(slug, self.keys.random.as_ref(), self.clock.now());
        tenant.settings.registration = RegistrationPolicy { access, unused_days, ..Default::default() };
        let tx = PlatformStore::begin(&self.store).await.expect("begins");
        tx.tenants().insert(&tenant).await.expect("inserted");
        tx.commit().await.expect("commits");
        tenant.id
    }

    /// A client that registered itself, or that an operator made.
    async fn client(&self, tenant: TenantId, id: &str, itself: bool) -> ClientUid {
        let random = self.keys.random.as_ref();
        let mut client = builders::public_client(id, random, self.clock.now());
        client.registration_token = itself.then(|| OpaqueToken::generate(TokenKind::Registration, random).digest());
        let tx = Store::begin(&self.store, tenant).await.expect("begins");
        tx.clients().insert(&client).await.expect("inserted");
        tx.commit().await.expect("commits");
        client.uid
    }

    async fn clients(&self, tenant: TenantId) -> Vec<String> {
        let rows = Store::read(&self.store, tenant);
        let all = rows.clients().list(chancery_domain::page::PageRequest { after: None, size: 1000 }.into());
        all.await.expect("read").rows.iter().map(|client: &Client| client.id.to_string()).collect()
    }

    async fn expire(&self) -> Woken {
        let cx = self.process("one");
        runner(&cx, ExpireClients::new(&cx)).wake(&CancellationToken::new()).await
    }
}

#[tokio::test]
async fn a_client_that_nobody_used_for_ninety_days_goes() {
    let world = World::new();
    let tenant = world.tenant_where("open", RegistrationAccess::Open, None).await;
    for (id, itself) in [("unused", true), ("used", true), ("operators", false)] {
        let client = world.client(tenant, id, itself).await;
        if id == "used" {
            let later = world.clock.now() + DAY;
            world.store.client_used(ClientUse { tenant, client, at: later });
        }
    }
    world.clock.advance(Duration::from_secs(90 * 86_400 - 1));
    world.expire().await;
    assert_eq!(world.clients(tenant).await, ["operators", "unused", "used"], "a moment too early");
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.expire().await, Woken::Ran);
    assert_eq!(world.clients(tenant).await, ["operators", "used"]);
    let told = world.store.audit();
    let event = told.iter().rfind(|event| event.action.code() == "delete").expect("an event");
    assert_eq!((event.reason, event.author.actor.parts().0), (Some("unused"), "system"));
    assert_eq!(event.object.as_ref().map(|(_, id)| id.as_str()), Some("unused"));
    world.clock.advance(DAY);
    world.expire().await;
    assert_eq!(world.clients(tenant).await, ["operators"], "its last use is past too");
    assert_eq!(world.expire().await, Woken::Idle, "and nothing is left to look for");
}

#[tokio::test]
async fn the_policy_says_after_how_many_days_if_at_all() {
    let world = World::new();
    let guests = world.tenant_where("guests", RegistrationAccess::InitialAccessToken, None).await;
    let brief = world.tenant_where("brief", RegistrationAccess::InitialAccessToken, Some(7)).await;
    for tenant in [guests, brief] {
        world.client(tenant, "app", true).await;
    }
    world.clock.advance(7 * DAY);
    world.expire().await;
    assert_eq!((world.clients(guests).await.len(), world.clients(brief).await.len()), (1, 0));
    world.clock.advance(4000 * DAY);
    world.expire().await;
    assert_eq!(world.clients(guests).await.len(), 1, "who was let in stays");
}

#[tokio::test]
async fn many_go_in_more_than_one_transaction() {
    let world = World::new();
    let tenant = world.tenant_where("open", RegistrationAccess::Open, Some(1)).await;
    for number in 0..120 {
        world.client(tenant, &format!("app-{number}"), true).await;
    }
    world.clock.advance(2 * DAY);
    assert_eq!(world.expire().await, Woken::Ran);
    assert_eq!(world.clients(tenant).await, Vec::<String>::new());
}
