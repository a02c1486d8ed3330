//! What is owed to clients is delivered, whatever its places do.

use std::sync::Mutex;

use chancery_domain::{
    audit::Action,
    client::Client,
    delivery::{Delivery, DeliveryKind},
    id::DeliveryId,
    outbound::{GuardedUri, Reach, RefusedUri},
    ports::{
        deliveries::{Made, MakeDelivery, Owed},
        outbound::{CheckUris, OutboundError, Post},
        platform::PlatformStore,
    },
    time::Timestamp,
};
use tokio::task::JoinHandle;

use super::*;
use crate::tasks::Deliver;

/// Places that do what their names say, and what arrived where.
#[derive(Default)]
struct Places {
    arrived: Mutex<Vec<(String, String)>>,
    at_once: Mutex<(u32, u32)>,
}

impl CheckUris for Places {
    fn check(&self, uri: &str) -> Result<GuardedUri, RefusedUri> {
        Reach::public().check(uri)
    }
}

#[async_trait]
impl Post for Places {
    async fn post(&self, _: TenantId, uri: &GuardedUri, form: &[(&str, &str)]) -> Result<(), OutboundError> {
        self.check(uri.as_str())?;
        let host = uri.url().host_str().unwrap_or_default().to_owned();
        let body = form.iter().flat_map(|(name, value)| [*name, "=", *value]).collect();
        self.arrived.lock().expect("sound").push((host.clone(), body));
        if host.starts_with("slow") {
            {
                let mut at_once = self.at_once.lock().expect("sound");
                at_once.0 += 1;
                at_once.1 = at_once.1.max(at_once.0);
            }
            tokio::time::sleep(Duration::from_secs(3)).await;
            self.at_once.lock().expect("sound").0 -= 1;
            return Err(OutboundError::TooSlow);
        }
        if host.starts_with("choosy") {
            return Err(OutboundError::Status(400));
        }
        if host.starts_with("broken") { Err(OutboundError::Status(500)) } else { Ok(()) }
    }
}

/// Makes a message of its body, the attempt and the time.
struct Maker(Arc<FakeClock>);

#[async_trait]
impl MakeDelivery for Maker {
    async fn make(&self, owed: &Owed) -> Result<Made, Fault> {
        match owed.delivery.body.as_str() {
            "pointless" => Ok(Made::Nothing),
            "fault" => Err(Fault::bug("as the test wants it")),
            "panic" => panic!("as the test wants it"),
            body => {
                let made = format!("{body}/{}/{}", owed.delivery.attempts, self.0.now().seconds());
                Ok(Made::Form { target: owed.delivery.target.clone(), pairs: vec![("logout_token", made)] })
            }
        }
    }
}

struct Site {
    world: World,
    places: Arc<Places>,
    tenant: TenantId,
    client: Client,
}

impl Site {
    async fn new() -> Self {
        let world = World::new();
        let tenant = world.tenant("acme").await;
        let client = builders::public_client("app", world.keys.random.as_ref(), world.clock.now());
        let tx = Store::begin(&world.store, tenant).await.expect("begins");
        tx.clients().insert(&client).await.expect("inserts");
        tx.commit().await.expect("commits");
        Self { world, places: Arc::default(), tenant, client }
    }

    fn task(&self, holder: &str) -> Runner {
        let cx = self.world.process(holder);
        let make = Arc::new(Maker(Arc::clone(&self.world.clock)));
        let outbox = Outbox { make, post: Arc::clone(&self.places) as _ };
        runner(&cx, Deliver::new(&cx, outbox))
    }

    /// Another tenant with a client, whose messages go to the same places.
    async fn neighbour(&self, name: &str) -> Self {
        let tenant = self.world.tenant(name).await;
        let client = builders::public_client("app", self.world.keys.random.as_ref(), self.world.clock.now());
        let tx = Store::begin(&self.world.store, tenant).await.expect("begins");
        tx.clients().insert(&client).await.expect("inserts");
        tx.commit().await.expect("commits");
        Self { world: self.world.clone(), places: Arc::clone(&self.places), tenant, client }
    }

