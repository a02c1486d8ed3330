use chancery_proto::v1::{Client, Tenant, TenantSettings, client::Kind};
use tonic::Code;

use super::*;
use crate::{clients, keys, scopes, tenants, users};

fn mask(paths: &[&str]) -> FieldMask {
    FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() }
}

fn stored() -> Tenant {
    let span = |seconds| Some(prost_types::Duration { seconds, nanos: 0 });
    Tenant {
        display_name: "Acme".into(),
        profile: 1,
        settings: Some(TenantSettings { code_ttl: span(60), access_token_ttl: span(600), ..Default::default() }),
        uid: "stored".into(),
        ..Default::default()
    }
}

fn updated(paths: Option<&[&str]>, sent: &Tenant) -> Result<Tenant, Code> {
    let mut stored = stored();
    let mask = paths.map(mask);
    apply(tenants::FIELDS, "tenant", mask.as_ref(), sent, &mut stored)
        .map(|()| stored)
        .map_err(|refusal| refusal.into_status("t").code())
}

#[test]
fn without_a_mask_the_fields_that_are_set_change() {
    let settings =
        TenantSettings { code_ttl: Some(prost_types::Duration { seconds: 30, nanos: 0 }), ..Default::default() };
    let sent = Tenant { settings: Some(settings), uid: "sent".into(), ..Default::default() };
    for paths in [None, Some([].as_slice())] {
        let new = updated(paths, &sent).expect("updated");
        assert_eq!((new.display_name.as_str(), new.uid.as_str()), ("Acme", "stored"));
        let settings = new.settings.expect("settings");
        assert_eq!(settings.code_ttl.expect("kept").seconds, 30);
        assert_eq!(settings.access_token_ttl.expect("kept").seconds, 600);
    }
}

#[test]
fn a_masked_field_changes_even_to_nothing() {
    let new = updated(Some(&["display_name", "settings.code_ttl"]), &Tenant::default()).expect("updated");
    assert_eq!((new.display_name.as_str(), new.profile), ("", 1));
    let settings = new.settings.expect("settings");
    assert!(settings.code_ttl.is_none() && settings.access_token_ttl.is_some());
}

#[test]
fn a_star_replaces_and_a_message_takes_what_lies_in_it() {
    let new = updated(Some(&["*"]), &Tenant::default()).expect("updated");
    assert_eq!((new.display_name.as_str(), new.profile, new.uid.as_str()), ("", 0, "stored"));
    let new = updated(Some(&["settings"]), &Tenant::default()).expect("updated");
    assert_eq!(new.display_name, "Acme");
    assert_eq!(new.settings, Some(TenantSettings::default()));
}

#[test]
fn an_unknown_path_is_refused_and_an_output_is_not_looked_at() {
    for bad in ["displayName", "settings.nothing", "set", "display_name.x", "", "*x"] {
        assert_eq!(updated(Some(&["display_name", bad]), &Tenant::default()), Err(Code::InvalidArgument), "{bad}");
    }
    assert_eq!(updated(Some(&["state", "uid", "etag"]), &Tenant::default()), Ok(stored()));
}

#[test]
fn what_is_fixed_may_be_sent_but_not_differ() {
    let update = |kind: Kind, paths: Option<&[&str]>| {
        let mut stored = Client { kind: Kind::Web.into(), ..Default::default() };
        let sent = Client { kind: kind.into(), display_name: "new".into(), ..Default::default() };
        apply(clients::FIELDS, "client", paths.map(mask).as_ref(), &sent, &mut stored).is_ok()
    };
    assert!(update(Kind::Web, None));
    assert!(update(Kind::Unspecified, Some(&["*"])));
    assert!(!update(Kind::Native, None));
    assert!(!update(Kind::Native, Some(&["kind"])));
    assert!(update(Kind::Native, Some(&["display_name"])));
}

/// A field that is added to the contract must be listed, or no update could ever reach it.
#[test]
fn every_field_of_a_resource_is_listed() {
    fn roots<T>(fields: &[Field<T>]) -> Vec<&'static str> {
        let mut roots: Vec<_> = fields.iter().filter_map(|field| field.path.split('.').next()).collect();
        roots.sort_unstable();
        roots.dedup();
        roots
    }
    fn told(message: &str) -> Vec<String> {
        use prost::Message;
        let set = prost_types::FileDescriptorSet::decode(chancery_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
        let ours = set.file.into_iter().filter(|file| file.package() == "chancery.admin.v1");
        let found = ours.flat_map(|file| file.message_type).find(|found| found.name() == message).expect("a message");
        let mut fields: Vec<_> = found.field.iter().map(|field| field.name().to_owned()).collect();
        fields.sort_unstable();
        fields
    }
    assert_eq!(roots(tenants::FIELDS), told("Tenant"));
    assert_eq!(roots(clients::FIELDS), told("Client"));
    assert_eq!(roots(scopes::FIELDS), told("Scope"));
    assert_eq!(roots(users::FIELDS), told("User"));
    assert_eq!(roots(keys::FIELDS), told("KeyPolicy"));
}
