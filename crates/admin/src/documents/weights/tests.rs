use std::fmt::Write;

use chancery_proto::{
    descriptors,
    v1::{
        Client,
        tenant_document_change::{Kind as Done, Risk},
    },
};
use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};

use super::super::{
    change::{self, Words},
    frame::{KEY_POLICY, TENANT},
    noun::Noun,
    nouns::{
        claim_mapping::ClaimMappingNoun, client::ClientNoun, resource::ResourceNoun, scope::ScopeNoun,
        trusted_issuer::TrustedIssuerNoun,
    },
    weigh::{Row, Weigh},
};
use crate::mask::{Field, Rule};

/// Does the same with what is said of each message.
macro_rules! each {
    ($of:ident) => {
        [
            $of(&TENANT),
            $of(&KEY_POLICY),
            $of(&ScopeNoun::WORDS),
            $of(&ResourceNoun::WORDS),
            $of(&ClientNoun::WORDS),
            $of(&ClaimMappingNoun::WORDS),
            $of(&TrustedIssuerNoun::WORDS),
        ]
    };
}

/// Each field, from each of some values to each other.
#[test]
fn what_a_plan_says_of_each_change_stays() {
    insta::assert_snapshot!(each!(said).concat());
}

#[test]
fn each_field_that_can_be_set_has_one_row_that_is_of_its_kind() {
    let mistakes = each!(mistakes).concat();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

#[test]
fn only_what_the_secret_signs_can_be_signed_by_whoever_has_the_secret() {
    let client = |alg: &str| Client { id_token_signed_response_alg: alg.to_owned(), ..Client::default() };
    for (before, after, risk) in [
        ("", "ES256", Risk::BreaksClients),
        ("HS256", "", Risk::BreaksClients),
        ("HS256", "ES256", Risk::BreaksClients),
        ("ES256", "HS256", Risk::WeakensSecurity),
    ] {
        let change = change::between(&ClientNoun::WORDS, "it", Some(&client(before)), Some(&client(after)));
        assert_eq!(change.map(|change| change.risk()), Some(risk), "from {before:?} to {after:?}");
    }
}

fn said<M: Message + Default>(words: &Words<M>) -> String {
    let mut said = String::new();
    for path in settable(words.fields) {
        let _ = writeln!(said, "{}.{path}", words.message);
        let samples = samples(&field(words.message, path));
        let mut sentences: Vec<(Risk, String, Vec<String>)> = Vec::new();
        for (from, before) in &samples {
            for (to, after) in &samples {
                let (before, after) = (holding(words, path, before.as_ref()), holding(words, path, after.as_ref()));
                let Some(change) = change::between(words, "it", Some(&before), Some(&after)) else { continue };
                assert_eq!((change.kind(), change.fields.len()), (Done::Update, 1), "{path}");
                let (risk, reason, step) = (change.risk(), change.reason, format!("{from}>{to}"));
                match sentences.iter_mut().find(|(other, same, _)| (*other, same) == (risk, &reason)) {
                    Some((_, _, steps)) => steps.push(step),
                    None => sentences.push((risk, reason, vec![step])),
                }
            }
        }
        for (risk, reason, steps) in sentences {
            let _ = writeln!(said, "    {}: {reason}\n        {}", risk.as_str_name(), steps.join(" "));
        }
    }
    said
}

fn mistakes<M>(words: &Words<M>) -> Vec<String> {
    let rows = || words.weights.iter().flat_map(|Row(paths, weigh)| paths.iter().map(move |path| (*path, weigh)));
    let mut mistakes = Vec::new();
    for path in settable(words.fields) {
        let of_it = rows().filter(|(one, _)| *one == path).count();
        if of_it != 1 {
            mistakes.push(format!("{}.{path} has {of_it} rows", words.message));
        }
    }
    for (path, weigh) in rows() {
        let is_known = settable(words.fields).any(|one| one == path);
        if !is_known || !is_of_its_kind(weigh, &field(words.message, path)) {
            mistakes.push(format!("{}.{path} cannot be weighed like that", words.message));
        }
    }
    mistakes
}

fn is_of_its_kind<M>(weigh: &Weigh<M>, field: &FieldDescriptor) -> bool {
    match weigh {
        Weigh::Always(_) | Weigh::By(_) => true,
        // What is on where it is not sent cannot be seen to be off.
        Weigh::Switch { .. } => field.kind() == Kind::Bool && !field.supports_presence(),
        Weigh::List { .. } => field.is_list(),
        Weigh::Span { .. } => field.kind().as_message().is_some_and(|of| of.full_name() == "google.protobuf.Duration"),
    }
}

fn settable<M>(fields: &[Field<M>]) -> impl Iterator<Item = &'static str> {
    fields.iter().filter(|field| !matches!(field.rule, Rule::Output)).map(|field| field.path)
}

