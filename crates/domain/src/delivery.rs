//! Deliveries: messages that we owe to places which clients registered, until they are taken or it is too late.

use std::time::Duration;

use crate::{
    client::BackchannelUri,
    fault::Malformed,
    id::{ClientUid, DeliveryId},
    outbound::GuardedUri,
    random::{Random, bytes},
    time::Timestamp,
};

/// Declares what is delivered, with the stable word of each.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $label:literal,)*) => {
        /// What is delivered.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum DeliveryKind { $($(#[$doc])* $kind,)* }

        impl DeliveryKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The stable word.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$kind => $label,)* }
            }
        }
    };
}

kinds! {
    /// A logout token (OpenID Connect Back-Channel Logout section 2.5).
    BackchannelLogout = "backchannel_logout",
}

/// A message that is owed. What goes over the wire is made anew for each attempt, because what is signed is soon too old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The client to which it is owed; it goes with its client.
    pub client: ClientUid,
    /// What it is.
    pub kind: DeliveryKind,
    /// Where the client wanted it when it came to be owed. It goes to where the client wants it by then.
    pub target: String,
    /// Host and port of the target: places are treated alike, however many clients have theirs there.
    pub place: String,
    /// What the message is made from: text that holds no secret.
    pub body: String,
    /// How often it was tried, the present attempt included.
    pub attempts: u32,
    /// When it was first owed.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub next_attempt_at: Timestamp,
    /// When it is given up.
    pub expires_at: Timestamp,
    /// The code of what went wrong the last time.
    pub last_error: Option<String>,
}

impl Delivery {
    /// For how long it is tried.
    pub const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

    /// How often it is tried at most.
    pub const MOST_ATTEMPTS: u32 = 16;

    /// The longest body, in bytes.
    pub const LONGEST_BODY: usize = 4096;

    /// How long after each failed attempt the next one is made; the last one counts for all that follow.
    const PAUSES: [Duration; 8] = [
        Duration::from_secs(1),
        Duration::from_secs(5),
        Duration::from_secs(30),
        Duration::from_secs(2 * 60),
        Duration::from_secs(10 * 60),
        Duration::from_secs(30 * 60),
        Duration::from_secs(60 * 60),
        Duration::from_secs(2 * 60 * 60),
    ];

    /// A message that is owed from now on, and at once.
    pub fn new(
        id: DeliveryId,
        client: ClientUid,
        kind: DeliveryKind,
        target: &GuardedUri,
        body: String,
        now: Timestamp,
    ) -> Result<Self, Malformed> {
        if body.len() > Self::LONGEST_BODY {
            return Err(Malformed::new("delivery body", "must be at most 4096 bytes"));
        }
        Ok(Self {
            id,
            client,
            kind,
            target: target.as_str().to_owned(),
            place: target.origin(),
            body,
            attempts: 0,
            created_at: now,
            next_attempt_at: now,
            expires_at: now + Self::LIFE,
            last_error: None,
        })
    }

    /// A logout token that is owed to a client at the place that it registered. Whoever delivers reads the place again.
    #[must_use]
    pub fn of_logout(id: DeliveryId, client: ClientUid, target: &BackchannelUri, body: String, now: Timestamp) -> Self {
        Self {
            id,
            client,
            kind: DeliveryKind::BackchannelLogout,
            target: target.as_str().to_owned(),
            place: target.place(),
            body,
            attempts: 0,
            created_at: now,
            next_attempt_at: now,
            expires_at: now + Self::LIFE,
            last_error: None,
        }
    }

    /// When it is tried next after an attempt that failed: none when that was the last. Up to a quarter of the pause comes
    /// on top of it, so that what failed together does not come back together.
    #[must_use]
    pub fn next_after_failure(&self, now: Timestamp, random: &dyn Random) -> Option<Timestamp> {
        let at = usize::try_from(self.attempts.saturating_sub(1)).unwrap_or(usize::MAX).min(Self::PAUSES.len() - 1);
        let pause = Self::PAUSES[at];
        let jitter = pause / 4 * u32::from(u16::from_be_bytes(bytes(random))) / u32::from(u16::MAX);
        let next = now + pause + jitter;
        (self.attempts < Self::MOST_ATTEMPTS && next < self.expires_at).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::Reach;

    struct Always(u8);

    impl Random for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    fn delivery(now: Timestamp) -> Delivery {
        let target = Reach::public().check("https://app.example/logout").expect("a target");
        let (id, client) = (DeliveryId::generate(&Always(1), now), ClientUid::generate(&Always(2), now));
        Delivery::new(id, client, DeliveryKind::BackchannelLogout, &target, "{}".into(), now).expect("short")
    }

    #[test]
    fn pauses_grow_until_it_is_given_up() {
        let start = Timestamp::from_seconds(1_700_000_000);
        let (mut delivery, mut now, mut pauses) = (delivery(start), start, Vec::new());
        loop {
            delivery.attempts += 1;
            let Some(next) = delivery.next_after_failure(now, &Always(0)) else { break };
            pauses.push(next.since(now).as_secs());
            now = next;
        }
        assert_eq!(pauses[..8], [1, 5, 30, 120, 600, 1800, 3600, 7200]);
        assert!(pauses[8..].iter().all(|pause| *pause == 7200));
        assert_eq!(delivery.attempts, Delivery::MOST_ATTEMPTS);
        assert!(now.since(start) < Delivery::LIFE && now.since(start) > Delivery::LIFE / 2);
    }

    #[test]
    fn a_pause_is_longer_by_a_quarter_at_most() {
        let now = Timestamp::from_seconds(1_700_000_000);
        let third = Delivery { attempts: 3, ..delivery(now) };
        for byte in [0, 100, 255] {
            let pause = third.next_after_failure(now, &Always(byte)).expect("another attempt").since(now);
            assert!((Duration::from_secs(30)..=Duration::from_millis(37_500)).contains(&pause), "{pause:?}");
        }
        assert_ne!(third.next_after_failure(now, &Always(0)), third.next_after_failure(now, &Always(255)));
    }

    #[test]
    fn nothing_is_tried_after_its_day() {
        let now = Timestamp::from_seconds(1_700_000_000);
        let delivery = Delivery { attempts: 1, ..delivery(now) };
        assert!(delivery.next_after_failure(now + Delivery::LIFE, &Always(0)).is_none());
    }
}
