//! What is to be done with a tenant's encryption keys: a function without I/O.

use chancery_domain::{
    encryption_key::{EncryptionKey, EncryptionKind},
    id::KeyId,
    time::Timestamp,
};

/// Who asks, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The clock, or whoever comes by: whatever is due.
    Due,
    /// An operator: new keys take the place of the published ones now.
    Rotate,
    /// An operator: this key is destroyed at once, whatever still lies encrypted to it.
    Destroy(KeyId),
}

/// One move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// A new key is made and published.
    Publish(EncryptionKind),
    /// The key leaves the JWK Set.
    Withdraw(EncryptionKey),
    /// The key goes.
    Destroy(EncryptionKey),
}

/// The moves, in an order in which no kind ever has two published keys. `wanted`: the tenant takes encrypted requests.
pub(super) fn plan(wanted: bool, keys: &[EncryptionKey], ask: &Ask, now: Timestamp) -> Vec<Move> {
    EncryptionKind::ALL.into_iter().flat_map(|kind| plan_of(kind, wanted, keys, ask, now)).collect()
}

fn plan_of(kind: EncryptionKind, wanted: bool, keys: &[EncryptionKey], ask: &Ask, now: Timestamp) -> Vec<Move> {
    let condemned = |key: &EncryptionKey| matches!(ask, Ask::Destroy(id) if *id == key.id);
    let (published, withdrawn): (Vec<_>, Vec<_>) =
        keys.iter().filter(|key| key.kind == kind).cloned().partition(EncryptionKey::is_published);
    let mut moves = Vec::new();
    let mut stays = false;
    for key in published {
        if condemned(&key) {
            moves.push(Move::Destroy(key));
        } else if !wanted || *ask == Ask::Rotate || key.due_at() <= now {
            moves.push(Move::Withdraw(key));
        } else {
            stays = true;
        }
    }
    // Oldest first, so what is too many is at the front.
    let too_many = withdrawn.len().saturating_sub(EncryptionKey::MOST_WITHDRAWN);
    for (place, key) in withdrawn.into_iter().enumerate() {
        if condemned(&key) || key.due_at() <= now || place < too_many {
            moves.push(Move::Destroy(key));
        }
    }
    if wanted && !stays {
        moves.push(Move::Publish(kind));
    }
    moves
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chancery_domain::key::SealedPrivateKey;

    use super::*;

    /// Whether keys are wanted, those that there are, what is asked for and when, and what is to be done.
    type Case<'a> = (bool, &'a [EncryptionKey], Ask, i64, &'a [&'a str]);

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn key(id: &str, kind: EncryptionKind, made: i64) -> EncryptionKey {
        let (id, private) = (id.parse().expect("an id"), SealedPrivateKey(Vec::new()));
        EncryptionKey::published(id, kind, (String::new(), Vec::new()), private, at(made), at(made + 100))
    }

    fn withdrawn(id: &str, kind: EncryptionKind, at_time: i64) -> EncryptionKey {
        key(id, kind, at_time - 100).withdraw(at(at_time), Duration::ZERO).expect("withdraws")
    }

    /// Each move as text.
    fn told(moves: &[Move]) -> Vec<String> {
        let tell = |it: &Move| match it {
            Move::Publish(kind) => format!("publish {}", kind.label()),
            Move::Withdraw(key) => format!("withdraw {}", key.id),
            Move::Destroy(key) => format!("destroy {}", key.id),
        };
        moves.iter().map(tell).collect()
    }

    #[test]
    fn keys_are_made_turned_and_destroyed_when_their_time_has_come() {
        let (rsa, ec) = (EncryptionKind::Rsa, EncryptionKind::P256);
        let both = [key("r1", rsa, 0), key("e1", ec, 0)];
        let resting = [withdrawn("r0", rsa, 50), key("r1", rsa, 50), key("e1", ec, 50)];
        let rotate = Ask::Rotate;
        let destroy = |id: &str| Ask::Destroy(id.parse().expect("an id"));
        let cases: [Case<'_>; 12] = [
            (false, &[], Ask::Due, 0, &[]),
            (true, &[], Ask::Due, 0, &["publish RSA", "publish P-256"]),
            (true, &both, Ask::Due, 99, &[]),
            (true, &both, Ask::Due, 100, &["withdraw r1", "publish RSA", "withdraw e1", "publish P-256"]),
            (true, &both[..1], Ask::Due, 1, &["publish P-256"]),
            (true, &both, rotate.clone(), 1, &["withdraw r1", "publish RSA", "withdraw e1", "publish P-256"]),
            (false, &both, Ask::Due, 1, &["withdraw r1", "withdraw e1"]),
            (true, &resting, Ask::Due, 149, &[]),
            (
                true,
                &resting,
                Ask::Due,
                150,
                &["withdraw r1", "destroy r0", "publish RSA", "withdraw e1", "publish P-256"],
            ),
            (true, &resting, destroy("r0"), 60, &["destroy r0"]),
            (true, &resting, destroy("r1"), 60, &["destroy r1", "publish RSA"]),
            (false, &resting, rotate, 60, &["withdraw r1", "withdraw e1"]),
        ];
        for (wanted, keys, ask, now, expected) in cases {
            assert_eq!(told(&plan(wanted, keys, &ask, at(now))), expected, "{wanted} {ask:?} at {now}");
        }
    }

    #[test]
    fn of_too_many_that_rest_the_oldest_go() {
        let rsa = EncryptionKind::Rsa;
        let mut keys: Vec<_> = (0..10).map(|place| withdrawn(&format!("w{place}"), rsa, 1_000 + place)).collect();
        keys.extend([key("r1", rsa, 1_010), key("e1", EncryptionKind::P256, 1_010)]);
        assert_eq!(told(&plan(true, &keys, &Ask::Due, at(1_011))), ["destroy w0", "destroy w1"]);
    }
}
