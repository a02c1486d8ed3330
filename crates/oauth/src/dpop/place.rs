//! Where a request went (RFC 9449 section 4.3, item 9).

use url::Url;

/// Whether `htu` is that URL. How scheme and host are written and whether a usual port stands there is one (RFC 3986 sections
/// 6.2.2 and 6.2.3); query and fragment do not count.
pub(super) fn is(htu: &str, expected: &str) -> bool {
    let read = |text: &str| {
        // What a browser's reader would mend is not what anybody means to sign.
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let mut url = Url::parse(text).ok().filter(|_| plain)?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    read(htu).is_some_and(|htu| read(expected).is_some_and(|expected| htu == expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t132_a_url_is_the_same_however_host_and_port_are_written() {
        let here = "https://id.example/t/acme/oauth2/token";
        for good in [
            here,
            "HTTPS://ID.Example/t/acme/oauth2/token",
            "https://id.example:443/t/acme/oauth2/token",
            "https://id.example/t/acme/oauth2/token?a=b",
            "https://id.example/t/acme/oauth2/token#f",
        ] {
            assert!(is(good, here), "{good}");
        }
        for bad in [
            "",
            "/t/acme/oauth2/token",
            "http://id.example/t/acme/oauth2/token",
            "https://id.example:8443/t/acme/oauth2/token",
            "https://id.example.evil/t/acme/oauth2/token",
            "https://u@id.example/t/acme/oauth2/token",
            "https://id.example/t/acme/oauth2/token/",
            "https://id.example/t/Acme/oauth2/token",
            "https://id.example/t/globex/oauth2/token",
            " https://id.example/t/acme/oauth2/token",
            "https:\\\\id.example\\t\\acme\\oauth2\\token",
            "https://id.example/t/ac\tme/oauth2/token",
        ] {
            assert!(!is(bad, here), "{bad}");
        }
    }
}
