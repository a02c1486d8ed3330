//! What of a request is shown to whoever is to approve it.

use chancery_domain::{fault::Fault, id::TenantSlug};
use chancery_proto::v1::preview_service_server;
use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage, Value};

use crate::contract;

/// What can be seen of a request.
#[derive(Debug)]
pub(super) struct Seen {
    /// The whole of it.
    pub(super) bytes: Vec<u8>,
    /// Whether the caller only asks what would happen: that needs nobody else.
    pub(super) is_trial: bool,
    /// Whether it names itself, and so is carried out once.
    pub(super) is_named: bool,
    /// The tenant that it is about, if it is about one.
    pub(super) tenant: Option<TenantSlug>,
    /// Its fields with their values, but for secrets.
    pub(super) summary: String,
}

/// Looks at the request of a call.
pub(super) fn see(method: &str, request: &impl Message) -> Result<Seen, Fault> {
    let bytes = request.encode_to_vec();
    let message = contract::request(method, &bytes)?;
    let tries = message.get_field_by_name("validate_only").and_then(|value| value.as_bool()).unwrap_or_default();
    let service = method.trim_start_matches('/').split('/').next();
    let is_trial = tries || service == Some(preview_service_server::SERVICE_NAME);
    let mut fields = Vec::new();
    show(&message, "", &mut fields);
    let summary = fields.join("\n");
    let is_named = !text(&message, "request_id").unwrap_or_default().is_empty();
    Ok(Seen { is_trial, is_named, tenant: tenant(&message), summary, bytes })
}

fn text(message: &DynamicMessage, field: &str) -> Option<String> {
    message.get_field_by_name(field).and_then(|value| value.as_str().map(str::to_owned))
}

/// The tenant of its name or its parent; of an update (AIP-134) and of nothing else, that of the name of what it carries:
/// what is created has no name yet, whatever the caller put there.
fn tenant(message: &DynamicMessage) -> Option<TenantSlug> {
    let is_update = message.descriptor().get_field_by_name("update_mask").is_some();
    let name = if is_update {
        message.fields().find_map(|(_, value)| value.as_message().and_then(|inner| text(inner, "name")))
    } else {
        text(message, "name").or_else(|| text(message, "parent"))
    };
    name?.strip_prefix("tenants/")?.split('/').next()?.parse().ok()
}

fn show(message: &DynamicMessage, path: &str, fields: &mut Vec<String>) {
    for (field, value) in message.fields() {
        let path = format!("{path}{}", field.name());
        if is_secret(&field) {
            fields.push(format!("{path}: (secret)"));
        } else {
            show_value(&field, value, &path, fields);
        }
    }
}

fn show_value(field: &FieldDescriptor, value: &Value, path: &str, fields: &mut Vec<String>) {
    match value {
        Value::Message(inner) => show(inner, &format!("{path}."), fields),
        Value::List(values) => {
            for (place, value) in values.iter().enumerate() {
                show_value(field, value, &format!("{path}[{place}]"), fields);
            }
        }
        Value::Map(values) => {
            for (key, value) in values {
                show_value(field, value, &format!("{path}[{key:?}]"), fields);
            }
        }
        Value::EnumNumber(number) => {
            let kind = field.kind();
            let named = kind.as_enum().and_then(|kind| kind.get_value(*number));
            fields
                .push(format!("{path}: {}", named.map_or_else(|| number.to_string(), |named| named.name().to_owned())));
        }
        Value::String(text) => fields.push(format!("{path}: {text:?}")),
        Value::Bool(yes) => fields.push(format!("{path}: {yes}")),
        Value::I32(number) => fields.push(format!("{path}: {number}")),
        Value::I64(number) => fields.push(format!("{path}: {number}")),
        Value::U32(number) => fields.push(format!("{path}: {number}")),
        Value::U64(number) => fields.push(format!("{path}: {number}")),
        Value::F32(number) => fields.push(format!("{path}: {number}")),
        Value::F64(number) => fields.push(format!("{path}: {number}")),
        Value::Bytes(bytes) => fields.push(format!("{path}: {} bytes", bytes.len())),
    }
}

