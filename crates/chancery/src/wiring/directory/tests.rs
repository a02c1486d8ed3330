//! What is forgotten when something changes of which this version knows nothing.

use chancery_domain::{
    change::{ChangeKind, Place},
    key_policy::KeyPolicy,
    profile::Profile,
};
use chancery_keys::{found, master::MasterKeys};
use chancery_storage::Options;
use chancery_testkit::{FakeClock, SeededRandom, builders};
use tempfile::TempDir;

use super::{super::views::CertificatePlace, *};

pub(in crate::wiring) struct Scene {
    pub(in crate::wiring) directory: Arc<TenantDirectory>,
    keys: Arc<chancery_keys::Context>,
    pub(in crate::wiring) storage: Storage,
    clock: Arc<FakeClock>,
    _folder: TempDir,
}

/// What is in memory of a tenant.
struct Kept {
    view: Arc<TenantView>,
    client: Arc<Client>,
    origins: Arc<BTreeSet<String>>,
}

impl Scene {
    pub(in crate::wiring) async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let clock = Arc::new(FakeClock::new());
        let url = format!("sqlite:{}", folder.path().join("chancery.db").display());
        let storage = Storage::open(Options::new(url, Arc::<FakeClock>::clone(&clock))).await.expect("opens");
        storage.migrate().await.expect("migrates");
        let masters = MasterKeys::new(vec![("first".parse().expect("an id"), [9; 32])]).expect("master keys");
        let random = Arc::new(SeededRandom::new(1));
        let tx = PlatformStore::begin(&storage).await.expect("begins");
        tx.insert_master_key(&masters.check(&*random).expect("a check")).await.expect("inserts");
        tx.commit().await.expect("commits");
        let keys = Arc::new(chancery_keys::Context::over(&storage, Arc::<FakeClock>::clone(&clock), random, masters));
        let public_url = chancery_domain::issuer::PublicUrl::parse("https://id.example").expect("a URL");
        let views = Views { public_url, keys: Arc::clone(&keys), certificates: CertificatePlace::None };
        let directory = Arc::new(TenantDirectory::new(views, storage.clone(), &*clock));
        Self { directory, keys, storage, clock, _folder: folder }
    }

    pub(in crate::wiring) async fn tenant(&self, slug: &str) -> TenantId {
        let (random, now) = (&*self.keys.random, self.clock.now());
        let tenant = builders::tenant(slug, random, now);
        let founding = found::prepare(&self.keys, &tenant, &KeyPolicy::of(Profile::Oauth21)).await.expect("prepared");
        let tx = PlatformStore::begin(&self.storage).await.expect("begins");
        tx.tenants().insert(&tenant).await.expect("inserts");
        let rows = tx.of(tenant.id);
        founding.write(&*rows).await.expect("written");
        rows.clients().insert(&builders::public_client("app", random, now)).await.expect("inserts");
        drop(rows);
        tx.commit().await.expect("commits");
        tenant.id
    }

    async fn kept(&self, slug: &str, tenant: TenantId) -> Kept {
        let view = self.directory.tenant(&slug.parse().expect("a slug")).await.expect("reads").expect("a tenant");
        let client = self.directory.client(tenant, &"app".parse().expect("an id")).await.expect("reads");
        let origins = self.directory.origins(tenant).await.expect("reads");
        Kept { view, client: client.expect("a client"), origins }
    }

    /// Tells of a change to something that only a newer version has a word for.
    fn hear_of_something_strange(&self, tenant: Option<TenantId>) {
        let (kind, place) = (Some(ChangeKind::Updated), Place::START);
        self.directory.forget(&Change { place, tenant, kind, noun: None, id: "x".to_owned() });
    }
}

impl Kept {
    fn is(&self, other: &Self) -> [bool; 3] {
        let view = Arc::ptr_eq(&self.view, &other.view);
        [view, Arc::ptr_eq(&self.client, &other.client), Arc::ptr_eq(&self.origins, &other.origins)]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_without_a_word_for_it_makes_all_of_its_place_be_read_anew() {
    let scene = Scene::new().await;
    let (acme, bolt) = (scene.tenant("acme").await, scene.tenant("bolt").await);
    let (one, other) = (scene.kept("acme", acme).await, scene.kept("bolt", bolt).await);
    assert_eq!(scene.kept("acme", acme).await.is(&one), [true; 3]);

    scene.hear_of_something_strange(Some(acme));
    let anew = scene.kept("acme", acme).await;
    assert_eq!((anew.is(&one), scene.kept("bolt", bolt).await.is(&other)), ([false; 3], [true; 3]));
    scene.hear_of_something_strange(None);
    assert_eq!(
        (scene.kept("acme", acme).await.is(&anew), scene.kept("bolt", bolt).await.is(&other)),
        ([false; 3], [false; 3])
    );

    // Whoever holds a view from before finishes with it, but it looks no fresher for that.
    let before = one.view.freshness.at();
    scene.directory.freshness().refresh(scene.clock.now() + std::time::Duration::from_secs(9));
    assert_eq!((one.view.freshness.at(), other.view.freshness.at()), (before, before));
    assert!(scene.kept("acme", acme).await.view.freshness.at() > before);
}
