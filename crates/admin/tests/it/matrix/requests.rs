//! Requests that are made by their descriptors: with the names that their annotations ask for, and nothing else.

use chancery_proto::{
    FILE_DESCRIPTOR_SET,
    authorization::{Authorization, Scope},
};
use prost::{Message, bytes::Buf, bytes::BufMut};
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

/// An id that every noun takes: a UUID that is a slug and a client id too.
const ID: &str = "a18f0000-0000-7000-8000-00000000000a";

/// The descriptors of the contract.
#[derive(Clone)]
pub(crate) struct Contract(DescriptorPool);

impl Default for Contract {
    fn default() -> Self {
        Self(DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("encoded by the build script"))
    }
}

impl Contract {
    /// What the contract describes.
    pub(crate) const fn pool(&self) -> &DescriptorPool {
        &self.0
    }

    /// A request of that call about that tenant, or about the platform; `None` where the call cannot be about it.
    pub(crate) fn request(&self, call: &Authorization, tenant: Option<&str>) -> Option<Vec<u8>> {
        let (service, method) = call.path.trim_start_matches('/').split_once('/').expect("a path");
        let service = self.0.get_service_by_name(service).expect("a service");
        let method = service.methods().find(|found| found.name() == method).expect("a method");
        let mut request = DynamicMessage::new(method.input());
        let named = self.place(&mut request, tenant);
        let fits = match call.scope {
            Scope::Anybody | Scope::Caller => tenant.is_none(),
            // What it is about is in the platform, or a tenant as a whole.
            Scope::Platform => named || tenant.is_none(),
            Scope::Tenant => named && tenant.is_some(),
            Scope::Named => named,
        };
        if let Some(field) = request.descriptor().get_field_by_name("validate_only") {
            request.set_field(&field, Value::Bool(true));
        }
        fits.then(|| request.encode_to_vec())
    }

    /// The requests that hold nothing but one text, which has a NUL in it: one for each field, with its path.
    pub(super) fn spoilt(&self, call: &Authorization) -> Vec<(String, Vec<u8>)> {
        let (service, method) = call.path.trim_start_matches('/').split_once('/').expect("a path");
        let service = self.0.get_service_by_name(service).expect("a service");
        let method = service.methods().find(|found| found.name() == method).expect("a method");
        spoilt(&method.input(), 4).into_iter().map(|(path, message)| (path, message.encode_to_vec())).collect()
    }

    /// Puts a name of what lies there into the field that holds it. `false` where there is no such name.
    fn place(&self, request: &mut DynamicMessage, tenant: Option<&str>) -> bool {
        let descriptor = request.descriptor();
        for field in ["name", "parent"] {
            let Some(field) = descriptor.get_field_by_name(field) else { continue };
            let Some(name) = self.name(&field, tenant) else { return false };
            request.set_field(&field, Value::String(name));
            return true;
        }
        // The resource that an update carries has its name; that of a document lies in the document.
        for field in descriptor.fields().filter(|field| !field.is_list() && !field.is_map()) {
            let Some(message) = field.kind().as_message().cloned() else { continue };
            let carried = self.carried(&message, tenant).or_else(|| {
                let mut fields = message.fields().filter(|field| !field.is_list() && !field.is_map());
                fields.find_map(|inner| {
                    let resource = self.carried(inner.kind().as_message()?, tenant)?;
                    let mut document = DynamicMessage::new(message.clone());
                    document.set_field(&inner, Value::Message(resource));
                    Some(document)
                })
            });
            if let Some(carried) = carried {
                request.set_field(&field, Value::Message(carried));
                return true;
            }
        }
        false
    }

    /// A resource with the name that lies there.
    fn carried(&self, resource: &MessageDescriptor, tenant: Option<&str>) -> Option<DynamicMessage> {
        let name = self.patterns_of(resource).iter().find_map(|pattern| fill(pattern, tenant))?;
        let mut carried = DynamicMessage::new(resource.clone());
        carried.set_field_by_name("name", Value::String(name));
        Some(carried)
    }

