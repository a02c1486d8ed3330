//! A request seen by its descriptor, so that one look serves those of every call.

use std::sync::LazyLock;

use chancery_domain::{fault::Fault, id::TenantSlug};
use chancery_proto::FILE_DESCRIPTOR_SET;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, MessageDescriptor, Value};

static POOL: LazyLock<Option<DescriptorPool>> = LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).ok());

/// What can be seen of a request.
#[derive(Debug)]
pub(super) struct Seen {
    /// The whole of it.
    pub(super) bytes: Vec<u8>,
    /// Whether the caller only asks what would happen.
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
    let input = input(method).ok_or_else(|| Fault::bug("the contract does not know its own call"))?;
    let message = DynamicMessage::decode(input, &*bytes).map_err(|error| Fault::broken("a request of ours", error))?;
    let is_trial = message.get_field_by_name("validate_only").and_then(|value| value.as_bool()).unwrap_or_default();
    let mut fields = Vec::new();
    show(&message, "", &mut fields);
    let summary = fields.join("\n");
    let is_named = !text(&message, "request_id").unwrap_or_default().is_empty();
    Ok(Seen { is_trial, is_named, tenant: tenant(&message), summary, bytes })
}

/// The message that a call takes.
pub(crate) fn input(method: &str) -> Option<MessageDescriptor> {
    let (service, method) = method.strip_prefix('/')?.split_once('/')?;
    let service = POOL.as_ref()?.get_service_by_name(service)?;
    service.methods().find(|found| found.name() == method).map(|found| found.input())
}

fn text(message: &DynamicMessage, field: &str) -> Option<String> {
    message.get_field_by_name(field).and_then(|value| value.as_str().map(str::to_owned))
}

/// The tenant of its name, of its parent, or of the name of what it carries.
fn tenant(message: &DynamicMessage) -> Option<TenantSlug> {
    let carried = message.fields().filter_map(|(_, value)| value.as_message().and_then(|inner| text(inner, "name")));
    let names = [text(message, "name"), text(message, "parent")].into_iter().flatten().chain(carried);
    let tenant = |name: String| name.strip_prefix("tenants/")?.split('/').next()?.parse().ok();
    names.filter(|name| !name.is_empty()).find_map(tenant)
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

    #[test]
    fn what_sounds_like_a_secret_is_marked_as_one() {
        let sounds = |name: &str| {
            ["secret", "token"].contains(&name)
                || ["password", "passphrase", "material", "private"].iter().any(|word| name.contains(word))
        };
        let pool = POOL.as_ref().expect("descriptors");
        let ours = pool.all_messages().filter(|message| message.package_name() == "chancery.admin.v1");
        for field in ours.flat_map(|message| message.fields().collect::<Vec<_>>()) {
            let is_text = matches!(field.kind(), prost_reflect::Kind::String | prost_reflect::Kind::Bytes);
            assert!(!is_text || !sounds(field.name()) || is_secret(&field), "{} needs debug_redact", field.full_name());
        }
    }
}
