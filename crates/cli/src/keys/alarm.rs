//! What the orders of the bad day have in common.

use chancery_proto::v1::{Key, KeyAlarm};
use clap::Args;

use crate::output::Output;

/// Why, and what may be risked for it.
#[derive(Args, Debug)]
pub(super) struct Order {
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: String,
    /// Where no announced key is left to take over, sign with one that verifiers learn only when they read again
    #[arg(long)]
    pub(super) allow_unannounced: bool,
}

/// For people the keys that changed, in one table, and until when to watch out; for scripts the answer as it is.
pub(super) fn show(alarm: &KeyAlarm, output: Output) -> String {
    match output {
        Output::Json | Output::Yaml => output.one(alarm),
        Output::Table => {
            let KeyAlarm { gone_keys, activated_keys, standby_keys, .. } = alarm;
            let keys: Vec<Key> = [gone_keys, activated_keys, standby_keys].into_iter().flatten().cloned().collect();
            let times = KeyAlarm { gone_keys: vec![], activated_keys: vec![], standby_keys: vec![], ..*alarm };
            format!("{}{}", output.many(&keys), output.one(&times))
        }
    }
}

#[cfg(test)]
mod tests {
    use chancery_proto::v1::key;
    use prost_types::Timestamp;

    use super::*;

    #[test]
    fn people_see_what_went_and_until_when_to_watch_out() {
        let key = |id: &str, state: key::State| Key {
            name: format!("tenants/acme/keys/{id}"),
            algorithm: "ES256".to_owned(),
            state: state.into(),
            ..Key::default()
        };
        let alarm = KeyAlarm {
            gone_keys: vec![key("a", key::State::Compromised)],
            activated_keys: vec![key("b", key::State::Active)],
            tokens_expire_time: Some(Timestamp { seconds: 1_700_000_000, nanos: 0 }),
            ..KeyAlarm::default()
        };
        let text = show(&alarm, Output::Table);
        let words: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().take(3).collect()).collect();
        assert_eq!(words[1..3], [["a", "ES256", "compromised"], ["b", "ES256", "active"]]);
        assert_eq!(text.lines().last(), Some("tokens expire time  2023-11-14 22:13:20Z"));
        assert!(show(&alarm, Output::Json).contains("\"goneKeys\""));
    }
}
