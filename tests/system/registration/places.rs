//! Places that clients name for the server to call.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;
use tokio::net::TcpListener;

use super::{METADATA, Office, REDIRECT, app, with};
use crate::client_requests::published::Web;

pub(super) async fn p046_t154_the_list_of_a_sector(web: &Web, office: &Office<'_>) -> Result<()> {
    const MEMBER: &str = "sector_identifier_uri";
    web.publish("/fits.json", r#"["https://sundial.example/other","https://sundial.example/cb"]"#);
    let made = office.registered(&with(MEMBER, json!(web.uri("/fits.json")))).await?;
    assert_eq!((&made.told[MEMBER], web.asked("/fits.json")), (&json!(web.uri("/fits.json")), 1));

    web.publish("/other.json", r#"["https://sundial.example/other"]"#);
    web.publish("/object.json", r#"{"redirect_uris":["https://sundial.example/cb"]}"#);
    web.publish("/huge.json", &format!(r#"["https://sundial.example/cb","{}"]"#, "x".repeat(65 * 1024)));
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let slow = format!("https://localhost:{}/slow.json", silent.local_addr()?.port());
    let places = ["/other.json", "/object.json", "/huge.json", "/none.json"].map(|path| web.uri(path));
    for place in places.iter().chain([&slow]) {
        let began = Instant::now();
        office.refuses(&with(MEMBER, json!(place)), METADATA, MEMBER).await?;
        ensure!(began.elapsed() < Duration::from_secs(20), "{place} took {:?}", began.elapsed());
    }
    Ok(())
}

pub(super) async fn p046_the_place_to_begin_a_sign_in(office: &Office<'_>) -> Result<()> {
    const MEMBER: &str = "initiate_login_uri";
    let made = office.registered(&with(MEMBER, json!("https://sundial.example/login"))).await?;
    assert_eq!(made.told[MEMBER], "https://sundial.example/login");
    office.refuses(&with(MEMBER, json!("http://sundial.example/login")), METADATA, MEMBER).await?;
    let fragment = json!({ "redirect_uris": ["https://sundial.example/cb#here"] });
    office.refuses(&fragment, REDIRECT, "redirect_uris").await
}

pub(super) async fn t151_t155_t158_places_that_are_not_called(office: &Office<'_>) -> Result<()> {
    for uri in [
        "http://sundial.example/x",
        "ftp://sundial.example/x",
        "file:///etc/passwd",
        "https://user@sundial.example/x",
        "https://user:word@sundial.example/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://2130706433/x",
        "x",
    ] {
        for member in ["jwks_uri", "sector_identifier_uri", "backchannel_logout_uri"] {
            office.refuses(&with(member, json!(uri)), METADATA, member).await?;
        }
        let mut objects = app();
        (objects["request_uris"], objects["jwks"]) = (json!([uri]), json!({ "keys": [] }));
        office.refuses(&objects, METADATA, "request_uris").await?;
    }
    office
        .refuses(&with("backchannel_logout_uri", json!("https://sundial.example/{sid}")), METADATA, "backchannel")
        .await
}
