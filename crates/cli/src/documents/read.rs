//! From a file to the message: everything that is wrong with it, each with its place and the nearest word that is known.

use chancery_proto::v1::TenantDocument;
use prost_reflect::{DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, Value};
use prost_types::value::Kind as Json;

use super::contract;
use super::place::{Data, Node, Place, Wrong};
use crate::{duration, name};

/// How alike two words must be for one to be meant by the other.
const ALIKE: f64 = 0.7;

/// What a document calls the tenant that it is about.
pub(super) fn tenant(node: &Node) -> Option<&str> {
    let (_, tenant) = node.field("tenant")?;
    tenant.field("name")?.1.text()
}

/// The document, or what is wrong.
pub(super) fn document(node: &Node) -> Result<TenantDocument, Vec<Wrong>> {
    let Some(tenant) = tenant(node) else {
        let what = "a document begins with the tenant that it is about: `tenant:`, and in it `name:`";
        return Err(vec![Wrong { place: node.place, what: what.to_owned() }]);
    };
    let mut reader = Reader { tenant: name::id(tenant), wrong: Vec::new() };
    let read = reader.message(&contract::document(), node);
    match read.transcode_to() {
        Ok(document) if reader.wrong.is_empty() => Ok(document),
        Ok(_) => Err(reader.wrong),
        Err(cause) => Err(vec![Wrong { place: node.place, what: cause.to_string() }]),
    }
}

struct Reader<'a> {
    tenant: &'a str,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn refuse(&mut self, place: Place, what: String) {
        self.wrong.push(Wrong { place, what });
    }

    fn message(&mut self, of: &MessageDescriptor, node: &Node) -> DynamicMessage {
        let mut message = DynamicMessage::new(of.clone());
        let fields = match &node.data {
            Data::Map(fields) => fields.as_slice(),
            Data::Scalar(text, true) if text.is_empty() => &[],
            Data::Scalar(..) | Data::List(_) => {
                self.refuse(node.place, "must be fields with their values".to_owned());
                &[]
            }
        };
        let known = contract::fields(of);
        for (key, value) in fields {
            let given = key.text().unwrap_or_default();
            let Some(field) = known.iter().find(|field| field.name() == given) else {
                self.refuse(key.place, unknown(of, &known, given));
                continue;
            };
            if let Some(read) = self.field(of, field, value) {
                message.set_field(field, read);
            }
        }
        for field in
            known.iter().filter(|field| contract::is(field, contract::Behavior::Required) || field.name() == "name")
        {
            if node.field(field.name()).is_none() && contract::pattern(of).is_some() {
                self.refuse(node.place, format!("lacks `{}`", field.name()));
            }
        }
        message
    }

    fn field(&mut self, of: &MessageDescriptor, field: &FieldDescriptor, node: &Node) -> Option<Value> {
        let is_empty = matches!(&node.data, Data::Scalar(text, true) if text.is_empty());
        if is_empty {
            return None;
        }
        if field.is_list() {
            let Data::List(list) = &node.data else {
                self.refuse(node.place, format!("`{}` must be a list", field.name()));
                return None;
            };
            return Some(Value::List(list.iter().filter_map(|one| self.value(&field.kind(), one)).collect()));
        }
        match (field.name(), node.text()) {
            ("name", Some(given)) => Some(Value::String(contract::full_name(of, self.tenant, given))),
            _ => self.value(&field.kind(), node),
        }
    }

    fn value(&mut self, kind: &Kind, node: &Node) -> Option<Value> {
        if let Kind::Message(of) = kind
            && contract::is_json(kind)
        {
            let mut message = DynamicMessage::new(of.clone());
            return message.transcode_from(&json(node)).is_ok().then_some(Value::Message(message));
        }
        if let Kind::Message(message) = kind
            && !contract::is_span(kind)
        {
            return Some(Value::Message(self.message(message, node)));
        }
        let Some(text) = node.text() else {
            self.refuse(node.place, "must be a single value".to_owned());
            return None;
        };
        let read = match kind {
            Kind::String => Ok(Value::String(text.to_owned())),
            Kind::Bool => match text {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(format!("`{text}` must be true or false")),
            },
            Kind::Enum(of) => number(of, text).map(Value::EnumNumber),
            Kind::Message(of) => duration::parse(text).and_then(|span| {
                let mut message = DynamicMessage::new(of.clone());
                message.transcode_from(&span).map_err(|cause| cause.to_string())?;
                Ok(Value::Message(message))
            }),
            Kind::Uint32 | Kind::Fixed32 => text.parse().map(Value::U32).map_err(|_| no_number(text)),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => text.parse().map(Value::I32).map_err(|_| no_number(text)),
            Kind::Uint64 | Kind::Fixed64 => text.parse().map(Value::U64).map_err(|_| no_number(text)),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => text.parse().map(Value::I64).map_err(|_| no_number(text)),
            Kind::Double => text.parse().map(Value::F64).map_err(|_| no_number(text)),
            Kind::Float => text.parse().map(Value::F32).map_err(|_| no_number(text)),
            Kind::Bytes => Err("cannot be given in a file".to_owned()),
        };
        match read {
            Ok(value) => Some(value),
            Err(what) => {
                self.refuse(node.place, what);
                None
            }
        }
    }
}

/// Any JSON, as YAML has it: what is quoted is a text.
fn json(node: &Node) -> prost_types::Value {
    let kind = match &node.data {
        Data::Scalar(text, true) => match text.as_str() {
            "" | "null" | "~" => Json::NullValue(0),
            "true" => Json::BoolValue(true),
            "false" => Json::BoolValue(false),
            text => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Json::NumberValue(number),
                Ok(_) | Err(_) => Json::StringValue(text.to_owned()),
            },
        },
        Data::Scalar(text, false) => Json::StringValue(text.clone()),
        Data::List(list) => Json::ListValue(prost_types::ListValue { values: list.iter().map(json).collect() }),
        Data::Map(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.text().unwrap_or_default().to_owned(), json(value)));
            Json::StructValue(prost_types::Struct { fields: fields.collect() })
        }
    };
    prost_types::Value { kind: Some(kind) }
}

fn no_number(text: &str) -> String {
    format!("`{text}` must be a whole number in range")
}

fn number(of: &EnumDescriptor, text: &str) -> Result<i32, String> {
    let words = contract::words(of);
    let meant = contract::short(of, text);
    if let Some((_, number)) = words.iter().find(|(word, _)| *word == meant) {
        return Ok(*number);
    }
    let all: Vec<_> = words.iter().map(|(word, _)| word.as_str()).collect();
    Err(format!("`{text}` must be one of: {}{}", all.join(", "), did_you_mean(all.iter().copied(), text)))
}

fn unknown(of: &MessageDescriptor, known: &[FieldDescriptor], given: &str) -> String {
    if of.get_field_by_name(given).is_some() {
        return format!("`{given}` is told by the server, and cannot be given");
    }
    let names = known.iter().map(FieldDescriptor::name);
    format!("there is no field `{given}` here{}", did_you_mean(names, given))
}

fn did_you_mean<'a>(known: impl Iterator<Item = &'a str>, given: &str) -> String {
    let alike = known.map(|word| (strsim::jaro_winkler(word, given), word)).filter(|(alike, _)| *alike >= ALIKE);
    let nearest = alike.max_by(|one, other| one.0.total_cmp(&other.0));
    nearest.map_or_else(String::new, |(_, word)| format!("; did you mean `{word}`?"))
}
