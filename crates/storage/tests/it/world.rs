//! A fresh, migrated database with a clock and ordinary things to put into it.

use std::{sync::Arc, time::Duration};

use chancery_domain::{
    change::Place,
    claims_request::ClaimsRequest,
    client::Client,
    code::Code,
    fault::Fault,
    grant::Grant,
    id::{FamilyId, GrantId, SessionId, TenantId, UserId},
    ports::{
        platform::{PlatformReader, PlatformStore, PlatformTx},
        store::{Store, TenantReader, TenantTx},
    },
    refresh::{RefreshFamily, RefreshToken, Spent},
    resource::ResourceSet,
    scope::ScopeSet,
    secret::{Digest, OpaqueToken, TokenKind},
    session::Session,
    tenant::Tenant,
    time::{Clock, Timestamp},
    user::User,
};
use chancery_storage::{Options, Storage};
use chancery_testkit::{FakeClock, SeededRandom, builders, postgres::Cluster};
use tempfile::TempDir;
use tokio::{
    sync::OnceCell,
    task::{JoinHandle, yield_now},
};

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// A database of one's own.
pub(crate) struct World {
    pub(crate) storage: Storage,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) random: Arc<SeededRandom>,
    pub(crate) url: String,
    _folder: Option<TempDir>,
}

/// A tenant with a client and a user.
pub(crate) struct Home {
    pub(crate) tenant: Tenant,
    pub(crate) client: Client,
    pub(crate) user: User,
}

