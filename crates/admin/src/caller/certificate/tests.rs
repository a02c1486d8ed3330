//! Which certificates name a caller.

use rcgen::{CertificateParams, KeyPair, SanType, date_time_ymd};

use super::*;

/// 15 March 2026.
const NOW: Timestamp = Timestamp::from_seconds(1_773_532_800);

fn with(names: &[SanType], days: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.subject_alt_names = names.to_vec();
    params.not_before = date_time_ymd(2026, 3, 1);
    params.not_after = params.not_before + Duration::from_secs(86_400) * u32::try_from(days).expect("days");
    params
}

fn shown(params: &CertificateParams) -> Result<String, String> {
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    let known = find(certificate.der(), NOW);
    known.map(|known| known.principal.to_string()).map_err(|refusal| refusal.message().to_owned())
}

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().expect("a name"))
}

fn uri(name: &str) -> SanType {
    SanType::URI(name.try_into().expect("a URI"))
}

#[test]
fn t278_one_name_is_the_caller_and_of_several_none() {
    let found = |names: &[SanType]| shown(&with(names, 30));
    assert_eq!(found(&[dns("Ops.Example")]).as_deref(), Ok("certificates/ops.example"));
    assert_eq!(found(&[uri("spiffe://example/ops")]).as_deref(), Ok("certificates/spiffe://example/ops"));
    let mail = SanType::Rfc822Name("ops@example.com".try_into().expect("an address"));
    assert_eq!(found(&[mail.clone(), dns("ops.example")]).as_deref(), Ok("certificates/ops.example"));
    let refused: [&[SanType]; 6] = [
        &[],
        &[mail],
        &[dns("ops.example"), dns("root.example")],
        &[dns("ops.example"), uri("spiffe://example/root")],
        &[dns("*.example")],
        &[uri("urn:ops")],
    ];
    for names in refused {
        assert!(found(names).is_err(), "{names:?}");
    }
}

#[test]
fn t278_a_certificate_lives_for_ninety_days_at_most_and_counts_within_them() {
    let lives = |days| shown(&with(&[dns("ops.example")], days));
    assert!(lives(90).is_ok());
    assert!(lives(91).is_err_and(|why| why.contains("90 days")));
    assert!(lives(13).is_err_and(|why| why.contains("expired")));
    let mut later = with(&[dns("ops.example")], 30);
    later.not_before = date_time_ymd(2026, 3, 16);
    assert!(shown(&later).is_err_and(|why| why.contains("not valid yet")));
}

#[test]
fn what_is_no_certificate_names_nobody() {
    assert!(find(b"", NOW).is_err() && find(&[0x30, 0x00], NOW).is_err());
}
