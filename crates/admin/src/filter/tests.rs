use chancery_domain::{client::ClientField, time::Timestamp, user::UserField};
use tonic::Code;

use super::*;

fn text(field: ClientField, relation: Relation, value: &str) -> Filter<ClientField> {
    Filter::Test(Test { field, relation, value: Value::Text(value.to_owned()) })
}

fn client(sent: &str) -> Filter<ClientField> {
    read(sent).unwrap_or_else(|_| panic!("{sent} is refused")).unwrap_or_else(|| panic!("{sent} is nothing"))
}

#[test]
fn comparisons_are_read() {
    assert!(matches!(read::<ClientField>("  "), Ok(None)));
    let name = |relation, value| text(ClientField::DisplayName, relation, value);
    assert_eq!(client("display_name = \"The shop\""), name(Relation::Equal, "The shop"));
    assert_eq!(client("display_name=\"say \\\"hi\\\" \\\\\""), name(Relation::Equal, "say \"hi\" \\"));
    assert_eq!(client("display_name = The*"), name(Relation::Begins, "The"));
    assert_eq!(client("display_name >= b"), name(Relation::AtLeast, "b"));
    for state in ["DISABLED", "disabled", "STATE_DISABLED", "\"disabled\""] {
        assert_eq!(client(&format!("state = {state}")), text(ClientField::State, Relation::Equal, "disabled"));
    }
    let at = Timestamp::from_millis(1_769_904_000_500);
    assert_eq!(
        client("create_time < \"2026-02-01T00:00:00.5Z\""),
        Filter::Test(Test { field: ClientField::CreateTime, relation: Relation::Less, value: Value::Time(at) })
    );
    let email = Filter::Test(Test {
        field: UserField::Email,
        relation: Relation::Equal,
        value: Value::Text("ada@example.com".into()),
    });
    assert_eq!(read("email = Ada@Example.com").expect("read"), Some(email));
}

#[test]
fn or_binds_more_tightly_than_and() {
    let kind = |kind| text(ClientField::Kind, Relation::Equal, kind);
    let enabled = || text(ClientField::State, Relation::Equal, "enabled");
    let either = || Filter::Any(vec![kind("web"), kind("native")]);
    let both = Filter::All(vec![enabled(), either()]);
    assert_eq!(client("state = ENABLED AND kind = WEB OR kind = NATIVE"), both);
    assert_eq!(client("state = ENABLED (kind = WEB OR kind = NATIVE)"), both);
    assert_eq!(client("NOT (kind = WEB OR kind = NATIVE)"), Filter::Not(Box::new(either())));
    assert_eq!(client("-state = ENABLED"), Filter::Not(Box::new(enabled())));
    assert_eq!(client("(state = ENABLED AND kind = WEB) OR kind = NATIVE"), {
        Filter::Any(vec![Filter::All(vec![enabled(), kind("web")]), kind("native")])
    });
}

#[test]
fn what_is_no_filter_is_refused_with_its_rule() {
    let deep = format!("{}state = ENABLED{}", "(".repeat(17), ")".repeat(17));
    let long = format!("display_name = {}", "x".repeat(2048));
    for bad in [
        "web",
        "state",
        "state =",
        "= web",
        "state = BROKEN",
        "state > ENABLED",
        "nothing = 1",
        "create_time = yesterday",
        "create_time > 2026",
        "state = ENABLED AND",
        "state = ENABLED OR",
        "NOT",
        "(state = ENABLED",
        "state = ENABLED)",
        "display_name = \"x",
        "display_name = 'a\\b'",
        "display_name ! x",
        "display_name = x; DROP TABLE clients",
        "display_name = x' OR '1'='1",
        "AND state = ENABLED",
        "display_name = \u{e9}",
        "state state = ENABLED",
        &deep,
        &long,
    ] {
        let refusal = read::<ClientField>(bad).err().unwrap_or_else(|| panic!("{bad} is taken"));
        assert_eq!(refusal.into_status("t").code(), Code::InvalidArgument, "{bad}");
    }
}
