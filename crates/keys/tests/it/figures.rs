//! What is not believed is counted by its reason.

use chancery_domain::{
    ports::jose::{SignTokens, Untrusted, VerifyTokens},
    vocabulary::{Algorithm, TokenType},
};
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::world::World;

#[tokio::test]
async fn tokens_that_are_not_believed_are_counted_by_their_reason() {
    let world = World::new();
    let (acme, globex) = (world.found(&[Algorithm::Es256]).await, world.found(&[Algorithm::Es256]).await);
    let (ring, other) = (world.ring(acme.id).await, world.ring(globex.id).await);
    let sign = async |with: &dyn SignTokens| with.sign(Algorithm::Es256, TokenType::AccessToken, b"{}").await;
    let (own, foreign) = (sign(&ring).await.expect("signs"), sign(&other).await.expect("signs"));
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        assert!(ring.verify(&own, TokenType::AccessToken).is_ok());
        assert!(ring.verify(&own, TokenType::IdToken).is_err_and(|why| why == Untrusted::WrongType));
        assert!(ring.verify("nothing", TokenType::AccessToken).is_err());
        assert!(ring.verify(&foreign, TokenType::AccessToken).is_err_and(|why| why == Untrusted::UnknownKey));
        assert!(ring.verify_hint(&foreign).is_err_and(|why| why == Untrusted::UnknownKey));
    });
    let figures = recorder.handle().render();
    for (reason, count) in [("unknown_key", 2), ("wrong_type", 1), ("malformed", 1)] {
        let line = format!("chancery_keys_untrusted_total{{reason=\"{reason}\"}} {count}\n");
        assert!(figures.contains(&line), "{line} is not in\n{figures}");
    }
    assert!(!figures.contains("bad_signature"));
}
