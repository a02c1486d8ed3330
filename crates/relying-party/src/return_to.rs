//! Where people go after they signed in: a path of this application, never a place of somebody else's.

/// Longer paths are not remembered, in bytes.
const LONGEST: usize = 2048;

/// The path, if browsers cannot read it as anything but a path on the same origin; else the front page.
pub(crate) fn local(next: Option<&str>) -> &str {
    let harmless = |path: &&str| {
        path.len() <= LONGEST
            && path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    next.filter(harmless).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_are_followed() {
        for good in ["/", "/orders", "/orders?page=2#top", "/a//b", "/%2f%2fevil.example"] {
            assert_eq!(local(Some(good)), good);
        }
        let bad = [
            "",
            "orders",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\r\nSet-Cookie: a=b",
            " /orders",
            "/ä",
            &"/".repeat(3000),
        ];
        for bad in bad {
            assert_eq!(local(Some(bad)), "/", "{bad}");
        }
        assert_eq!(local(None), "/");
    }
}
