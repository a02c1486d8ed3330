//! A row that makes no sense is a fault of ours, which names the place and not the value.

use chancery_domain::fault::{Fault, FaultKind};

use crate::world::{World, said};

super::conformance! {
    a_client_that_makes_no_sense_names_its_column,
    a_user_that_makes_no_sense_names_its_column_and_no_person,
    a_tenant_that_makes_no_sense_names_its_column,
    a_digest_of_the_wrong_length_names_its_column,
}

async fn a_client_that_makes_no_sense_names_its_column(world: World) {
    let home = world.home("acme").await;
    world.execute("UPDATE clients SET grant_types = '[\"magic\"]'").await;
    let fault = world.read(home.tenant.id).clients().find(&home.client.id).await.expect_err("makes no sense");
    assert_names(&fault, &["clients", "grant_types", &home.client.uid.to_string(), &home.tenant.id.to_string()]);
    assert!(!said(&fault).contains("magic"));
    world.execute("UPDATE clients SET grant_types = '[]', id_token_alg = 'none'").await;
    let fault = world.read(home.tenant.id).clients().find(&home.client.id).await.expect_err("makes no sense");
    assert_names(&fault, &["clients", "id_token_alg"]);
}

async fn a_user_that_makes_no_sense_names_its_column_and_no_person(world: World) {
    let home = world.home("acme").await;
    world.execute("UPDATE users SET email = 'no address'").await;
    let fault = world.read(home.tenant.id).users().find(home.user.id).await.expect_err("makes no sense");
    assert_names(&fault, &["users", "email", &home.user.id.to_string()]);
    assert!(!said(&fault).contains("no address"));
}

async fn a_tenant_that_makes_no_sense_names_its_column(world: World) {
    let home = world.home("acme").await;
    world.execute("UPDATE tenants SET settings = '{\"unheard_of\": 1}'").await;
    let platform = world.platform();
    let fault = platform.tenants().find(home.tenant.id).await.expect_err("makes no sense");
    assert_names(&fault, &["tenants", "settings", &home.tenant.id.to_string()]);
}

async fn a_digest_of_the_wrong_length_names_its_column(world: World) {
    let home = world.home("acme").await;
    let session = world.session(home.user.id);
    let tx = world.begin(home.tenant.id).await;
    tx.sessions().insert(&session).await.expect("inserts");
    tx.commit().await.expect("commits");
    let short = if world.is_postgres() { "'\\x0102'" } else { "x'0102'" };
    world.execute(&format!("UPDATE sessions SET digest = {short}")).await;
    let fault = world.read(home.tenant.id).sessions().find_by_id(session.id).await.expect_err("makes no sense");
    assert_names(&fault, &["sessions", "digest", &session.id.to_string()]);
}

fn assert_names(fault: &Fault, names: &[&str]) {
    assert_eq!(fault.kind(), FaultKind::Broken);
    for name in names {
        assert!(said(fault).contains(name), "{} does not name {name}", said(fault));
    }
}
