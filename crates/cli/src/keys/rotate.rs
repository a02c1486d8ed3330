//! `chancery keys rotate`

use chancery_proto::v1::{Key, RotateKeysRequest, RotateKeysResponse};
use clap::Args;

use crate::arguments::Once;
use crate::connection::Api;
use crate::error::CliError;
use crate::name::{self, TenantId};
use crate::output::Output;

/// Which keys to rotate.
#[derive(Args, Debug)]
pub struct Rotate {
    /// Id of the tenant
    tenant: TenantId,
    /// Rotate the keys of this algorithm alone
    #[arg(long, default_value = "", hide_default_value = true)]
    algorithm: String,
    /// Do not wait until verifiers know the standby keys; needs a reason
    #[arg(long, requires = "reason")]
    immediate: bool,
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    once: Once,
}

impl Rotate {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let request = RotateKeysRequest {
            parent: name::tenant(&self.tenant),
            immediate: self.immediate,
            request_id: self.once.request_id,
            validate_only: self.once.trial.validate_only,
            algorithm: self.algorithm,
            reason: self.reason.unwrap_or_default(),
        };
        let rotation = api.keys().rotate_keys(request).await?.into_inner();
        Ok(show(&rotation, output))
    }
}

/// For people the keys that changed, in one table; for scripts the answer as it is.
fn show(rotation: &RotateKeysResponse, output: Output) -> String {
    match output {
        Output::Json | Output::Yaml => output.one(rotation),
        Output::Table => {
            let RotateKeysResponse { activated_keys, retiring_keys, standby_keys, next_rotation_time: _ } = rotation;
            let keys: Vec<Key> = [activated_keys, retiring_keys, standby_keys].into_iter().flatten().cloned().collect();
            let next = RotateKeysResponse { next_rotation_time: rotation.next_rotation_time, ..Default::default() };
            format!("{}{}", output.many(&keys), output.one(&next))
        }
    }
}

#[cfg(test)]
mod tests {
    use chancery_proto::v1::key;
    use prost_types::Timestamp;

    use super::*;

    #[test]
    fn people_see_the_keys_that_changed_and_the_next_time() {
        let key = |id: &str, state: key::State| Key {
            name: format!("tenants/acme/keys/{id}"),
            algorithm: "ES256".to_owned(),
            state: state.into(),
            ..Key::default()
        };
        let rotation = RotateKeysResponse {
            activated_keys: vec![key("b", key::State::Active)],
            retiring_keys: vec![key("a", key::State::Retiring)],
            standby_keys: vec![key("c", key::State::Standby)],
            next_rotation_time: Some(Timestamp { seconds: 1_700_000_000, nanos: 0 }),
        };
        let text = show(&rotation, Output::Table);
        let words: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().take(3).collect()).collect();
        assert_eq!(words[1..4], [["b", "ES256", "active"], ["a", "ES256", "retiring"], ["c", "ES256", "standby"]]);
        assert_eq!(text.lines().last(), Some("next rotation time  2023-11-14 22:13:20Z"));
        assert!(show(&rotation, Output::Json).contains("\"standbyKeys\""));
    }
}
