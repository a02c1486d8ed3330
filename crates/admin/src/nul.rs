//! The one character that no text may hold: PostgreSQL cannot store it, and what reads it elsewhere may stop there. It is
//! looked for in every request before its verb, so that no verb has to, whether its text becomes a name, a note of the
//! audit or a search.

use prost::Message;
use prost_reflect::{DynamicMessage, MapKey, Value};

use crate::{contract, status::Refusal};

/// Refuses a request with a text that holds it, and names the field.
pub(crate) fn refuse(method: &str, request: &impl Message) -> Result<(), Refusal> {
    let bytes = request.encode_to_vec();
    // Nearly no request has such a byte at all, be it in a text, a number or a length.
    if !bytes.contains(&0) {
        return Ok(());
    }
    let found = in_message(&contract::request(method, &bytes)?, "");
    found.map_or(Ok(()), |path| Err(Refusal::field(&path, "must not hold the character NUL")))
}

fn in_message(message: &DynamicMessage, path: &str) -> Option<String> {
    message.fields().find_map(|(field, value)| in_value(value, &format!("{path}{}", field.name())))
}

/// The path of the first text in a value that holds it.
fn in_value(value: &Value, path: &str) -> Option<String> {
    let holds = |text: &str| text.contains('\0').then(|| path.to_owned());
    match value {
        Value::String(text) => holds(text),
        Value::Message(inner) => in_message(inner, &format!("{path}.")),
        Value::List(values) => {
            values.iter().enumerate().find_map(|(at, value)| in_value(value, &format!("{path}[{at}]")))
        }
        Value::Map(values) => values.iter().find_map(|(key, value)| match key {
            // The key itself is not repeated in the refusal.
            MapKey::String(key) => holds(key).or_else(|| in_value(value, path)),
            MapKey::Bool(_) | MapKey::I32(_) | MapKey::I64(_) | MapKey::U32(_) | MapKey::U64(_) => {
                in_value(value, path)
            }
        }),
        Value::Bool(_)
        | Value::I32(_)
        | Value::I64(_)
        | Value::U32(_)
        | Value::U64(_)
        | Value::F32(_)
        | Value::F64(_)
        | Value::Bytes(_)
        | Value::EnumNumber(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use chancery_proto::v1::{Client, CompromiseKeyRequest, CreateClientRequest, CreateUserRequest, User};
    use prost_types::{Struct, Value as Json, value::Kind};

    use super::*;

    /// The field that is refused.
    fn named(method: &str, request: &impl Message) -> Option<String> {
        let refusal = refuse(&format!("/chancery.admin.v1.{method}"), request).err()?;
        Some(refusal.message().to_owned())
    }

    #[test]
    fn it_is_found_wherever_it_is() {
        let alarm = |reason: &str| CompromiseKeyRequest { reason: reason.into(), ..Default::default() };
        let told = named("KeyService/CompromiseKey", &alarm("a\0b")).expect("refused");
        assert!(told.contains("reason") && told.contains("NUL"), "{told}");
        assert_eq!(named("KeyService/CompromiseKey", &alarm("a\u{1}b")), None);

        let scopes = vec!["openid".to_owned(), "\0".to_owned()];
        let client = Client { scopes, ..Default::default() };
        let create = CreateClientRequest { client: Some(client), ..Default::default() };
        let told = named("ClientService/CreateClient", &create).expect("refused");
        assert!(told.contains("client.scopes[1]"), "{told}");

        let text = |text: &str| Json { kind: Some(Kind::StringValue(text.to_owned())) };
        for (name, value) in [("nickname", "a\0"), ("nick\0name", "a")] {
            let claims = Struct { fields: [(name.to_owned(), text(value))].into() };
            let user = User { claims: Some(claims), ..Default::default() };
            let create = CreateUserRequest { user: Some(user), ..Default::default() };
            let told = named("UserService/CreateUser", &create).expect("refused");
            assert!(told.contains("user.claims"), "{told}");
        }
    }

    #[test]
    fn a_byte_that_is_no_text_is_none() {
        let nothing = Json { kind: Some(Kind::NumberValue(0.0)) };
        let claims = Struct { fields: [("age".to_owned(), nothing)].into() };
        let create =
            CreateUserRequest { user: Some(User { claims: Some(claims), ..Default::default() }), ..Default::default() };
        assert!(create.encode_to_vec().contains(&0));
        assert_eq!(named("UserService/CreateUser", &create), None);
    }
}
