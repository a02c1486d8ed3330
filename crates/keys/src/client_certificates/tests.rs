use chancery_domain::{
    certificate::{CertificateSubject, SubjectKind},
    ports::client_jose::ReadClientKeys,
    secret::base64url,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CidrSubnet, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData, SanType, date_time_ymd,
};

use super::*;
use crate::client_keys::ClientKeyReader;

/// Within the life of everything that is made here.
const NOW: Timestamp = Timestamp::from_seconds(1_780_000_000);

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn lived(mut params: CertificateParams) -> CertificateParams {
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

fn authority_with(change: impl FnOnce(&mut CertificateParams)) -> Issuer {
    let mut params = lived(CertificateParams::default());
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "an authority");
    change(&mut params);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
}

fn authority() -> Issuer {
    authority_with(|_| {})
}

fn leaf(names: &[&str]) -> CertificateParams {
    lived(CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).expect("names"))
}

fn shown(params: &CertificateParams, by: &Issuer) -> ClientCertificate {
    let key = KeyPair::generate().expect("a key");
    let leaf = params.signed_by(&key, by).expect("a certificate").der().to_vec();
    ClientCertificate { leaf, intermediates: Vec::new() }
}

fn judge(authorities: &[&Issuer]) -> Authorities {
    let texts: Vec<_> = authorities.iter().map(|authority| authority.pem()).collect();
    for text in &texts {
        Authorities::check(text).expect("an authority");
    }
    Authorities::of(&texts)
}

fn facts(certificate: &ClientCertificate) -> CertificateFacts {
    judge(&[]).read(certificate).expect("a certificate")
}

#[test]
fn an_authority_vouches_for_what_it_gave_out_while_that_lives() {
    let (known, stranger) = (authority(), authority());
    let certificate = shown(&leaf(&["app.example"]), &known);
    let judge = judge(&[&known]);
    assert!(judge.vouches(&certificate, NOW) && judge.has_authorities());
    assert!(!judge.vouches(&shown(&leaf(&["app.example"]), &stranger), NOW));
    assert!(!Authorities::of(&[]).vouches(&certificate, NOW) && !Authorities::of(&[]).has_authorities());
    for outside in [1_760_000_000, 1_800_000_000, -1] {
        assert!(!judge.vouches(&certificate, Timestamp::from_seconds(outside)), "{outside}");
    }
}

#[test]
fn t081_an_authority_that_has_expired_vouches_for_nobody() {
    let old = authority_with(|params| params.not_after = date_time_ymd(2026, 2, 1));
    assert!(!judge(&[&old]).vouches(&shown(&leaf(&["app.example"]), &old), NOW));
}

#[test]
fn the_way_may_lead_over_another_authority() {
    let root = authority();
    let mut params = lived(CertificateParams::default());
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.distinguished_name.push(DnType::CommonName, "below");
    let below = CertifiedIssuer::signed_by(params, KeyPair::generate().expect("a key"), &root).expect("an authority");
    let bare = shown(&leaf(&["app.example"]), &below);
    let whole = ClientCertificate { intermediates: vec![below.der().to_vec()], ..bare.clone() };
    assert!(judge(&[&root]).vouches(&whole, NOW) && !judge(&[&root]).vouches(&bare, NOW));
    assert!(judge(&[&below]).vouches(&bare, NOW), "an authority below another may stand alone");
    let many = ClientCertificate { intermediates: vec![below.der().to_vec(); 9], ..bare };
    assert!(!judge(&[&root]).vouches(&many, NOW));
}