    async fn owe(&self, host: &str, body: &str) {
        let (random, now) = (self.world.keys.random.as_ref(), self.world.clock.now());
        let id = DeliveryId::generate(random, now);
        let target = Reach::public().check(&format!("https://{host}/logout")).expect("a target");
        let kind = DeliveryKind::BackchannelLogout;
        let delivery = Delivery::new(id, self.client.uid, kind, &target, body.into(), now).expect("a delivery");
        let tx = Store::begin(&self.world.store, self.tenant).await.expect("begins");
        tx.deliveries().insert(&delivery).await.expect("inserts");
        tx.commit().await.expect("commits");
    }

    fn arrived(&self, host: &str) -> Vec<String> {
        let arrived = self.places.arrived.lock().expect("sound");
        arrived.iter().filter(|(place, _)| place == host).map(|(_, body)| body.clone()).collect()
    }

    async fn is_due(&self) -> bool {
        let read = PlatformStore::read(&self.world.store);
        read.deliveries().is_any_due(self.now()).await.expect("reads")
    }

    /// Whether anything will ever be due.
    async fn owes(&self) -> bool {
        let read = PlatformStore::read(&self.world.store);
        read.deliveries().is_any_due(self.now() + 10 * Delivery::LIFE).await.expect("reads")
    }

    fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    fn pass(&self, seconds: u64) {
        self.world.clock.advance(Duration::from_secs(seconds));
    }

