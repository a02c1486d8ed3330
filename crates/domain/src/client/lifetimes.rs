//! How long the tokens of one client live.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::fault::Malformed;

/// What differs from the tenant's settings for one client; durations are whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenLifetimes {
    /// Life of an access token that a user gave.
    #[serde(with = "seconds", skip_serializing_if = "Option::is_none")]
    pub access_token: Option<Duration>,
    /// Life of an access token that the client got for itself; that of the others where none is given.
    #[serde(with = "seconds", skip_serializing_if = "Option::is_none")]
    pub client_credentials: Option<Duration>,
    /// Life of an ID token.
    #[serde(with = "seconds", skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Duration>,
    /// A refresh token unused for so long is dead.
    #[serde(with = "seconds", skip_serializing_if = "Option::is_none")]
    pub refresh_idle: Option<Duration>,
    /// A family of refresh tokens is dead after so long, used or not.
    #[serde(with = "seconds", skip_serializing_if = "Option::is_none")]
    pub refresh_absolute: Option<Duration>,
    /// So often a grant is refreshed, and not once more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_max_uses: Option<u32>,
}

impl TokenLifetimes {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Those of what is signed, by name.
    fn signed(&self) -> [(&'static str, Option<Duration>); 3] {
        [
            ("token_lifetimes.access_token_ttl", self.access_token),
            ("token_lifetimes.client_credentials_ttl", self.client_credentials),
            ("token_lifetimes.id_token_ttl", self.id_token),
        ]
    }

    /// The longest life of what is signed.
    #[must_use]
    pub fn longest_signed(&self) -> Duration {
        self.signed().into_iter().filter_map(|(_, life)| life).max().unwrap_or_default()
    }

    /// Refuses what no tenant may have either.
    pub(super) fn check(&self) -> Result<(), Malformed> {
        let within = |what, span: Option<Duration>, most: u64, rule| match span {
            Some(span) if span.subsec_nanos() != 0 || !(1..=most).contains(&span.as_secs()) => {
                Err(Malformed::new(what, rule))
            }
            Some(_) | None => Ok(()),
        };
        for (what, life) in self.signed() {
            within(what, life, 86_400, "must be whole seconds from 1 s to 24 h")?;
        }
        within("token_lifetimes.refresh_idle_ttl", self.refresh_idle, 31_536_000, "must be from 1 s to 365 d")?;
        within("token_lifetimes.refresh_absolute_ttl", self.refresh_absolute, 63_072_000, "must be from 1 s to 730 d")?;
        if self.refresh_max_uses == Some(0) {
            return Err(Malformed::new("token_lifetimes.refresh_max_uses", "must be at least 1"));
        }
        Ok(())
    }

    /// Refuses what lives longer than the tenant's keys may promise.
    pub(super) fn fit(&self, longest_token_life: Duration) -> Result<(), Malformed> {
        match self.signed().into_iter().find(|(_, life)| life.is_some_and(|life| life > longest_token_life)) {
            None => Ok(()),
            Some((what, _)) => Err(Malformed::new(what, "must not exceed longest_token_life of the key policy")),
        }
    }
}

/// Durations that may be missing, as whole seconds in JSON.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands out a reference to the field")]
    pub(super) fn serialize<S: Serializer>(span: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        span.map(|span| span.as_secs()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_secs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_life_stays_within_what_keys_promise() {
        let hour = TokenLifetimes { access_token: Some(HOUR), ..TokenLifetimes::default() };
        assert!(hour.check().is_ok() && hour.fit(HOUR).is_ok());
        assert_eq!(hour.longest_signed(), HOUR);
        assert!(hour.fit(Duration::from_secs(3_599)).is_err());
        for bad in [
            TokenLifetimes { id_token: Some(Duration::ZERO), ..hour },
            TokenLifetimes { client_credentials: Some(25 * HOUR), ..hour },
            TokenLifetimes { refresh_idle: Some(Duration::from_millis(1500)), ..hour },
            TokenLifetimes { refresh_max_uses: Some(0), ..hour },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_what_differs_is_written() {
        let some = TokenLifetimes { id_token: Some(HOUR), refresh_max_uses: Some(3), ..TokenLifetimes::default() };
        let json = serde_json::to_string(&some).expect("JSON");
        assert_eq!(json, r#"{"id_token":3600,"refresh_max_uses":3}"#);
        assert_eq!(serde_json::from_str::<TokenLifetimes>(&json).expect("lifetimes"), some);
    }
}