#[test]
fn t081_a_certificate_for_something_else_is_not_vouched_for() {
    let known = authority();
    let judge = judge(&[&known]);
    let with = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = leaf(&["app.example"]);
        change(&mut params);
        shown(&params, &known)
    };
    assert!(judge.vouches(&with(&|it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]), NOW));
    assert!(judge.vouches(&with(&|it| it.key_usages = vec![KeyUsagePurpose::DigitalSignature]), NOW));
    for (what, bad) in [
        ("for servers", with(&|it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth])),
        ("for key agreement", with(&|it| it.key_usages = vec![KeyUsagePurpose::KeyAgreement])),
        ("an authority itself", with(&|it| it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained))),
    ] {
        assert!(!judge.vouches(&bad, NOW), "{what}");
    }
    // One that its authority may not give out (RUSTSEC-2026-0098, RUSTSEC-2026-0099).
    let fenced = authority_with(|params| {
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![
                GeneralSubtree::DnsName("inside.example".to_owned()),
                GeneralSubtree::IpAddress(CidrSubnet::V4([10, 0, 0, 0], [255, 0, 0, 0])),
            ],
            excluded_subtrees: Vec::new(),
        });
    });
    let fence = self::judge(&[&fenced]);
    assert!(fence.vouches(&shown(&leaf(&["app.inside.example"]), &fenced), NOW));
    for outside in ["app.example", "*.example", "192.0.2.7"] {
        assert!(!fence.vouches(&shown(&leaf(&[outside]), &fenced), NOW), "{outside}");
    }
}

#[test]
fn a_certificate_says_its_names() {
    let mut params = leaf(&["App.Example", "192.0.2.7", "2001:db8::7"]);
    params.subject_alt_names.push(SanType::URI("spiffe://example/billing".try_into().expect("ASCII")));
    params.subject_alt_names.push(SanType::Rfc822Name("ops@example.com".try_into().expect("ASCII")));
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, DnValue::PrintableString("AT".try_into().expect("text")));
    params.distinguished_name.push(DnType::OrganizationName, "Example, Inc");
    params.distinguished_name.push(DnType::CommonName, "billing");
    let certificate = shown(&params, &authority());
    let facts = facts(&certificate);
    for (kind, text) in [
        (SubjectKind::Dn, r"CN=billing,O=Example\, Inc,C=AT"),
        (SubjectKind::Dns, "app.example"),
        (SubjectKind::Uri, "spiffe://example/billing"),
        (SubjectKind::Ip, "192.0.2.7"),
        (SubjectKind::Ip, "2001:db8::7"),
        (SubjectKind::Email, "ops@example.com"),
    ] {
        assert!(CertificateSubject::read(kind, text).expect(text).is_in(&facts), "{text} in {facts:?}");
    }
    let digest = ::aws_lc_rs::digest::digest(&::aws_lc_rs::digest::SHA256, &certificate.leaf);
    assert_eq!(facts.thumbprint.to_string(), base64url(digest.as_ref()));
}

#[test]
fn t081_names_that_only_look_alike_are_others() {
    let by = authority();
    let named = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = lived(CertificateParams::default());
        params.distinguished_name = DistinguishedName::new();
        change(&mut params);
        facts(&shown(&params, &by))
    };
    let held = |facts: &CertificateFacts, kind, text| CertificateSubject::read(kind, text).expect(text).is_in(facts);
    let common = named(&|it| it.distinguished_name.push(DnType::CommonName, "app.example"));
    assert!(held(&common, SubjectKind::Dn, "CN=app.example"));
    assert!(!held(&common, SubjectKind::Dns, "app.example"), "a common name is no DNS name");
    let folded = named(&|it| it.distinguished_name.push(DnType::CommonName, "billing,O=Bank"));
    assert!(!held(&folded, SubjectKind::Dn, "CN=billing,O=Bank"));
    let turned = named(&|it| {
        it.distinguished_name.push(DnType::CommonName, "billing");
        it.distinguished_name.push(DnType::OrganizationName, "Bank");
    });
    assert!(
        !held(&turned, SubjectKind::Dn, "CN=billing,O=Bank") && held(&turned, SubjectKind::Dn, "O=Bank,CN=billing")
    );
    let teletex = named(&|it| {
        let text = DnValue::TeletexString("billing".try_into().expect("text"));
        it.distinguished_name.push(DnType::CommonName, text);
    });
    assert!(!held(&teletex, SubjectKind::Dn, "CN=billing"), "nobody can say what its characters are");
    let bmp = named(&|it| {
        let text = DnValue::BmpString("billing".try_into().expect("text"));
        it.distinguished_name.push(DnType::CommonName, text);
    });
    assert!(held(&bmp, SubjectKind::Dn, "CN=billing"));
    let wild = named(&|it| it.subject_alt_names = vec![SanType::DnsName("*.app.example".try_into().expect("ASCII"))]);
    assert!(!held(&wild, SubjectKind::Dns, "a.app.example") && !held(&wild, SubjectKind::Dns, "app.example"));
}

