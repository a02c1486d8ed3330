use chancery_domain::{client::ClientField, id::AdminKeyId, principal::Principal, role_binding::Held, time::Timestamp};
use chancery_keys::{master::MasterKeys, seal::TenantSealer};
use chancery_testkit::SeededRandom;
use tonic::Code;

use super::*;
use crate::caller::{Authenticated, Caller};

fn sealer(secret: u8) -> TenantSealer {
    let masters = MasterKeys::new(vec![("first".parse().expect("a name"), [secret; 32])]).expect("masters");
    masters.platform_sealer().expect("a sealer")
}

fn call(seed: u64, method: &'static str) -> Call {
    let (random, now) = (SeededRandom::new(seed), Timestamp::from_seconds(1));
    let key = Principal::ApiKey(AdminKeyId::generate(&random, now));
    Call::in_test(Caller::in_test(key, Authenticated::ApiKey, Held::default()), method)
}

fn ask(parent: &str, size: i32, token: &str) -> ListClientsRequest {
    ListClientsRequest { parent: parent.into(), page_size: size, page_token: token.into(), ..Default::default() }
}

fn size_of(size: i32) -> Result<u32, Code> {
    let asked = read(sealer(1), &call(1, "/list"), &ask("tenants/acme", size, ""));
    asked.map(|asked| asked.request().size).map_err(|refusal| refusal.into_status("t").code())
}

#[test]
fn a_page_has_a_usual_and_a_largest_size() {
    assert_eq!(size_of(0), Ok(50));
    assert_eq!(size_of(7), Ok(7));
    assert_eq!(size_of(1000), Ok(1000));
    assert_eq!(size_of(i32::MAX), Ok(1000));
    for negative in [-1, i32::MIN] {
        assert_eq!(size_of(negative), Err(Code::InvalidArgument));
    }
}

#[test]
fn a_token_opens_for_its_own_list_alone() {
    let first = read(sealer(1), &call(1, "/list"), &ask("tenants/acme", 2, "")).expect("asked");
    let token = first.token(Some("web".into())).expect("a token");
    assert!(!token.contains("web"));
    assert!(first.token(None).expect("no token").is_empty());

    let again = |secret, seed, method, request: &ListClientsRequest| {
        read(sealer(secret), &call(seed, method), request).ok().and_then(|asked| asked.request().after)
    };
    let same = ask("tenants/acme", 2, &token);
    assert_eq!(again(1, 1, "/list", &same).as_deref(), Some("web"));
    assert_eq!(again(1, 1, "/list", &ask("tenants/acme", 9, &token)).as_deref(), Some("web"), "sizes may differ");
    assert_eq!(again(1, 1, "/list", &ask("tenants/bolt", 2, &token)), None);
    assert_eq!(again(1, 1, "/other", &same), None);
    assert_eq!(again(1, 2, "/list", &same), None);
    assert_eq!(again(2, 1, "/list", &same), None);
}

#[test]
fn a_bent_token_is_refused_with_its_reason() {
    for bent in ["x", "AAAA", "' OR 1=1 --", &"A".repeat(100_000)] {
        let refused = read(sealer(1), &call(1, "/list"), &ask("tenants/acme", 2, bent)).err().expect("refused");
        let status = refused.into_status("t");
        assert_eq!((status.code(), status.message().contains("page_token")), (Code::InvalidArgument, true));
    }
}

#[test]
fn a_list_that_is_there_whole_is_cut_into_pages() {
    let mut token = String::new();
    let mut seen = Vec::new();
    loop {
        let asked = read(sealer(1), &call(1, "/list"), &ask("tenants/acme", 2, &token)).expect("asked");
        let query = asked.query::<ClientField>("", "").expect("a query");
        let page = query.of(["a", "b", "c", "d", "e"], |_, _| None, |row| (*row).to_owned());
        assert!(page.rows.len() <= 2);
        seen.extend(page.rows);
        token = asked.token(page.next).expect("a token");
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
}
