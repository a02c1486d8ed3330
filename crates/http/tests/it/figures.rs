//! Requests are counted and timed by route and class of status, and never by tenant.

use metrics_exporter_prometheus::PrometheusBuilder;

use crate::world::World;

#[tokio::test]
async fn requests_are_counted_by_route_and_class_of_status() {
    let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
    let _guard = metrics::set_default_local_recorder(recorder);
    let world = World::new().await;
    for path in ["/t/acme/oauth2/jwks", "/t/acme/oauth2/jwks", "/t/nobody/oauth2/jwks", "/no/where"] {
        world.get(path).await;
    }
    world.post("/t/acme/oauth2/token", "grant_type=client_credentials").await;
    let figures = recorder.handle().render();
    for (route, status, count) in [
        ("/t/{tenant}/oauth2/jwks", "2xx", 2),
        ("/t/{tenant}/oauth2/jwks", "4xx", 1),
        ("/t/{tenant}/oauth2/token", "4xx", 1),
        ("none", "4xx", 1),
    ] {
        let line =
            format!("chancery_http_request_duration_seconds_count{{route=\"{route}\",status=\"{status}\"}} {count}\n");
        assert!(figures.contains(&line), "{line} is not in\n{figures}");
    }
    assert!(!figures.contains("acme"));
}
