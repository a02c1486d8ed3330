use super::*;

fn name(text: &str) -> DistinguishedName {
    text.parse().unwrap_or_else(|malformed| panic!("{text}: {malformed:?}"))
}

fn rdns(of: &[&[(&str, &str)]]) -> DistinguishedName {
    let rdn = |attributes: &&[(&str, &str)]| {
        attributes.iter().map(|(oid, text)| ((*oid).to_owned(), NameValue::Text((*text).to_owned()))).collect()
    };
    DistinguishedName::of_certificate(of.iter().map(rdn).collect())
}

#[test]
fn a_name_reads_backwards_and_by_what_it_says() {
    let certificate = rdns(&[&[("2.5.4.6", "AT")], &[("2.5.4.10", "Example, Inc")], &[("2.5.4.3", "billing")]]);
    for same in [
        r"CN=billing,O=Example\, Inc,C=AT",
        r"cn=billing, o=Example\2C Inc, c=AT",
        r"2.5.4.3=billing,2.5.4.10=Example\2c\20Inc,C=AT",
        r"CN=#0C0762696C6C696E67,O=Example\, Inc,C=#13024154",
        r"CN=\62illing,O=Example\,\ Inc,C=AT",
    ] {
        assert_eq!(name(same), certificate, "{same}");
        assert_eq!(name(same).to_string(), same, "told as it was registered");
    }
}

#[test]
fn t081_a_name_that_merely_looks_alike_is_another() {
    let certificate = rdns(&[&[("2.5.4.6", "AT")], &[("2.5.4.3", "billing")]]);
    for other in [
        "C=AT,CN=billing",
        "CN=Billing,C=AT",
        "CN=billing",
        "CN=billing,C=AT,O=x",
        r"CN=billing\,C\=AT",
        r"CN=billing\ ,C=AT",
        "OU=billing,C=AT",
        "CN=billing+C=AT",
        r"CN=billing\00,C=AT",
        "CN=#0402626C,C=AT",
    ] {
        assert_ne!(name(other), certificate, "{other}");
    }
    // One value with a comma is not two.
    let folded = rdns(&[&[("2.5.4.3", "billing,C=AT")]]);
    assert_ne!(name("CN=billing,C=AT"), folded);
    assert_eq!(name(r"CN=billing\,C=AT"), folded);
}

#[test]
fn several_attributes_of_one_part_have_no_order() {
    let certificate = rdns(&[&[("2.5.4.3", "billing"), ("2.5.4.5", "7")]]);
    assert_eq!(name("CN=billing+serialNumber=7"), certificate);
    assert_eq!(name("serialNumber=7+CN=billing"), certificate);
}

#[test]
fn a_text_that_is_no_name_is_refused() {
    let long = format!("CN={}", "a".repeat(DistinguishedName::LONGEST));
    for bad in [
        "",
        "billing",
        "CN=",
        "CN=billing,",
        ",CN=billing",
        "CN=billing;C=AT",
        r#"CN="billing""#,
        "CN=<billing>",
        "CN= billing",
        "CN=billing ,C=AT",
        "CN=billing ",
        r"CN=billing\",
        r"CN=billing\g1",
        r"CN=\FF",
        "CN=#0C",
        "CN=#0C01",
        "CN=#0C0262",
        "CN=#xx",
        "CN=#",
        "=billing",
        "WHAT=billing",
        "2.5.4.03=billing",
        "2..3=billing",
        "CN=a+CN=a",
        &long,
    ] {
        assert!(bad.parse::<DistinguishedName>().is_err(), "{bad}");
    }
}

#[test]
fn strings_of_the_wire_are_text_where_everybody_reads_them_alike() {
    let text = |text: &str| NameValue::Text(text.to_owned());
    for tag in [12, 18, 19, 22, 26] {
        assert_eq!(NameValue::of_der(tag, b"42"), text("42"));
    }
    assert_eq!(NameValue::of_der(30, &[0, b'4', 0, b'2']), text("42"));
    for (tag, content) in [(20, &b"42"[..]), (12, b"\xff"), (19, b"\xc3\xa4"), (30, b"\x004\x00"), (4, b"42")] {
        assert_eq!(NameValue::of_der(tag, content), NameValue::Other(tag, content.to_vec()));
    }
}