impl World {
    pub(crate) async fn sqlite() -> Self {
        let folder = TempDir::new().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("chancery.db").display());
        let world = Self::open(url, Some(folder)).await;
        world.storage.migrate().await.expect("migrates");
        world
    }

    pub(crate) async fn postgres() -> Self {
        static TEMPLATE: OnceCell<()> = OnceCell::const_new();
        let template = || async {
            let world = Self::open(Cluster::shared().create("template", None), None).await;
            world.storage.migrate().await.expect("migrates");
            world.storage.close().await.expect("closes");
        };
        TEMPLATE.get_or_init(template).await;
        Self::open(Cluster::shared().fresh(Some("template")), None).await
    }

    pub(crate) async fn open(url: String, folder: Option<TempDir>) -> Self {
        let clock = Arc::new(FakeClock::new());
        let storage = open(&url, &clock).await;
        Self { storage, clock, random: Arc::new(SeededRandom::new(7)), url, _folder: folder }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn read(&self, tenant: TenantId) -> Box<dyn TenantReader> {
        Store::read(&self.storage, tenant)
    }

    pub(crate) async fn begin(&self, tenant: TenantId) -> Box<dyn TenantTx> {
        Store::begin(&self.storage, tenant).await.expect("begins")
    }

    pub(crate) fn platform(&self) -> Box<dyn PlatformReader> {
        PlatformStore::read(&self.storage)
    }

    /// The place of the last change of all, once nothing that began earlier can still appear. (Other cases run on the same
    /// server.)
    pub(crate) async fn end_of_feed(&self) -> Place {
        let last = self.number("SELECT COALESCE(MAX(sequence), 0) FROM changes").await;
        for _ in 0..500 {
            let place = self.platform().latest_change().await.expect("reads");
            if place.sequence == last {
                return place;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the feed does not settle");
    }

    pub(crate) async fn begin_platform(&self) -> Box<dyn PlatformTx> {
        PlatformStore::begin(&self.storage).await.expect("begins")
    }

    /// A stored tenant.
    pub(crate) async fn tenant(&self, slug: &str) -> Tenant {
        let tenant = builders::tenant(slug, &*self.random, self.now());
        let tx = self.begin_platform().await;
        tx.tenants().insert(&tenant).await.expect("inserts");
        tx.commit().await.expect("commits");
        tenant
    }

    /// A stored tenant with a client and a user.
    pub(crate) async fn home(&self, slug: &str) -> Home {
        let tenant = self.tenant(slug).await;
        let client = builders::public_client("app", &*self.random, self.now());
        let user = builders::user("ada", &*self.random, self.now());
        let tx = self.begin(tenant.id).await;
        tx.clients().insert(&client).await.expect("inserts");
        tx.users().insert(&user).await.expect("inserts");
        tx.commit().await.expect("commits");
        Home { tenant, client, user }
    }

    pub(crate) fn digest(&self) -> Digest {
        OpaqueToken::generate(TokenKind::Refresh, &*self.random).digest()
    }

    /// A session of the home's user, stored.
    pub(crate) async fn with_session(&self, home: &Home) -> Session {
        let session = self.session(home.user.id);
        let tx = self.begin(home.tenant.id).await;
        tx.sessions().insert(&session).await.expect("inserts");
        tx.commit().await.expect("commits");
        session
    }

    pub(crate) fn session(&self, user: UserId) -> Session {
        Session {
            id: SessionId::generate(&*self.random, self.now()),
            digest: self.digest(),
            user,
            authenticated_at: self.now(),
            amr: vec!["pwd".into()],
            last_seen_at: self.now(),
            expires_at: self.now() + DAY,
            ended_at: None,
        }
    }

    pub(crate) fn grant(&self, home: &Home, session: SessionId, scopes: &str) -> Grant {
        Grant {
            id: GrantId::generate(&*self.random, self.now()),
            client: home.client.uid,
            user: home.user.id,
            session,
            scopes: ScopeSet::parse(scopes).expect("scopes"),
            resources: ResourceSet::default(),
            authenticated_at: self.now(),
            amr: vec!["pwd".into()],
            acr: None,
            claims: ClaimsRequest::default(),
            created_at: self.now(),
            expires_at: self.now() + DAY,
            revoked: None,
        }
    }

    pub(crate) fn code(&self, home: &Home) -> Code {
        Code {
            digest: self.digest(),
            grant: GrantId::generate(&*self.random, self.now()),
            grant_begun: false,
            client: home.client.uid,
            user: home.user.id,
            session: SessionId::generate(&*self.random, self.now()),
            redirect_uri: "https://app.example/cb".into(),
            redirect_uri_asked: true,
            challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".parse().expect("a challenge")),
            nonce: Some("n".into()),
            scopes: ScopeSet::parse("openid").expect("scopes"),
            resources: ResourceSet::default(),
            authenticated_at: self.now(),
            amr: vec!["pwd".into()],
            acr: None,
            claims: ClaimsRequest::default(),
            confirmation: None,
            issued_at: self.now(),
            expires_at: self.now() + Duration::from_secs(60),
            redeemed_at: None,
        }
    }

    pub(crate) fn family(&self, grant: &Grant) -> RefreshFamily {
        RefreshFamily {
            id: FamilyId::generate(&*self.random, self.now()),
            grant: grant.id,
            client: grant.client,
            confirmation: None,
            created_at: self.now(),
            expires_at: self.now() + 90 * DAY,
        }
    }

    pub(crate) fn token(&self, family: &RefreshFamily) -> RefreshToken {
        let (digest, now) = (self.digest(), self.now());
        RefreshToken { digest, family: family.id, issued_at: now, expires_at: now + 14 * DAY, turns: 0, spent: None }
    }

    pub(crate) fn spent_for(&self, child: &RefreshToken) -> Spent {
        Spent { at: self.now(), child: child.digest, sealed_child: vec![1, 2, 3] }
    }

    /// A stored grant with a family and its first token.
    pub(crate) async fn family_of(&self, home: &Home) -> (Grant, RefreshFamily, RefreshToken) {
        let session = SessionId::generate(&*self.random, self.now());
        let grant = self.grant(home, session, "openid offline_access");
        let family = self.family(&grant);
        let token = self.token(&family);
        let tx = self.begin(home.tenant.id).await;
        tx.grants().insert(&grant).await.expect("inserts");
        tx.refresh().begin_family(&family, &token).await.expect("begins");
        tx.commit().await.expect("commits");
        (grant, family, token)
    }

    /// Goes on when that task waits for another transaction, or has ended because it did not have to.
    pub(crate) async fn stuck<T>(&self, task: &JoinHandle<T>) {
        const WAITING: &str =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        // On SQLite it does not even begin while the one writer is busy.
        while self.is_postgres() && !task.is_finished() && self.number(WAITING).await == 0 {
            yield_now().await;
        }
    }

    /// Runs a statement past the store.
    pub(crate) async fn execute(&self, sql: &str) {
        if self.is_postgres() {
            let pool = sqlx::PgPool::connect(&self.url).await.expect("connects");
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.expect("executes");
            pool.close().await;
        } else {
            let pool = sqlx::SqlitePool::connect(&self.url).await.expect("connects");
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.expect("executes");
            pool.close().await;
        }
    }

    /// Asks for a number past the store.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        if self.is_postgres() {
            let pool = sqlx::PgPool::connect(&self.url).await.expect("connects");
            let number = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&pool).await.expect("answers");
            pool.close().await;
            number
        } else {
            let pool = sqlx::SqlitePool::connect(&self.url).await.expect("connects");
            let number = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&pool).await.expect("answers");
            pool.close().await;
            number
        }
    }
}

pub(crate) async fn open(url: &str, clock: &Arc<FakeClock>) -> Storage {
    let clock: Arc<dyn Clock> = Arc::<FakeClock>::clone(clock);
    Storage::open(Options::new(url, clock)).await.expect("opens")
}

/// What a fault says of itself.
pub(crate) fn said(fault: &Fault) -> String {
    fault.to_string()
}
