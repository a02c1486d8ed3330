//! Services and their calls.

use prost_reflect::{DescriptorPool, MethodDescriptor, ServiceDescriptor};

use crate::options_pool;

pub(super) fn compare(before: &ServiceDescriptor, pool: &DescriptorPool, breaks: &mut Vec<String>) {
    let name = before.full_name();
    let Some(after) = pool.get_service_by_name(name) else {
        breaks.push(format!("{name} is gone"));
        return;
    };
    if after.parent_file().name() != before.parent_file().name() {
        breaks.push(format!("{name} has moved to {}", after.parent_file().name()));
    }
    for call in before.methods() {
        match after.methods().find(|now| now.name() == call.name()) {
            None => breaks.push(format!("{} is gone", call.full_name())),
            Some(now) => of_call(&call, &now, breaks),
        }
    }
}

fn of_call(before: &MethodDescriptor, after: &MethodDescriptor, breaks: &mut Vec<String>) {
    let mut broken = |what: String| breaks.push(format!("{} {what}", before.full_name()));
    if after.input().full_name() != before.input().full_name() {
        broken(format!("takes {}", after.input().full_name()));
    }
    if after.output().full_name() != before.output().full_name() {
        broken(format!("answers with {}", after.output().full_name()));
    }
    let streams = |call: &MethodDescriptor| (call.is_client_streaming(), call.is_server_streaming());
    if streams(after) != streams(before) {
        broken("streams differently".to_owned());
    }
    if permission(after) != permission(before) {
        broken(format!("asks for the permission {:?}", permission(after)));
    }
}

/// The permission of a call; empty where it asks for none.
fn permission(call: &MethodDescriptor) -> String {
    let options = call.options();
    let annotation = options_pool(&options).get_extension_by_name("chancery.admin.v1.authorization");
    let said = annotation.map(|annotation| options.get_extension(&annotation).into_owned());
    let permission = said.as_ref().and_then(|said| said.as_message()?.get_field_by_name("permission"));
    permission.and_then(|permission| permission.as_str().map(str::to_owned)).unwrap_or_default()
}
