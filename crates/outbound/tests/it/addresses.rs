//! What holds for every address and every text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chancery_domain::outbound::{AddressKind, Reach, RefusedUri};
use proptest::prelude::*;

fn v6(head: [u16; 2], inside: Ipv4Addr) -> IpAddr {
    let [a, b, c, d] = inside.octets().map(u16::from);
    IpAddr::V6(Ipv6Addr::new(head[0], head[1], 0, 0, 0, 0, a << 8 | b, c << 8 | d))
}

/// Addresses in which the interesting ranges are not as rare as they are.
fn any_v4() -> impl Strategy<Value = Ipv4Addr> {
    let first =
        prop_oneof![any::<u8>(), prop::sample::select(vec![0, 10, 100, 127, 169, 172, 192, 198, 203, 224, 255])];
    (first, any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|(a, b, c, d)| Ipv4Addr::new(a, b, c, d))
}

proptest! {
    #[test]
    fn t151_what_the_standard_library_calls_special_is_never_public(address in any_v4()) {
        let special = address.is_loopback() || address.is_private() || address.is_link_local() || address.is_multicast()
            || address.is_broadcast() || address.is_documentation() || address.is_unspecified();
        prop_assert!(!special || AddressKind::of(IpAddr::V4(address)) != AddressKind::Public);
    }

    #[test]
    fn t151_no_form_of_ipv6_carries_an_ipv4_address_out(address in any_v4()) {
        let [a, b, c, d] = address.octets().map(u16::from);
        let forms = [
            IpAddr::V6(address.to_ipv6_mapped()),
            IpAddr::V6(address.to_ipv6_compatible()),
            v6([0x0064, 0xff9b], address),
            IpAddr::V6(Ipv6Addr::new(0x2002, a << 8 | b, c << 8 | d, 0, 0, 0, 0, 1)),
            v6([0x2001, 0], address),
        ];
        for form in forms {
            // `::1` is loopback, which is the one compatible form with a meaning of its own.
            prop_assert!(AddressKind::of(form) == AddressKind::Never || form.is_loopback(), "{}", form);
        }
    }

    #[test]
    fn t151_only_global_unicast_is_public(bits in any::<u128>()) {
        let address = Ipv6Addr::from_bits(bits);
        let is_global = address.segments()[0] >> 13 == 1;
        prop_assert!(is_global || AddressKind::of(IpAddr::V6(address)) != AddressKind::Public);
    }

    #[test]
    fn t151_an_address_in_another_notation_is_refused(address in any_v4()) {
        let [a, b, c, d] = address.octets();
        let rest = u32::from(b) << 16 | u32::from(c) << 8 | u32::from(d);
        let odd = [
            address.to_bits().to_string(), format!("0x{:x}", address.to_bits()), format!("0{:o}", address.to_bits()),
            format!("{a}.{rest}"), format!("0x{a:x}.{b}.{c}.{d}"), format!("0{a:o}.{b}.{c}.{d}"), format!("{address}."),
            format!("{a}.{b}.{}", u16::from(c) << 8 | u16::from(d)), format!("[::ffff:{address}]"), format!("[::{address}]"),
        ];
        for host in odd {
            prop_assert!(Reach::public().and_loopback().check(&format!("https://{host}/")).is_err(), "{}", host);
        }
    }

    #[test]
    fn t151_a_plain_address_is_judged_by_what_it_is(address in any_v4()) {
        let checked = Reach::public().check(&format!("https://{address}/"));
        match AddressKind::of(IpAddr::V4(address)) {
            AddressKind::Public => prop_assert!(checked.is_ok()),
            AddressKind::Inner | AddressKind::Never => prop_assert_eq!(checked, Err(RefusedUri::Address)),
        }
    }

    #[test]
    fn t158_what_is_admitted_says_the_same_to_everybody(text in "https?://[ -~]{0,40}") {
        if let Ok(uri) = Reach::public().check(&text) {
            let host = uri.url().host_str().unwrap_or_default();
            prop_assert!(text.starts_with(&format!("https://{host}")), "{}", text);
            prop_assert!(!text.contains(['@', '#', '\\', '{']) || text.find('@') > text[8..].find('/').map(|at| at + 8), "{}", text);
            prop_assert_eq!(uri.url().username(), "");
        }
    }

    #[test]
    fn no_text_brings_the_reader_down(text in "\\PC{0,60}") {
        let _checked = Reach::public().and_loopback().check(&text);
        let _checked = Reach::public().check(&format!("https://{text}"));
    }
}
