//! Changes as people read them.

use chancery_proto::v1::{
    TenantDocumentChange,
    tenant_document_change::{Field, Kind as Done, Risk},
};
use prost_reflect::Kind;
use prost_types::value::Kind as Json;

use super::contract;
use crate::{claims, duration, output::printable, preview};

/// Whether to paint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    const GREEN: u8 = 32;
    const YELLOW: u8 = 33;
    const RED: u8 = 31;
    const GREY: u8 = 90;

    fn on(self, colour: u8, text: &str) -> String {
        if self.0 { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// The changes of one tenant, in lines.
pub(super) fn lines(changes: &[TenantDocumentChange], paint: Paint) -> String {
    changes.iter().map(|change| one(change, paint)).collect()
}

/// How many are made, changed and removed.
pub(super) fn count(changes: &[TenantDocumentChange]) -> String {
    let number = |kind| changes.iter().filter(|change| change.kind() == kind).count();
    format!(
        "{} to create, {} to change, {} to delete",
        number(Done::Create),
        number(Done::Update),
        number(Done::Delete)
    )
}

fn one(change: &TenantDocumentChange, paint: Paint) -> String {
    let (sign, colour) = match change.kind() {
        Done::Create => ("+", Paint::GREEN),
        Done::Update => ("~", Paint::YELLOW),
        Done::Delete => ("-", Paint::RED),
        Done::Unspecified => ("?", Paint::GREY),
    };
    let mut text = paint.on(colour, &format!("{sign} {}", printable(&change.name)));
    if matches!(change.kind(), Done::Create | Done::Delete) {
        text.push_str(&risk(change.risk(), &change.reason, paint));
    }
    text.push('\n');
    for effect in &change.effects {
        text.push_str(&paint.on(Paint::RED, &format!("    would end: {}", preview::line(effect).trim_start())));
        text.push('\n');
    }
    for field in &change.fields {
        text.push_str("    ");
        text.push_str(&printable(&field.path));
        text.push_str(&values(change, field, paint));
        if change.kind() != Done::Create {
            text.push_str(&risk(field.risk(), &field.reason, paint));
        }
        text.push('\n');
    }
    text
}

fn values(change: &TenantDocumentChange, field: &Field, paint: Paint) -> String {
    let kind = contract::message(&change.r#type).and_then(|of| Some(contract::at(&of, &field.path)?.kind()));
    let (before, after) = (json(field.before.as_ref()), json(field.after.as_ref()));
    if let (Json::ListValue(before), Json::ListValue(after)) = (&before, &after) {
        let told = |list: &prost_types::ListValue| {
            list.values.iter().map(|one| word(kind.as_ref(), &json(Some(one)))).collect::<Vec<_>>()
        };
        let (before, after) = (told(before), told(after));
        let gone =
            before.iter().filter(|one| !after.contains(one)).map(|one| paint.on(Paint::RED, &format!("- {one}")));
        let come =
            after.iter().filter(|one| !before.contains(one)).map(|one| paint.on(Paint::GREEN, &format!("+ {one}")));
        let moved: Vec<_> = gone.chain(come).collect();
        return if moved.is_empty() {
            format!("  {} -> {}", before.join(", "), after.join(", "))
        } else {
            moved.iter().flat_map(|one| ["\n        ", one]).collect()
        };
    }
    let (before, after) = (word(kind.as_ref(), &before), word(kind.as_ref(), &after));
    match change.kind() {
        Done::Create => format!("  {after}"),
        Done::Update | Done::Delete | Done::Unspecified => {
            format!("  {} -> {}", paint.on(Paint::RED, &before), paint.on(Paint::GREEN, &after))
        }
    }
}

fn json(value: Option<&prost_types::Value>) -> Json {
    value.and_then(|value| value.kind.clone()).unwrap_or(Json::NullValue(0))
}

/// A value by the words that files have for it; a dash where there is nothing.
fn word(kind: Option<&Kind>, value: &Json) -> String {
    match (value, kind) {
        (Json::NullValue(_), _) => "-".to_owned(),
        (Json::StringValue(text), _) if text.is_empty() => "-".to_owned(),
        (Json::BoolValue(flag), _) => flag.to_string(),
        (Json::NumberValue(number), _) => number.to_string(),
        (Json::StringValue(text), Some(Kind::Enum(of))) => contract::short(of, text),
        (Json::StringValue(text), Some(kind)) if contract::is_span(kind) => {
            duration::parse(text).map_or_else(|_| printable(text), |span| duration::for_people(&span))
        }
        (Json::StringValue(text), _) => printable(text),
        (Json::ListValue(list), _) => {
            list.values.iter().map(|one| word(kind, &json(Some(one)))).collect::<Vec<_>>().join(", ")
        }
        (Json::StructValue(fields), _) => printable(&claims::to_json(fields.clone()).to_string()),
    }
}

fn risk(risk: Risk, reason: &str, paint: Paint) -> String {
    let (word, colour) = match risk {
        Risk::None | Risk::Unspecified => return String::new(),
        Risk::ShortensLife => ("shortens life", Paint::YELLOW),
        Risk::BreaksClients => ("breaks clients", Paint::YELLOW),
        Risk::WeakensSecurity => ("weakens security", Paint::RED),
        Risk::Destroys => ("destroys", Paint::RED),
    };
    format!("\n        {} {}", paint.on(colour, &format!("! {word}:")), paint.on(Paint::GREY, &printable(reason)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_in_the_words_of_files() {
        let text = |text: &str| Some(prost_types::Value { kind: Some(Json::StringValue(text.to_owned())) });
        let list = |words: &[&str]| {
            let values = words.iter().filter_map(|word| text(word)).collect();
            Some(prost_types::Value { kind: Some(Json::ListValue(prost_types::ListValue { values })) })
        };
        let tenant = TenantDocumentChange {
            name: "tenants/acme".into(),
            r#type: "Tenant".into(),
            kind: Done::Update.into(),
            fields: vec![Field {
                path: "settings.access_token_ttl".into(),
                before: text("600s"),
                after: text("3600s"),
                risk: Risk::WeakensSecurity.into(),
                reason: "What is stolen works for longer.".into(),
            }],
            ..TenantDocumentChange::default()
        };
        let client = TenantDocumentChange {
            name: "tenants/acme/clients/web".into(),
            r#type: "Client".into(),
            kind: Done::Update.into(),
            fields: vec![Field {
                path: "grant_types".into(),
                before: list(&["GRANT_TYPE_AUTHORIZATION_CODE"]),
                after: list(&["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN"]),
                risk: Risk::None.into(),
                ..Field::default()
            }],
            ..TenantDocumentChange::default()
        };
        let expected = "\
~ tenants/acme
    settings.access_token_ttl  10m -> 1h
        ! weakens security: What is stolen works for longer.
~ tenants/acme/clients/web
    grant_types
        + refresh_token
";
        assert_eq!(lines(&[tenant.clone(), client], Paint(false)), expected);
        assert!(lines(&[tenant], Paint(true)).contains("\u{1b}[33m~ tenants/acme\u{1b}[0m"));
    }
}
