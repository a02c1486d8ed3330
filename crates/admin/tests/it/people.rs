//! People who are signed in: sessions with grants, behind the door's back.

use std::time::Duration;

use chancery_domain::{
    claims_request::ClaimsRequest,
    client::Client,
    consent::Consent,
    grant::Grant,
    id::{GrantId, SessionId, TenantId, UserId},
    ports::store::Store,
    resource::ResourceSet,
    scope::ScopeSet,
    secret::Digest,
    session::Session,
    time::Clock,
};
use chancery_proto::v1::{Tenant, User};
use chancery_testkit::{SeededRandom, builders};

use crate::{
    users,
    world::{Caller, World},
};

/// How long sessions and grants last: less than the keys of callers.
pub(crate) const LIFE: Duration = Duration::from_secs(1800);

/// Two tenants with callers; `acme` has a client `app` and two people.
pub(crate) struct People {
    pub(crate) world: World,
    pub(crate) acme: Tenant,
    pub(crate) bolt: Tenant,
    pub(crate) operator: Caller,
    pub(crate) ada: User,
    pub(crate) bob: User,
    pub(crate) app: Client,
    random: SeededRandom,
}

impl People {
    pub(crate) async fn new() -> Self {
        // All that is made on the way is too much for the future of every test.
        Box::pin(Self::made()).await
    }

    async fn made() -> Self {
        let world = World::new().await;
        let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
        let mut operator = world.operator().await;
        let (ada, bob) = (users::create(&mut operator, "ada").await, users::create(&mut operator, "bob").await);
        let random = SeededRandom::new(99);
        let app = builders::public_client("app", &random, world.clock.now());
        let people = Self { world, acme, bolt, operator, ada, bob, app: app.clone(), random };
        people.add_client(&app).await;
        people
    }

    pub(crate) fn tenant(&self) -> TenantId {
        self.acme.uid.parse().expect("a uid")
    }

    /// One client more.
    pub(crate) async fn client(&self, id: &str) -> Client {
        let client = builders::public_client(id, &self.random, self.world.clock.now());
        self.add_client(&client).await;
        client
    }

    async fn add_client(&self, client: &Client) {
        let tx = Store::begin(&self.world.store, self.tenant()).await.expect("begins");
        tx.clients().insert(client).await.expect("inserts");
        tx.commit().await.expect("commits");
    }

    /// A session of half an hour.
    pub(crate) async fn session(&self, user: &User) -> Session {
        let now = self.world.clock.now();
        let id = SessionId::generate(&self.random, now);
        let session = Session {
            id,
            digest: Digest::of("test", id.uuid().as_bytes()),
            user: id_of(user),
            authenticated_at: now,
            amr: vec!["pwd".into()],
            last_seen_at: now,
            expires_at: now + LIFE,
            ended_at: None,
        };
        let tx = Store::begin(&self.world.store, self.tenant()).await.expect("begins");
        tx.sessions().insert(&session).await.expect("inserts");
        tx.commit().await.expect("commits");
        session
    }

    /// A grant of half an hour.
    pub(crate) async fn grant(&self, session: &Session, client: &Client, scopes: &str) -> Grant {
        let now = self.world.clock.now();
        let grant = Grant {
            id: GrantId::generate(&self.random, now),
            client: client.uid,
            user: session.user,
            session: session.id,
            resources: ResourceSet::default(),
            scopes: ScopeSet::parse(scopes).expect("scopes"),
            authenticated_at: now,
            amr: vec!["pwd".into()],
            acr: None,
            claims: ClaimsRequest::default(),
            created_at: now,
            expires_at: now + LIFE,
            revoked: None,
        };
        let tx = Store::begin(&self.world.store, self.tenant()).await.expect("begins");
        tx.grants().insert(&grant).await.expect("inserts");
        tx.commit().await.expect("commits");
        grant
    }

    /// A consent to `openid`.
    pub(crate) async fn consent(&self, user: &User, client: &Client) {
        let scopes = ScopeSet::parse("openid").expect("scopes");
        let granted_at = self.world.clock.now();
        let tx = Store::begin(&self.world.store, self.tenant()).await.expect("begins");
        let consent = Consent { user: id_of(user), client: client.uid, scopes, granted_at };
        tx.consents().put(&consent).await.expect("puts");
        tx.commit().await.expect("commits");
    }

    /// How many grants of the tenant are not revoked.
    pub(crate) fn unrevoked(&self) -> usize {
        self.world.store.grants(self.tenant()).iter().filter(|grant| grant.revoked.is_none()).count()
    }

    /// The codes of what was written to the audit about that tenant since its people were entered.
    pub(crate) fn audited(&self) -> Vec<&'static str> {
        let events = self.world.store.audit();
        let ours = events.iter().filter(|event| event.tenant == Some(self.tenant()));
        ours.map(|event| event.action.code()).filter(|code| *code != "create").collect()
    }
}

/// The id of a user.
pub(crate) fn id_of(user: &User) -> UserId {
    user.uid.parse().expect("an id")
}
