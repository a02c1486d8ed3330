//! Style: the rules STANDARD and COMMENTS of buf, as far as they apply to us. Three of them we keep differently, as
//! `proto/buf.yaml` says: an answer may be the resource itself or nothing, and so may be the answer of several calls; and
//! a preview takes the request of the call that it previews.

mod comments;
mod files;
mod names;

use prost_reflect::DescriptorPool;

pub(crate) use self::comments::Comments;

use crate::{contract, made_up};

/// Everything that breaks a rule.
fn faults(pool: &DescriptorPool) -> Vec<String> {
    let mut faults = Vec::new();
    for file in crate::ours(pool) {
        files::check(&file, &mut faults);
        names::check(&file, &mut faults);
        comments::check(&file, &mut faults);
    }
    faults
}

#[test]
fn the_contract_keeps_the_style() {
    let faults = faults(&contract());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What is wrong with a file of this body; the imports that it does not use are not the point.
fn found(body: &str) -> Vec<String> {
    let ours = |fault: &String| !fault.contains("is not used") && fault.contains("made");
    faults(&made_up::contract(body)).into_iter().filter(ours).collect()
}

#[test]
fn every_breach_of_style_is_found() {
    for (body, breach) in [
        ("// A thing.\nmessage bad_name {}", "made.v1.bad_name is not in PascalCase"),
        (
            "// A thing.\nmessage Thing {\n// It.\nstring badName = 1;\n}",
            "made.v1.Thing.badName is not in lower_snake_case",
        ),
        (
            "// A\nmessage T {\n// O.\noneof BadOne {\n// A.\nstring a = 1;\n}\n}",
            "made.v1.T.BadOne is not in lower_snake_case",
        ),
        ("// E.\nenum State {\n// U.\nUNSPECIFIED = 0;\n}", "made.v1.UNSPECIFIED does not begin with STATE_"),
        (
            "// E.\nenum State {\n// U.\nSTATE_NONE = 0;\n}",
            "made.v1.STATE_NONE is zero and does not end in _UNSPECIFIED",
        ),
        (
            "// E.\nenum State {\n// U.\nSTATE_UNSPECIFIED = 0;\n// B.\nSTATE_bad = 1;\n}",
            "made.v1.STATE_bad is not in UPPER_SNAKE_CASE",
        ),
        ("// E.\nenum badEnum {\n// U.\nBAD_ENUM_UNSPECIFIED = 0;\n}", "made.v1.badEnum is not in PascalCase"),
        (
            "// E.\nenum E {\noption allow_alias = true;\n// U.\nE_UNSPECIFIED = 0;\n// A.\nE_A = 1;\n// B.\nE_B = 1;\n}",
            "made.v1.E has aliases",
        ),
        ("// S.\nservice Things {}", "made.v1.Things does not end in Service"),
        (
            "// T.\nmessage Ask {}\n// S.\nservice ThingService {\n// G.\nrpc GetThing(Ask) returns (Ask);\n}",
            "made.v1.ThingService.GetThing takes made.v1.Ask instead of GetThingRequest",
        ),
        (
            "// T.\nmessage PreviewEndThingRequest {}\n// P.\nmessage Preview {}\n// S.\nservice PreviewService {\n// E.\n\
             rpc PreviewEndThing(PreviewEndThingRequest) returns (Preview);\n}",
            "made.v1.PreviewService.PreviewEndThing takes made.v1.PreviewEndThingRequest instead of EndThingRequest",
        ),
        (
            "// T.\nmessage GetThingRequest {}\n// T.\nmessage OtherResponse {}\n// S.\nservice ThingService {\n// G.\n\
             rpc GetThing(GetThingRequest) returns (OtherResponse);\n}",
            "made.v1.ThingService.GetThing answers with made.v1.OtherResponse",
        ),
        ("message Thing {}", "made.v1.Thing has no comment"),
        ("// A thing.\nmessage Thing {\nstring name = 1;\n}", "made.v1.Thing.name has no comment"),
        ("// E.\nenum State {\nSTATE_UNSPECIFIED = 0;\n}", "made.v1.STATE_UNSPECIFIED has no comment"),
        ("// A\nmessage T {\noneof one {\n// A.\nstring a = 1;\n}\n}", "made.v1.T.one has no comment"),
        ("service ThingService {}", "made.v1.ThingService has no comment"),
    ] {
        assert_eq!(found(body).first().map(String::as_str), Some(breach), "{body}");
    }
}

#[test]
fn what_keeps_the_style_is_let_pass() {
    let body = "// A thing.\nmessage Thing {\n// Its name.\nstring name = 1;\n// Marks.\nmap<string, string> marks = 2;\n\
                // Perhaps.\noptional bool is_v2_ready = 3;\n// In it.\nenum KeyState {\n// None.\n\
                KEY_STATE_UNSPECIFIED = 0;\n// On.\nKEY_STATE_ON = 1;\n}\n}\n// Asks.\nmessage GetThingRequest {}\n// S.\n\
                service ThingService {\n// Gets.\nrpc GetThing(GetThingRequest) returns (Thing);\n// What getting it would end.\n\
                rpc PreviewGetThing(GetThingRequest) returns (Thing);\n}";
    assert_eq!(found(body), Vec::<String>::new());
}

#[test]
fn files_lie_where_their_package_says() {
    let text = "syntax = \"proto3\";\npackage made.thing;\nimport \"google/api/resource.proto\";\n";
    let found = faults(&made_up::file("made/Thing.proto", text));
    for breach in
        ["is in the folder made", "has no version", "is not in lower_snake_case", "resource.proto is not used"]
    {
        assert!(found.iter().any(|fault| fault.contains(breach)), "{breach} in {found:#?}");
    }
}