/// Whether the contract says that a field is not to be shown.
fn is_secret(field: &FieldDescriptor) -> bool {
    let options = field.options();
    options.get_field_by_name("debug_redact").and_then(|value| value.as_bool()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chancery_proto::v1::{CreateRoleBindingRequest, ImportKeyRequest, RoleBinding, Tenant, UpdateTenantRequest};

    use super::*;

    #[test]
    fn a_request_is_shown_without_its_secrets() {
        let request = ImportKeyRequest {
            parent: "tenants/acme".into(),
            material: "swordfish".into(),
            passphrase: "swordfish".into(),
            request_id: "018f0000-0000-7000-8000-000000000000".into(),
            ..Default::default()
        };
        let seen = see("/chancery.admin.v1.KeyService/ImportKey", &request).expect("sees");
        assert!(!seen.summary.contains("swordfish") && seen.summary.contains("material: (secret)"), "{}", seen.summary);
        assert_eq!(seen.tenant.as_ref().map(TenantSlug::as_str), Some("acme"));
        assert!(seen.is_named && !seen.is_trial);
    }

    #[test]
    fn the_tenant_is_found_where_each_request_has_it() {
        let carried = Tenant { name: "tenants/acme".into(), ..Default::default() };
        let update = UpdateTenantRequest { tenant: Some(carried), ..Default::default() };
        let seen = see("/chancery.admin.v1.TenantService/UpdateTenant", &update).expect("sees");
        assert_eq!(seen.tenant.as_ref().map(TenantSlug::as_str), Some("acme"));

        let binding =
            RoleBinding { role: "roles/platform.owner".into(), member: "clients/x".into(), ..Default::default() };
        let create = CreateRoleBindingRequest { role_binding: Some(binding), ..Default::default() };
        let seen = see("/chancery.admin.v1.RoleBindingService/CreateRoleBinding", &create).expect("sees");
        assert_eq!(seen.tenant, None);
        assert_eq!(seen.summary, "role_binding.role: \"roles/platform.owner\"\nrole_binding.member: \"clients/x\"");
    }

    /// Whoever approves must be who could make the call, and whoever makes it does not choose among them.
    #[test]
    fn t267_what_a_creation_carries_does_not_say_where_it_acts() {
        let pool = chancery_proto::descriptors::pool();
        let mut seen = 0;
        for service in pool.services() {
            for method in service.methods().filter(|method| method.name().starts_with("Create")) {
                let mut request = DynamicMessage::new(method.input());
                for field in method.input().fields() {
                    let kind = field.kind();
                    let Some(inner) = kind.as_message().filter(|inner| inner.get_field_by_name("name").is_some())
                    else {
                        continue;
                    };
                    let mut carried = DynamicMessage::new(inner.clone());
                    carried.set_field_by_name("name", Value::String("tenants/bolt/things/x".to_owned()));
                    request.set_field(&field, Value::Message(carried));
                    seen += 1;
                }
                let path = format!("/{}/{}", service.full_name(), method.name());
                assert_eq!(see(&path, &request).expect("sees").tenant, None, "{path}");
                if method.input().get_field_by_name("parent").is_some() {
                    request.set_field_by_name("parent", Value::String("tenants/acme".to_owned()));
                    let place = see(&path, &request).expect("sees").tenant;
                    assert_eq!(place.as_ref().map(TenantSlug::as_str), Some("acme"), "{path}");
                }
            }
        }
        assert!(seen > 8, "only {seen} things are created");
    }

    #[test]
    fn what_sounds_like_a_secret_is_marked_as_one() {
        let sounds = |name: &str| {
            ["secret", "token"].contains(&name)
                || ["password", "passphrase", "material", "private"].iter().any(|word| name.contains(word))
        };
        let messages = chancery_proto::descriptors::pool().all_messages();
        let ours = messages.filter(|message| message.package_name() == "chancery.admin.v1");
        for field in ours.flat_map(|message| message.fields().collect::<Vec<_>>()) {
            let is_text = matches!(field.kind(), prost_reflect::Kind::String | prost_reflect::Kind::Bytes);
            assert!(!is_text || !sounds(field.name()) || is_secret(&field), "{} needs debug_redact", field.full_name());
        }
    }
}
