//! What an IP address is for, by the registries of special-purpose addresses (RFC 6890, RFC 8190).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is for, as far as calling it at somebody else's wish goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressKind {
    /// Of the public Internet.
    Public,
    /// Of this machine or of a private network. To be called only for hosts that the deployment names.
    Inner,
    /// Of nobody who should be called: metadata services, link-local, multicast, reserved and documentation addresses, and
    /// forms that hold another address inside.
    Never,
}

/// A range: its first address and how many leading bits count.
type Range<A> = (A, u32);

/// Metadata services of clouds that lie among addresses which could otherwise be called (Azure, Alibaba).
const METADATA_V4: &[Ipv4Addr] = &[Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(100, 100, 100, 200)];

/// The same of IPv6 (AWS, Google).
const METADATA_V6: &[Range<Ipv6Addr>] =
    &[(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0), 32), (Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0), 32)];

const INNER_V4: &[Range<Ipv4Addr>] = &[
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Shared by carriers (RFC 6598).
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

const NEVER_V4: &[Range<Ipv4Addr>] = &[
    // "This network" (RFC 791); some systems connect to themselves by it.
    (Ipv4Addr::UNSPECIFIED, 8),
    // Link-local (RFC 3927), and most metadata services.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // IETF protocol assignments (RFC 6890).
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Documentation (RFC 5737).
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // The former anycast of 6to4 (RFC 7526).
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    // Benchmarks (RFC 2544).
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Multicast, and everything reserved above it, broadcast included.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

const INNER_V6: &[Range<Ipv6Addr>] = &[
    (Ipv6Addr::LOCALHOST, 128),
    // Unique local (RFC 4193).
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
];

/// What is allocated to the public at all (RFC 4291 section 2.4). IPv4 in other clothes (mapped, NAT64), link-local,
/// site-local and multicast addresses lie outside.
const GLOBAL_V6: Range<Ipv6Addr> = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

const NEVER_V6: &[Range<Ipv6Addr>] = &[
    // IETF protocol assignments (RFC 2928): Teredo, benchmarks, ORCHID.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation (RFC 3849, RFC 9637).
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4 (RFC 3056).
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];

impl AddressKind {
    /// What that address is for. An address that holds another one is judged by its form, and never called.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let lies_in = |&(first, bits): &Range<Ipv4Addr>| (address.to_bits() ^ first.to_bits()) >> (32 - bits) == 0;
        if METADATA_V4.contains(&address) || NEVER_V4.iter().any(lies_in) {
            Self::Never
        } else if INNER_V4.iter().any(lies_in) {
            Self::Inner
        } else {
            Self::Public
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let lies_in = |&(first, bits): &Range<Ipv6Addr>| (address.to_bits() ^ first.to_bits()) >> (128 - bits) == 0;
        if METADATA_V6.iter().any(lies_in) {
            Self::Never
        } else if INNER_V6.iter().any(lies_in) {
            Self::Inner
        } else if lies_in(&GLOBAL_V6) && !NEVER_V6.iter().any(lies_in) {
            Self::Public
        } else {
            Self::Never
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(addresses: &[&str], kind: AddressKind) {
        for address in addresses {
            assert_eq!(AddressKind::of(address.parse().expect("an address")), kind, "{address}");
        }
    }

    #[test]
    fn t151_what_no_stranger_may_have_called_is_known() {
        kinds(&["127.0.0.1", "127.255.255.255", "10.0.0.1", "172.31.255.255", "192.168.0.1"], AddressKind::Inner);
        kinds(&["100.64.0.1", "100.127.255.255", "::1", "fc00::1", "fdff::1"], AddressKind::Inner);
        kinds(&["0.0.0.0", "0.255.255.255", "169.254.169.254", "192.0.0.192", "192.0.2.1"], AddressKind::Never);
        kinds(&["198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.9", "192.88.99.1"], AddressKind::Never);
        kinds(&["224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"], AddressKind::Never);
        kinds(&["168.63.129.16", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254"], AddressKind::Never);
        kinds(&["::", "::2", "fe80::1", "fec0::1", "ff02::1", "4000::1", "100::1", "5f00::1"], AddressKind::Never);
    }

    #[test]
    fn t151_an_address_inside_another_is_never_called() {
        let mapped = ["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::ffff:0:127.0.0.1"];
        let translated = ["64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::1", "2001::1"];
        kinds(&mapped, AddressKind::Never);
        kinds(&translated, AddressKind::Never);
        kinds(&["2001:db8::1", "3fff:fff::1", "2001:20::1", "2001:2::1"], AddressKind::Never);
    }

    #[test]
    fn the_public_internet_is_public() {
        kinds(&["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "11.0.0.0", "126.255.255.255"], AddressKind::Public);
        kinds(&["100.63.255.255", "100.128.0.0", "223.255.255.255", "198.17.0.1", "198.20.0.1"], AddressKind::Public);
        kinds(&["2606:4700::1111", "2001:4860:4860::8888", "2a00::1", "2003::1", "2001:200::1"], AddressKind::Public);
    }
}
