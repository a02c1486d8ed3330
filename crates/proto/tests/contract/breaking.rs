//! What would break those who were built against an earlier contract: sources (buf's category FILE), wire and JSON.
//!
//! A field or a value of an enum may go when its number and its name stay reserved. Two rules are our own: nothing that
//! was optional becomes required, and no call asks for another permission, for roles are made of these.

mod enums;
mod messages;
mod services;

use prost_reflect::DescriptorPool;

use crate::{contract, made_up};

/// Everything that `after` breaks of `before`.
pub(crate) fn breaks(before: &DescriptorPool, after: &DescriptorPool) -> Vec<String> {
    let mut breaks = Vec::new();
    for file in crate::ours(before) {
        match after.get_file_by_name(file.name()) {
            None => breaks.push(format!("{} is gone", file.name())),
            Some(now) if now.package_name() != file.package_name() || now.syntax() != file.syntax() => {
                breaks.push(format!("{} has another package or syntax", file.name()));
            }
            Some(_) => {}
        }
        file.messages().for_each(|message| messages::compare(&message, after, &mut breaks));
        file.enums().for_each(|an_enum| enums::compare(&an_enum, after, &mut breaks));
        file.services().for_each(|service| services::compare(&service, after, &mut breaks));
    }
    breaks
}

const BEFORE: &str = r#"
message Thing {
  string name = 1;
  int32 count = 2;
  repeated string tags = 3;
  oneof one { string left = 4; string right = 5; }
  State state = 6;
  reserved 9;
  reserved "old";
  enum State { STATE_UNSPECIFIED = 0; STATE_ON = 1; STATE_OFF = 2; reserved 7; }
}
message GetThingRequest { string name = 1; }
service ThingService {
  rpc GetThing(GetThingRequest) returns (Thing) {
    option (chancery.admin.v1.authorization) = { permission: "things.get" scope: SCOPE_TENANT };
  }
}
"#;

#[test]
fn nothing_is_broken_by_nothing_or_by_additions() {
    assert_eq!(breaks(&contract(), &contract()), Vec::<String>::new());
    let more = BEFORE
        .replace("State state = 6;", "State state = 6; string more = 7; map<string, string> marks = 8;")
        .replace("STATE_OFF = 2;", "STATE_OFF = 2; STATE_MORE = 3;")
        .replace("string name = 1; }", "string name = 1; bool more = 2; }\nmessage More {}")
        .replace("service ThingService {", "service ThingService {\nrpc More(More) returns (More);");
    assert_eq!(breaks(&made_up::contract(BEFORE), &made_up::contract(&more)), Vec::<String>::new());
}

#[test]
fn what_is_reserved_may_go() {
    let gone = BEFORE
        .replace("int32 count = 2;", "reserved 2; reserved \"count\";")
        .replace("STATE_OFF = 2;", "reserved 2; reserved \"STATE_OFF\";");
    assert_eq!(breaks(&made_up::contract(BEFORE), &made_up::contract(&gone)), Vec::<String>::new());
}

#[test]
fn every_break_is_found() {
    for (now, instead, found) in [
        ("  int32 count = 2;\n", "", "made.v1.Thing.count is gone, and 2 and its name are not reserved"),
        ("int32 count = 2;", "reserved 2;", "made.v1.Thing.count is gone, and 2 and its name are not reserved"),
        ("int32 count = 2;", "int32 count = 8;", "made.v1.Thing.count is gone, and 2 and its name are not reserved"),
        ("int32 count = 2;", "int32 number = 2;", "made.v1.Thing.count is called number"),
        ("int32 count = 2;", "int64 count = 2;", "made.v1.Thing.count is int64 instead of int32"),
        ("int32 count = 2;", "repeated int32 count = 2;", "made.v1.Thing.count is repeated"),
        ("int32 count = 2;", "optional int32 count = 2;", "made.v1.Thing.count tells its absence"),
        ("int32 count = 2;", "int32 count = 2 [json_name = \"c\"];", "made.v1.Thing.count is \"c\" in JSON"),
        ("repeated string tags", "string tags", "made.v1.Thing.tags is singular"),
        ("State state = 6;", "int32 state = 6;", "made.v1.Thing.state is int32 instead of made.v1.Thing.State"),
        ("string right = 5; }", "} string right = 5;", "made.v1.Thing.right has left its oneof or come into one"),
        ("reserved 9;", "", "made.v1.Thing no longer reserves 9"),
        ("reserved \"old\";", "", "made.v1.Thing no longer reserves \"old\""),
        ("STATE_OFF = 2;", "", "made.v1.Thing.STATE_OFF is gone, and 2 and its name are not reserved"),
        ("STATE_OFF = 2;", "STATE_AWAY = 2;", "made.v1.Thing.STATE_OFF is called STATE_AWAY"),
        ("reserved 7;", "", "made.v1.Thing.State no longer reserves 7"),
        (
            "message GetThingRequest { string name = 1; }",
            "message GetThingRequest { string name = 1 [(google.api.field_behavior) = REQUIRED]; }",
            "made.v1.GetThingRequest.name is required",
        ),
        (
            "string name = 1; }",
            "string name = 1; string more = 2 [(google.api.field_behavior) = REQUIRED]; }",
            "made.v1.GetThingRequest.more is new and required",
        ),
        ("rpc GetThing(", "rpc FetchThing(", "made.v1.ThingService.GetThing is gone"),
        ("returns (Thing)", "returns (stream Thing)", "made.v1.ThingService.GetThing streams differently"),
        (
            "returns (Thing)",
            "returns (GetThingRequest)",
            "made.v1.ThingService.GetThing answers with made.v1.GetThingRequest",
        ),
        ("GetThing(GetThingRequest)", "GetThing(Thing)", "made.v1.ThingService.GetThing takes made.v1.Thing"),
        ("things.get", "things.read", "made.v1.ThingService.GetThing asks for the permission \"things.read\""),
        ("service ThingService", "service OtherService", "made.v1.ThingService is gone"),
    ] {
        assert!(BEFORE.contains(now), "{now}");
        let after = made_up::contract(&BEFORE.replacen(now, instead, 1));
        let breaks = breaks(&made_up::contract(BEFORE), &after);
        assert!(breaks.iter().any(|one| one.starts_with(found)), "{now} -> {instead}: {found}: {breaks:#?}");
    }
}

#[test]
fn what_moves_to_another_file_is_a_break() {
    let text = "syntax = \"proto3\";\npackage made.v1;\nmessage Thing {}\nenum Kind { KIND_UNSPECIFIED = 0; }\n";
    let [before, after] = ["made/v1/thing.proto", "made/v1/other.proto"].map(|path| made_up::file(path, text));
    let expected = [
        "made/v1/thing.proto is gone",
        "made.v1.Thing has moved to made/v1/other.proto",
        "made.v1.Kind has moved to made/v1/other.proto",
    ];
    assert_eq!(breaks(&before, &after), expected);
    let gone = made_up::file("made/v1/thing.proto", "syntax = \"proto3\";\npackage made.v1;\n");
    assert_eq!(breaks(&before, &gone), ["made.v1.Thing is gone", "made.v1.Kind is gone"]);
}