    fn given_up(&self) -> Vec<(Option<&'static str>, Option<String>)> {
        let events = self.world.store.audit();
        let given_up = events.iter().filter(|event| event.action == Action::DeliveryAbandoned);
        given_up.map(|event| (event.reason, event.object.as_ref().map(|(_, id)| id.clone()))).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_owed_is_delivered_once_and_forgotten() {
    let site = Site::new().await;
    let (task, stop) = (site.task("one"), CancellationToken::new());
    assert_eq!(task.wake(&stop).await, Woken::Idle);
    for number in 0..100 {
        site.owe("good.example", &number.to_string()).await;
    }
    assert_eq!(task.wake(&stop).await, Woken::Ran);
    assert_eq!(site.arrived("good.example").len(), 100);
    assert_eq!(task.wake(&stop).await, Woken::Idle);
    assert!(!site.owes().await);
}

#[tokio::test(start_paused = true)]
async fn t221_a_message_is_made_anew_for_each_attempt_and_given_up_after_a_day() {
    let site = Site::new().await;
    let (task, stop) = (site.task("one"), CancellationToken::new());
    let began = site.now();
    site.owe("broken.example", "a").await;
    let mut woken = 0;
    while site.owes().await {
        woken += u32::from(task.wake(&stop).await == Woken::Ran);
        site.pass(60);
        assert!(site.now().since(began) < 2 * Delivery::LIFE);
    }
    let arrived = site.arrived("broken.example");
    assert_eq!((woken, arrived.len()), (Delivery::MOST_ATTEMPTS, 16));
    let (first, second) = (began.seconds(), began.seconds() + 60);
    assert_eq!(arrived[..2], [format!("logout_token=a/1/{first}"), format!("logout_token=a/2/{second}")]);
    assert_eq!(site.given_up(), [(Some("status"), Some("app".to_owned()))]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_its_place_calls_wrong_is_given_up_at_once() {
    let site = Site::new().await;
    site.owe("choosy.example", "a").await;
    assert_eq!(site.task("one").wake(&CancellationToken::new()).await, Woken::Ran);
    assert_eq!(site.arrived("choosy.example").len(), 1);
    assert!(!site.owes().await);
    assert_eq!(site.given_up(), [(Some("rejected"), Some("app".to_owned()))]);
}

/// Begins to deliver, and finds that forty good places are reached while the first slow ones still hang.
async fn passes_the_slow(site: &Site) -> (CancellationToken, JoinHandle<Woken>) {
    let (task, stop) = (site.task("one"), CancellationToken::new());
    let stopping = stop.clone();
    let run = tokio::spawn(async move { task.wake(&stopping).await });
    tokio::time::sleep(Duration::from_millis(2900)).await;
    for number in 0..40 {
        assert_eq!(site.arrived(&format!("good-{number}.example")).len(), 1, "while the first slow ones still hang");
    }
    (stop, run)
}

#[tokio::test(start_paused = true)]
async fn t221_a_slow_place_holds_nobody_up() {
    let site = Site::new().await;
    for _ in 0..200 {
        site.owe("slow.example", "x").await;
    }
    for number in 0..40 {
        site.owe(&format!("good-{number}.example"), "y").await;
    }
    let (stop, run) = passes_the_slow(&site).await;
    site.owe("late.example", "z").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(site.arrived("late.example").len(), 1, "and what comes later does not wait either");
    stop.cancel();
    assert_eq!(run.await.expect("ends"), Woken::Ran);
    assert_eq!(site.places.at_once.lock().expect("sound").1, 4);
}

#[tokio::test(start_paused = true)]
async fn what_a_process_had_begun_when_it_died_is_delivered_by_another() {
    let site = Site::new().await;
    site.owe("slow.example", "a").await;
    site.owe("good.example", "b").await;
    let dies = Arc::new(site.task("one"));
    let running = tokio::spawn(async move { dies.wake(&CancellationToken::new()).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    running.abort();
    let _ = running.await;
    assert_eq!(site.arrived("slow.example").len(), 1, "the attempt had begun");
    assert!(site.owes().await && !site.is_due().await, "and is claimed for a while");
    site.pass(61);
    assert_eq!(site.task("two").wake(&CancellationToken::new()).await, Woken::Ran);
    assert_eq!(site.arrived("slow.example").len(), 2);
    assert_eq!(site.arrived("good.example").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_made_is_tried_again_and_what_is_pointless_is_not() {
    let site = Site::new().await;
    let (task, stop) = (site.task("one"), CancellationToken::new());
    for body in ["fault", "panic", "pointless"] {
        site.owe("good.example", body).await;
    }
    assert_eq!(task.wake(&stop).await, Woken::Ran);
    assert!(site.arrived("good.example").is_empty() && site.owes().await);
    let mut rounds = 0;
    while site.owes().await {
        site.pass(600);
        task.wake(&stop).await;
        rounds += 1;
        if rounds == 1000 {
            break;
        }
    }
    assert_eq!(site.given_up().iter().filter(|(why, _)| *why == Some("fault")).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn t155_a_target_that_may_no_longer_be_called_is_not_called() {
    let site = Site::new().await;
    let target =
        Reach::public().and(["intranet".parse().expect("a host")]).check("https://intranet/").expect("a target");
    let id = DeliveryId::generate(site.world.keys.random.as_ref(), site.now());
    let kind = DeliveryKind::BackchannelLogout;
    let delivery = Delivery::new(id, site.client.uid, kind, &target, "a".into(), site.now()).expect("a delivery");
    let tx = Store::begin(&site.world.store, site.tenant).await.expect("begins");
    tx.deliveries().insert(&delivery).await.expect("inserts");
    tx.commit().await.expect("commits");
    assert_eq!(site.task("one").wake(&CancellationToken::new()).await, Woken::Ran);
    assert!(site.places.arrived.lock().expect("sound").is_empty() && site.owes().await);
}

#[tokio::test(start_paused = true)]
async fn t177_t221_a_tenant_with_many_slow_places_holds_no_other_tenant_up() {
    let site = Site::new().await;
    for number in 0..200 {
        site.owe(&format!("slow-{number}.example"), "x").await;
    }
    let other = site.neighbour("globex").await;
    for number in 0..40 {
        other.owe(&format!("good-{number}.example"), "y").await;
    }
    let (stop, run) = passes_the_slow(&site).await;
    stop.cancel();
    assert_eq!(run.await.expect("ends"), Woken::Ran);
    assert_eq!(site.places.at_once.lock().expect("sound").1, 12, "as many as one tenant has at once");
}
