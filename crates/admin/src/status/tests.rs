//! The list of reasons is a contract; so is what a refusal carries.

use chancery_domain::{change::Noun, fault::Fault};

use super::*;

#[test]
fn the_reasons_and_their_codes_stay() {
    let list: Vec<String> = Reason::ALL.iter().map(|reason| format!("{} {:?}", reason.text(), reason.code())).collect();
    insta::assert_snapshot!(list.join("\n"));
}

#[test]
fn the_reference_of_reasons_is_current() {
    let row = |reason: &Reason| format!("| `{}` | {:?} | {} |", reason.text(), reason.code(), reason.meaning().trim());
    let mut rows: Vec<String> = Reason::ALL.iter().map(row).collect();
    rows.sort_unstable();
    let table = format!("| reason | gRPC code | |\n|---|---|---|\n{}", rows.join("\n"));
    let document = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto/README.md");
    chancery_testkit::reference::hold(&document, "reasons", &table);
}

#[test]
fn a_field_is_named_in_both_details() {
    let status = Refusal::field("client.redirect_uris[1]", "must not hold a wildcard").into_status("t");
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(status.message(), "client.redirect_uris[1] must not hold a wildcard");
    let details = status.get_error_details();
    let violation = &details.bad_request().expect("a violation").field_violations[0];
    assert_eq!(violation.field, "client.redirect_uris[1]");
    let info = details.error_info().expect("an error info");
    assert_eq!((info.reason.as_str(), info.domain.as_str()), ("FIELD_INVALID", "chancery.admin"));
    assert_eq!(info.metadata["field"], "client.redirect_uris[1]");
}

#[test]
fn our_faults_tell_nothing_but_the_trace() {
    let status = Refusal::from(Fault::broken("row of users", "column x is 7")).into_status("abc");
    assert_eq!(status.code(), Code::Internal);
    assert!(!format!("{status:?}").contains("users"));
    assert_eq!(status.get_error_details().error_info().expect("an error info").metadata["trace_id"], "abc");
}

#[test]
fn a_store_that_is_away_asks_to_come_again() {
    let status = Refusal::from(Fault::unavailable("store", "no route")).into_status("t");
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.get_error_details().retry_info().is_some());
}

#[test]
fn a_taken_name_says_whose() {
    let refusal = Refusal::from(WriteError::Taken(Noun::Client)).about("Client", "tenants/acme/clients/web");
    let status = refusal.into_status("t");
    assert_eq!(status.code(), Code::AlreadyExists);
    let details = status.get_error_details();
    assert_eq!(details.error_info().expect("an error info").reason, "CLIENT_EXISTS");
    assert_eq!(details.resource_info().expect("a resource").resource_name, "tenants/acme/clients/web");
}
