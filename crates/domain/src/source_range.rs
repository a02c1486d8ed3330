//! Ranges of addresses that a caller may come from.

use std::{fmt, net::IpAddr, str::FromStr};

use crate::fault::Malformed;

/// A range of IP addresses in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3). A single address is the range
/// of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SourceRange {
    first: IpAddr,
    prefix: u8,
}

impl SourceRange {
    /// At most this many stand in one list.
    pub const MOST: usize = 32;

    /// Whether the address lies in it. An IPv4 address that is written as an IPv6 one (RFC 4291 section 2.5.5.2) is the
    /// IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
            (IpAddr::V4(_), same @ IpAddr::V4(_)) | (IpAddr::V6(_), same @ IpAddr::V6(_)) => {
                network(same, self.prefix) == bits(self.first)
            }
        }
    }

    /// Whether a caller from that address keeps to the list; an empty one leaves it free.
    #[must_use]
    pub fn allow(ranges: &[Self], address: IpAddr) -> bool {
        ranges.is_empty() || ranges.iter().any(|range| range.contains(address))
    }

    /// Whether a list leaves nobody free whom the wider one holds back. Each of its ranges must lie in a single one there.
    #[must_use]
    pub fn enclose(wider: &[Self], list: &[Self]) -> bool {
        let holds = |wide: &Self, narrow: &Self| wide.prefix <= narrow.prefix && wide.contains(narrow.first);
        let is_held = |narrow: &Self| wider.iter().any(|wide| holds(wide, narrow));
        wider.is_empty() || (!list.is_empty() && list.iter().all(is_held))
    }
}

/// The address as a number.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// The address as a number, without what comes after the prefix.
fn network(address: IpAddr, prefix: u8) -> u128 {
    let host = u32::from(width(address).saturating_sub(prefix));
    bits(address).checked_shr(host).and_then(|network| network.checked_shl(host)).unwrap_or(0)
}

impl FromStr for SourceRange {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let wrong = Malformed::new(
            "source range",
            "must be an address such as 203.0.113.7 or a range such as 10.0.0.0/8 that begins where it says",
        );
        let (first, prefix) = text.split_once('/').map_or((text, None), |(first, prefix)| (first, Some(prefix)));
        let Ok(first) = first.parse::<IpAddr>() else { return Err(wrong) };
        // What a mapped address means would hang on who reads it; there is a plain way to write it.
        if first.to_canonical() != first {
            return Err(wrong);
        }
        let widest = width(first);
        let prefix = match prefix {
            None => widest,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => match digits.parse() {
                Ok(prefix) if prefix <= widest => prefix,
                Ok(_) | Err(_) => return Err(wrong),
            },
            Some(_) => return Err(wrong),
        };
        if network(first, prefix) == bits(first) { Ok(Self { first, prefix }) } else { Err(wrong) }
    }
}

impl fmt::Display for SourceRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(ranges: &[&str], address: &str) -> bool {
        let ranges: Vec<SourceRange> = ranges.iter().map(|range| range.parse().expect("a range")).collect();
        SourceRange::allow(&ranges, address.parse().expect("an address"))
    }

    #[test]
    fn a_range_holds_what_it_says_and_nothing_else() {
        assert!(allows(&["10.0.0.0/8"], "10.255.0.1") && !allows(&["10.0.0.0/8"], "11.0.0.1"));
        assert!(allows(&["203.0.113.7"], "203.0.113.7") && !allows(&["203.0.113.7"], "203.0.113.8"));
        assert!(allows(&["192.0.2.128/25"], "192.0.2.200") && !allows(&["192.0.2.128/25"], "192.0.2.127"));
        assert!(allows(&["2001:db8::/32"], "2001:db8:ffff::1") && !allows(&["2001:db8::/32"], "2001:db9::1"));
        assert!(allows(&["0.0.0.0/0"], "198.51.100.1") && !allows(&["0.0.0.0/0"], "::1"));
        assert!(allows(&["::/0"], "::1") && !allows(&["::/0"], "127.0.0.1"));
        assert!(allows(&["10.0.0.0/8", "::1"], "::1") && allows(&[], "198.51.100.1"));
    }

    #[test]
    fn t267_a_list_is_enclosed_when_it_leaves_nobody_else_free() {
        let read = |ranges: &[&str]| ranges.iter().map(|range| range.parse().expect("a range")).collect::<Vec<_>>();
        for (wider, list, is_enclosed) in [
            (&[][..], &[][..], true),
            (&[], &["10.0.0.0/8"], true),
            (&["10.0.0.0/8"], &["10.0.0.0/8"], true),
            (&["10.0.0.0/8", "::1"], &["10.1.0.0/16", "::1"], true),
            (&["10.0.0.0/8"], &[], false),
            (&["10.0.0.0/8"], &["0.0.0.0/0"], false),
            (&["10.0.0.0/8"], &["10.1.0.0/16", "192.0.2.1"], false),
            (&["0.0.0.0/0"], &["::1"], false),
        ] {
            assert_eq!(SourceRange::enclose(&read(wider), &read(list)), is_enclosed, "{wider:?} {list:?}");
        }
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address() {
        assert!(allows(&["10.0.0.0/8"], "::ffff:10.1.2.3") && !allows(&["::/0"], "::ffff:10.1.2.3"));
    }

    #[test]
    fn a_range_is_written_in_one_way() {
        for text in ["10.0.0.0/8", "203.0.113.7/32", "2001:db8::/32", "::1/128", "0.0.0.0/0"] {
            assert_eq!(text.parse::<SourceRange>().expect(text).to_string(), text);
        }
        assert_eq!("::1".parse::<SourceRange>().expect("a range").to_string(), "::1/128");
        for text in
            ["", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0/8", "::ffff:10.0.0.0/104", "host"]
        {
            assert!(text.parse::<SourceRange>().is_err(), "{text}");
        }
    }
}
