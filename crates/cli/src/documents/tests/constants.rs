//! What a tenant says in its tokens is any JSON, with any text for a name, and stays that in files.

use chancery_proto::v1::{ClaimMapping, claim_mapping};
use serde_json::{Value as Json, json};

use super::*;
use crate::claims;

fn saying(constant: &Json) -> TenantDocument {
    let mapping = ClaimMapping {
        name: "tenants/acme/claimMappings/m".into(),
        claim: "m".into(),
        constant: Some(claims::value(&constant.to_string()).expect("JSON")),
        targets: vec![claim_mapping::Target::IdToken.into()],
        ..ClaimMapping::default()
    };
    TenantDocument { claim_mappings: vec![mapping], clients: vec![], ..document() }
}

/// Texts that would be something else, or end what they stand in, were they not quoted.
const TEXTS: [&str; 42] = [
    "x: 1\n    targets: [id_token]\n---\ntenant:\n  name: globex\nclients: []\nx",
    "*",
    "&a",
    "!t",
    "a: b",
    " lead",
    "trail ",
    "#h",
    "a #h",
    "",
    "-",
    "- a",
    "?",
    "null",
    "~",
    "true",
    "1",
    "<<",
    "a,b",
    "a}",
    "{",
    "[a]",
    "'",
    "\"",
    "\\",
    "%",
    "@",
    "`",
    "|",
    ">-",
    "a:",
    "\t",
    "\r",
    "\r\n",
    "\u{0}",
    "\u{7f}",
    "\u{85}",
    "\u{9b}2J",
    "\u{2028}",
    "\u{feff}",
    "\u{1f600}",
    "10m",
];

fn constants() -> Vec<Json> {
    let nested = |text: &str| json!({ text: text, "in": [{ text: [{ text: null }, [text]] }] });
    let mut constants: Vec<_> = TEXTS.iter().map(|text| nested(text)).collect();
    constants.extend([json!({ "a": null }), json!([null, 1]), json!([[], {}, [[null]]]), json!([-0.5e-9, 1e300, ""])]);
    constants
}

#[test]
fn t306_any_constant_is_written_as_what_it_is() {
    for constant in constants() {
        let document = saying(&constant);
        let tree = words::of(&document);
        for text in [tree.to_yaml(0), format!("{:#}\n", tree.to_json())] {
            assert_eq!(parse::read(&text).expect("YAML").len(), 1, "{text}");
            assert_eq!(parsed(&text).as_ref(), Ok(&document), "{text}");
        }
    }
}

#[test]
fn a_constant_changes_where_it_stands() {
    let before = "# Acme.\ntenant: {name: acme}\nclaim_mappings:\n  - name: m\n    constant:";
    for constant in [" {a: 1} # as agreed", "\n      # as agreed\n      a: 1 # one", " 7 # as agreed"] {
        let file = format!("{before}{constant}\n    # for apps\n    claim: m\n    targets: [id_token]\n");
        for constant in constants() {
            let updated = updates::updated(&file, &saying(&constant));
            assert!(updated.starts_with("# Acme.\n") && updated.contains("\n    # for apps\n"), "{updated}");
        }
    }
}

#[test]
fn the_order_of_a_constants_entries_is_part_of_it() {
    let file = |constant: &str| words::of(&saying(&json!(["old"]))).to_yaml(0).replace("\n      - old", constant);
    let before = file("\n      # first\n      - a # A\n      - c");
    let longer = file("\n      # first\n      - a # A\n      - d");
    assert_eq!(updates::updated(&before, &saying(&json!(["a", "d"]))), longer);
    assert_eq!(updates::updated(&before, &saying(&json!(["c", "a"]))), file("\n      - c\n      - a"));
}
