//! A tenant with a user who has a password.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use chancery_accounts::{
    Context,
    password::{Cost, PasswordGate},
    signin::{self, SignInRefused, SignedIn},
    throttle::{Limits, Throttle},
};
use chancery_domain::{
    audit::Action, ports::store::Store, secret::Secret, session::Session, time::Clock, user::User, view::TenantView,
};
use chancery_testkit::{FakeClock, SeededRandom, builders, memory::MemoryStore};

pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct Scene {
    pub(crate) cx: Context,
    pub(crate) store: MemoryStore,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) view: TenantView,
    pub(crate) ada: User,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::with(PasswordGate::new(2, 8, Cost::LEAST)).await
    }

    pub(crate) async fn with(gate: PasswordGate) -> Self {
        let (store, clock) = (MemoryStore::default(), Arc::new(FakeClock::new()));
        let (random, now) = (Arc::new(SeededRandom::new(1)), clock.now());
        let view = builders::view(builders::tenant("acme", &*random, now), now);
        let mut ada = builders::user("ada", &*random, now);
        let open = PasswordGate::new(1, 1, Cost::LEAST);
        ada.password = Some(open.hash(&Secret::new(PASSWORD.to_owned()), &*random).await.expect("hashes"));
        let cx = Context {
            store: Arc::new(store.clone()),
            clock: clock.clone(),
            random,
            gate: Arc::new(gate),
            throttle: Arc::new(Throttle::new(Limits::strict())),
        };
        let scene = Self { cx, store, clock, view, ada };
        scene.insert(&scene.ada).await;
        scene
    }

    pub(crate) async fn insert(&self, user: &User) {
        let tx = Store::begin(&self.store, self.view.tenant.id).await.expect("begun");
        tx.users().insert(user).await.expect("inserted");
        tx.commit().await.expect("committed");
    }

    pub(crate) async fn update(&self, user: User) {
        let tx = Store::begin(&self.store, self.view.tenant.id).await.expect("begun");
        let current = tx.users().find(user.id).await.expect("read").expect("there");
        assert_eq!(current.version, user.version, "nobody else changes the user");
        tx.users().update(&user, self.clock.now()).await.expect("updated");
        tx.commit().await.expect("committed");
    }

    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> Result<SignedIn, SignInRefused> {
        self.sign_in_from(login, password, HERE).await
    }

    /// The same, in a browser that had this session.
    pub(crate) async fn sign_in_after(
        &self,
        login: &str,
        password: &str,
        before: &Session,
    ) -> Result<SignedIn, SignInRefused> {
        let password = Secret::new(password.to_owned());
        signin::sign_in(&self.cx, &self.view, login, &password, HERE, Some(before)).await
    }

    pub(crate) async fn sign_in_from(
        &self,
        login: &str,
        password: &str,
        source: IpAddr,
    ) -> Result<SignedIn, SignInRefused> {
        signin::sign_in(&self.cx, &self.view, login, &Secret::new(password.to_owned()), source, None).await
    }

    /// What was written down of actions of that kind: the reasons, in order.
    pub(crate) fn audited(&self, action: Action) -> Vec<&'static str> {
        let events = self.store.audit();
        let of_kind = events.iter().filter(|event| event.action == action && event.tenant == Some(self.view.tenant.id));
        of_kind.map(|event| event.reason.unwrap_or_default()).collect()
    }
}