fn field(message: &str, path: &str) -> FieldDescriptor {
    let mut of: MessageDescriptor = descriptors::message(message).expect("a message");
    let (outer, last) = path.rsplit_once('.').map_or((None, path), |(outer, last)| (Some(outer), last));
    for one in outer.into_iter().flat_map(|outer| outer.split('.')) {
        of = of.get_field_by_name(one).and_then(|field| field.kind().as_message().cloned()).expect("a message");
    }
    of.get_field_by_name(last).expect("a field")
}

/// Some values with what they are called here; none stands for the absence of the field.
fn samples(field: &FieldDescriptor) -> Vec<(String, Option<Value>)> {
    let kind = field.kind();
    let mut samples = vec![("-".to_owned(), None)];
    if field.is_list() {
        let values: Vec<_> = values(&kind).into_iter().take(2).collect();
        samples
            .extend(values.iter().map(|(name, value)| (format!("[{name}]"), Some(Value::List(vec![value.clone()])))));
        let everything = values.iter().map(|(_, value)| value.clone()).collect();
        samples.push(("[both]".to_owned(), Some(Value::List(everything))));
        if let Some(none) = kind.as_enum().and_then(|of| of.values().find(|value| value.name().ends_with("_NONE"))) {
            samples.push(("[none]".to_owned(), Some(Value::List(vec![Value::EnumNumber(none.number())]))));
        }
    } else {
        samples.extend(values(&kind).into_iter().map(|(name, value)| (name, Some(value))));
    }
    samples
}

fn values(kind: &Kind) -> Vec<(String, Value)> {
    match kind {
        Kind::Bool => vec![("on".to_owned(), Value::Bool(true))],
        Kind::String => ["HS256", "ES256"].map(|text| (text.to_owned(), Value::String(text.to_owned()))).to_vec(),
        Kind::Int32 => [1, 2].map(|number| (number.to_string(), Value::I32(number))).to_vec(),
        Kind::Uint32 => [1, 2].map(|number| (number.to_string(), Value::U32(number))).to_vec(),
        Kind::Enum(of) => {
            let set = of.values().filter(|value| value.number() != 0);
            set.map(|value| (value.name().to_owned(), Value::EnumNumber(value.number()))).collect()
        }
        Kind::Message(of) => (1..=2).map(|at| (format!("{}{at}", of.name()), Value::Message(made(of, at)))).collect(),
        Kind::Bytes
        | Kind::Double
        | Kind::Fixed32
        | Kind::Fixed64
        | Kind::Float
        | Kind::Int64
        | Kind::Sfixed32
        | Kind::Sfixed64
        | Kind::Sint32
        | Kind::Sint64
        | Kind::Uint64 => panic!("no values of {kind:?} yet"),
    }
}

/// A message that holds a number, a text or a word somewhere.
fn made(of: &MessageDescriptor, at: i32) -> DynamicMessage {
    let value = |field: &FieldDescriptor| {
        let kind = field.kind();
        let is_word = kind.as_enum().is_some_and(|of| of.name() != "NullValue");
        let one_of = [
            (kind == Kind::Int64, Value::I64(at.into())),
            (kind == Kind::String, Value::String(at.to_string())),
            (is_word, Value::EnumNumber(at)),
        ];
        one_of.into_iter().find_map(|(is_fit, value)| (is_fit && !field.is_list()).then_some(value))
    };
    let mut message = DynamicMessage::new(of.clone());
    if let Some((field, value)) = of.fields().find_map(|field| value(&field).map(|value| (field, value))) {
        message.set_field(&field, value);
    }
    message
}

/// A thing that holds nothing but that value in that field; what the field lies in is there in any case.
fn holding<M: Message + Default>(words: &Words<M>, path: &str, value: Option<&Value>) -> M {
    let mut message = DynamicMessage::new(descriptors::message(words.message).expect("a message"));
    put(&mut message, path, value);
    message.transcode_to().expect("of that kind")
}

fn put(message: &mut DynamicMessage, path: &str, value: Option<&Value>) {
    match (path.split_once('.'), value) {
        (None, None) => {}
        (None, Some(value)) => message.set_field_by_name(path, value.clone()),
        (Some((first, rest)), value) => {
            let field = message.descriptor().get_field_by_name(first).expect("a field");
            let Value::Message(inner) = message.get_field_mut(&field) else { panic!("no message at {first}") };
            put(inner, rest, value);
        }
    }
}
