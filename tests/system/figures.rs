//! The figures for Prometheus, as the program gives them, after things whose number is known.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{dev::Dev, http::Http, installation::Installation, party::Party, program::Program};
use serde_json::json;

/// What is read from the listener.
struct Figures(String);

impl Figures {
    async fn of(url: &str) -> Result<Self> {
        let response = Http::new()?.get(url)?.send().await?.error_for_status()?;
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
        Ok(Self(response.text().await?))
    }

    /// The figure of that name, with its labels.
    fn figure(&self, name: &str) -> Option<f64> {
        let of = |line: &str| line.rsplit_once(' ').map(|(of, figure)| (of.to_owned(), figure.parse().ok()));
        self.0.lines().filter_map(of).find(|(of, _)| of == name)?.1
    }
}

#[tokio::test]
async fn requests_rotations_and_foreign_keys_are_counted() -> Result<()> {
    let dev = Dev::start_with(&["--metrics", "127.0.0.1:0"]).await?;
    let url = dev.announced.metrics_url.clone().context("no figures")?;
    let [first, second] = &dev.announced.tenants[..] else { anyhow::bail!("two tenants") };

    let party = Party::discover(first, first.confidential_client()?).await?;
    let grant = [("grant_type", "client_credentials")];
    let mut token = String::new();
    for _ in 0..3 {
        token = party.token(&grant).await?.success()?["access_token"].as_str().context("no token")?.to_owned();
    }
    assert_eq!(party.token(&[("grant_type", "nothing")]).await?.status, 400);
    let stranger = Party::discover(second, second.confidential_client()?).await?;
    assert_eq!(stranger.userinfo(&token).await?.status, 401);

    let admin = dev.admin().await?;
    let now = json!({ "parent": format!("tenants/{}", first.tenant), "immediate": true, "reason": "a test" });
    let rotated = admin.call("KeyService/RotateKeys", now).await?;
    let algorithm = rotated["activatedKeys"][0]["algorithm"].as_str().context("no algorithm")?.to_owned();

    let figures = Figures::of(&url).await?;
    let requests = |route: &str, status: &str| {
        let of = format!("route=\"/t/{{tenant}}/oauth2/{route}\",status=\"{status}\"");
        figures.figure(&format!("chancery_http_request_duration_seconds_count{{{of}}}"))
    };
    assert_eq!((requests("token", "2xx"), requests("token", "4xx")), (Some(3.0), Some(1.0)));
    assert_eq!(requests("userinfo", "4xx"), Some(1.0));
    assert_eq!(figures.figure("chancery_keys_untrusted_total{reason=\"unknown_key\"}"), Some(1.0));
    let rotations = format!("chancery_keys_rotations_total{{algorithm=\"{algorithm}\",cause=\"asked\"}}");
    assert_eq!(figures.figure(&rotations), Some(1.0));
    for tenant in [first, second] {
        assert!(!figures.0.contains(&tenant.tenant), "a figure of {}", tenant.tenant);
    }

    // The keys are measured every two seconds.
    let stored = |state: &str| format!("chancery_keys_stored{{algorithm=\"{algorithm}\",state=\"{state}\"}}");
    let begun = Instant::now();
    let figures = loop {
        let figures = Figures::of(&url).await?;
        let next = figures.figure("chancery_keys_next_due_seconds");
        if figures.figure(&stored("retiring")) == Some(1.0) && next.is_some_and(|next| next > 0.0) {
            break figures;
        }
        anyhow::ensure!(
            begun.elapsed() < Duration::from_secs(30),
            "no retiring key, or nothing planned:\n{}",
            figures.0
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!((figures.figure(&stored("active")), figures.figure(&stored("standby"))), (Some(1.0), Some(1.0)));
    assert_eq!(figures.figure("chancery_keys_overdue_tenants"), Some(0.0));
    let age = figures.figure(&format!("chancery_keys_oldest_active_age_seconds{{algorithm=\"{algorithm}\"}}"));
    assert!(age.is_some_and(|age| (0.0..120.0).contains(&age)), "{age:?}");

    // Nothing but figures, and nothing but reading.
    let (http, origin) = (Http::new()?, url.trim_end_matches("/metrics"));
    assert_eq!(http.get(&format!("{origin}/"))?.send().await?.status(), 404);
    assert_eq!(http.get(&format!("{origin}/livez"))?.send().await?.status(), 404);
    assert_eq!(http.post(&url)?.send().await?.status(), 405);
    Ok(())
}

#[tokio::test]
async fn a_configured_listener_gives_figures_and_an_open_one_is_refused() -> Result<()> {
    let installation = Installation::on_sqlite().await?;
    let replica = &installation.first;
    let config = replica.config.display().to_string();
    let text = std::fs::read_to_string(&replica.config)?;
    std::fs::write(&replica.config, format!("{text}\n[metrics]\nlisten = \"0.0.0.0:9464\"\n"))?;
    let refused = Program::run(&["check", "--config", &config]).await?;
    assert!(!refused.success && refused.stdout.contains("metrics.listen: must be a loopback"), "{refused:?}");

    let port = chancery_tests::installation::free_port()?;
    std::fs::write(&replica.config, format!("{text}\n[metrics]\nlisten = \"127.0.0.1:{port}\"\n"))?;
    let program = installation.serve(replica).await?;
    let url = format!("http://127.0.0.1:{port}/metrics");
    // Measured at the start, before anybody made a tenant.
    let begun = Instant::now();
    while Figures::of(&url).await?.figure("chancery_keys_overdue_tenants") != Some(0.0) {
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(30), "the keys are not measured");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(program.stop().await?.success());
    Ok(())
}
