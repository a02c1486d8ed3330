//! The figures tell how the keys of all tenants stand, and what was done with them.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::*;
use crate::tasks::MeasureKeys;

/// Collects the figures of this thread, on which everything in these tests runs.
fn collect() -> (PrometheusHandle, impl Drop) {
    let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
    (recorder.handle(), metrics::set_default_local_recorder(recorder))
}

/// The figure of that name and those labels.
fn figure(figures: &PrometheusHandle, name: &str) -> Option<f64> {
    let text = figures.render();
    let line = text.lines().find(|line| line.rsplit_once(' ').is_some_and(|(of, _)| of == name));
    line?.rsplit_once(' ')?.1.parse().ok()
}

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn the_keys_are_measured_by_every_process_for_itself() {
    let (figures, _guard) = collect();
    let world = World::new();
    world.tenant("early").await;
    world.clock.advance(DAY);
    world.tenant("late").await;
    let stop = CancellationToken::new();
    let (one, two) = (world.process("one"), world.process("two"));
    let (one, two) = (runner(&one, MeasureKeys::new(&one)), runner(&two, MeasureKeys::new(&two)));
    let (first, second) = tokio::join!(one.wake(&stop), two.wake(&stop));
    assert_eq!((first, second), (Woken::Ran, Woken::Ran));

    let figure = |name: &str| figure(&figures, name);
    assert_eq!(figure(r#"chancery_keys_stored{algorithm="ES256",state="active"}"#), Some(2.0));
    assert_eq!(figure(r#"chancery_keys_stored{algorithm="ES256",state="standby"}"#), Some(2.0));
    assert_eq!(figure(r#"chancery_keys_oldest_active_age_seconds{algorithm="ES256"}"#), Some(86_400.0));
    assert_eq!(figure("chancery_keys_overdue_tenants"), Some(0.0));
    let next = figure("chancery_keys_next_due_seconds").expect("a time");
    assert!((26.0 * 86_400.0..32.0 * 86_400.0).contains(&next), "{next}");

    world.let_keys_fall_due();
    assert_eq!(one.wake(&stop).await, Woken::Ran);
    assert_eq!(figure("chancery_keys_overdue_tenants"), Some(2.0));
    assert!(figure("chancery_keys_next_due_seconds").is_some_and(|next| next < 0.0));
}

#[tokio::test]
async fn what_is_gone_is_told_to_be_none() {
    let (figures, _guard) = collect();
    let world = World::new();
    let tenant = world.tenant("acme").await;
    let cx = world.process("one");
    let (measure, stop) = (runner(&cx, MeasureKeys::new(&cx)), CancellationToken::new());
    measure.wake(&stop).await;
    world.store.tamper(tenant, Vec::clear);
    measure.wake(&stop).await;
    assert_eq!(figure(&figures, r#"chancery_keys_stored{algorithm="ES256",state="active"}"#), Some(0.0));
    assert_eq!(figure(&figures, r#"chancery_keys_oldest_active_age_seconds{algorithm="ES256"}"#), Some(0.0));
}

#[tokio::test]
async fn rotations_their_delay_and_failures_are_counted() {
    let (figures, _guard) = collect();
    let world = World::new();
    let (_sound, broken) = (world.tenant("sound").await, world.tenant("broken").await);
    world.clock.advance(40 * DAY);
    world.store.make_unreadable(broken);
    let cx = world.process("one");
    rotate_due(&cx, &CancellationToken::new()).await.expect("a sweep");

    let figure = |name: &str| figure(&figures, name);
    assert_eq!(figure(r#"chancery_keys_rotations_total{algorithm="ES256",cause="due"}"#), Some(1.0));
    for step in ["activate", "deactivate", "create_standby"] {
        assert_eq!(figure(&format!(r#"chancery_keys_steps_total{{step="{step}"}}"#)), Some(1.0), "{step}");
    }
    assert_eq!(figure(r#"chancery_keys_failures_total{kind="fault"}"#), Some(1.0));
    let delay = figure("chancery_keys_rotation_delay_seconds_sum").expect("a delay");
    // Due after thirty days, moved by a twentieth at most.
    assert!((8.0 * 86_400.0..12.0 * 86_400.0).contains(&delay), "{delay}");
}