    /// The name that a field asks for.
    fn name(&self, field: &FieldDescriptor, tenant: Option<&str>) -> Option<String> {
        let extension = self.0.get_extension_by_name("google.api.resource_reference").expect("imported");
        let options = field.options();
        let reference = options.get_extension(&extension);
        let reference = reference.as_message().expect("a message");
        let text = |name: &str| {
            let value = reference.get_field_by_name(name).expect("a field").into_owned();
            value.as_str().map(str::to_owned).filter(|text| !text.is_empty())
        };
        if let Some(kind) = text("type") {
            return self.patterns(&kind).iter().find_map(|pattern| fill(pattern, tenant));
        }
        let patterns = text("child_type").map(|kind| self.patterns(&kind)).unwrap_or_default();
        if patterns.is_empty() {
            // Nothing says what it is the parent of: then it is a tenant.
            return tenant.map(|tenant| format!("tenants/{tenant}"));
        }
        patterns.iter().find_map(|pattern| fill(parent(pattern), tenant))
    }

    /// The names that things of a kind can have.
    fn patterns(&self, kind: &str) -> Vec<String> {
        let is_it = |message: &MessageDescriptor| self.kind(message).as_deref() == Some(kind);
        self.0.all_messages().find(is_it).map(|message| self.patterns_of(&message)).unwrap_or_default()
    }

    fn kind(&self, message: &MessageDescriptor) -> Option<String> {
        let value = self.resource(message)?;
        value.get_field_by_name("type")?.as_str().map(str::to_owned)
    }

    fn patterns_of(&self, message: &MessageDescriptor) -> Vec<String> {
        let patterns = self.resource(message).and_then(|resource| {
            let value = resource.get_field_by_name("pattern")?.into_owned();
            value.as_list().map(<[Value]>::to_vec)
        });
        patterns.unwrap_or_default().iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
    }

    fn resource(&self, message: &MessageDescriptor) -> Option<DynamicMessage> {
        let extension = self.0.get_extension_by_name("google.api.resource").expect("imported");
        let options = message.options();
        options.has_extension(&extension).then(|| options.get_extension(&extension).as_message().cloned())?
    }
}

/// Messages of a kind with one text, as deep as that.
fn spoilt(kind: &MessageDescriptor, depth: usize) -> Vec<(String, DynamicMessage)> {
    let mut all = Vec::new();
    for field in kind.fields() {
        let kind_of_field = field.kind();
        let inner = kind_of_field.as_message().filter(|_| depth > 0 && !field.is_map());
        let found = if kind_of_field == Kind::String {
            vec![(String::new(), Value::String("a\0b".to_owned()))]
        } else {
            let inner = inner.map(|inner| spoilt(inner, depth - 1)).unwrap_or_default().into_iter();
            inner.map(|(path, message)| (format!(".{path}"), Value::Message(message))).collect()
        };
        for (path, value) in found {
            let mut message = DynamicMessage::new(kind.clone());
            message.set_field(&field, if field.is_list() { Value::List(vec![value]) } else { value });
            all.push((format!("{}{path}", field.name()), message));
        }
    }
    all
}

/// The pattern of what lies one level above; that of a singleton is a tenant's as well.
fn parent(pattern: &str) -> &str {
    let levels = |text: &str| text.rsplit_once('/').map_or("", |(above, _)| above).len();
    let above = &pattern[..levels(pattern)];
    if above.ends_with('}') { above } else { &above[..levels(above)] }
}

/// The pattern with its braces filled in; `None` where it has a tenant and there is none, or the other way about.
fn fill(pattern: &str, tenant: Option<&str>) -> Option<String> {
    if pattern.starts_with("tenants/") != tenant.is_some() {
        return None;
    }
    let name = pattern.split('/').map(|part| match part {
        "{tenant}" => tenant.unwrap_or_default(),
        // Events are counted.
        "{audit_event}" => "1",
        // A built-in role has no id that others could have.
        "{role}" if tenant.is_none() => "tenant.admin",
        part if part.starts_with('{') => ID,
        part => part,
    });
    Some(name.collect::<Vec<_>>().join("/"))
}

/// Messages as they are on the wire.
#[derive(Clone, Copy)]
pub(crate) struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining()).to_vec()))
    }
}