#[test]
fn what_is_no_certificate_says_nothing() {
    let good = shown(&leaf(&["app.example"]), &authority());
    let read = |leaf: Vec<u8>| judge(&[]).read(&ClientCertificate { leaf, intermediates: Vec::new() }).is_some();
    assert!(read(good.leaf.clone()));
    let behind = [&good.leaf[..], &[0]].concat();
    let cut = good.leaf[..good.leaf.len() - 1].to_vec();
    for bad in [behind, cut, Vec::new(), vec![0x30; 64], vec![0; ClientCertificate::LONGEST + 1]] {
        assert!(!read(bad));
    }
}

#[test]
fn only_one_authority_in_pem_is_one() {
    let known = authority();
    let key = KeyPair::generate().expect("a key");
    let given_out = leaf(&["app.example"]).signed_by(&key, &known).expect("a certificate").pem();
    let twice = format!("{0}{0}", known.pem());
    let with_key = format!("{}{}", known.pem(), key.serialize_pem());
    let long = format!("{}{}", known.pem(), "\n".repeat(Authorities::LONGEST));
    for bad in ["", "app.example", &given_out, &twice, &with_key, &key.serialize_pem(), &long] {
        assert!(Authorities::check(bad).is_err(), "{bad}");
    }
    assert!(Authorities::check(&format!("an authority of ours\n{}\n", known.pem())).is_ok());
}

/// The JWK of a key, and a certificate of its own making.
fn own(key: &KeyPair, kty: &str) -> (serde_json::Value, Vec<u8>) {
    let raw = key.der_bytes();
    let jwk = match kty {
        // PKCS#1: a sequence of the modulus, with a zero in front, and the exponent.
        "RSA" => serde_json::json!({ "kty": "RSA", "n": base64url(&raw[9..265]), "e": "AQAB" }),
        "P-256" | "P-384" => {
            let (x, y) = raw[1..].split_at(raw.len() / 2);
            serde_json::json!({ "kty": "EC", "crv": kty, "x": base64url(x), "y": base64url(y) })
        }
        _ => serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(raw) }),
    };
    (jwk, leaf(&["whoever"]).self_signed(key).expect("a certificate").der().to_vec())
}

#[test]
fn a_registered_key_certifies_what_was_made_with_it() {
    let certify = |jwk: &serde_json::Value, der: &[u8]| {
        let set = serde_json::json!({ "keys": [jwk] }).to_string();
        ClientKeyReader.read(&set).expect("a set").certify(der)
    };
    let kinds = [
        (&PKCS_ECDSA_P256_SHA256, "P-256"),
        (&PKCS_ECDSA_P384_SHA384, "P-384"),
        (&PKCS_ED25519, "Ed25519"),
        (&PKCS_RSA_SHA256, "RSA"),
    ];
    for (algorithm, kty) in kinds {
        let [key, other] = [(); 2].map(|()| KeyPair::generate_for(algorithm).expect("a key"));
        let (jwk, der) = own(&key, kty);
        let (_, another) = own(&other, kty);
        assert!(certify(&jwk, &der), "{kty}");
        assert!(!certify(&jwk, &another) && !certify(&jwk, b"nothing") && !certify(&jwk, &[]), "{kty}");
        let with = |member: &str, value: serde_json::Value| {
            let mut jwk = jwk.clone();
            jwk[member] = value;
            jwk
        };
        assert!(!certify(&with("use", "enc".into()), &der), "a key to encrypt to");
        // Where the certificate itself is registered, there is no other.
        let x5c = |der: &[u8]| serde_json::json!([base64::Engine::encode(&base64::prelude::BASE64_STANDARD, der)]);
        assert!(certify(&with("x5c", x5c(&der)), &der));
        let renewed = leaf(&["somebody"]).self_signed(&key).expect("a certificate").der().to_vec();
        assert!(certify(&jwk, &renewed) && !certify(&with("x5c", x5c(&der)), &renewed));
        for odd in [serde_json::json!([]), serde_json::json!("x"), serde_json::json!(["%"]), serde_json::json!([[]])] {
            assert!(!certify(&with("x5c", odd), &der));
        }
    }
}
