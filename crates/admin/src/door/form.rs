//! The form that every request must have, whatever it asks for, and the time that it has.

use std::time::Duration;

use tonic::codegen::http::{HeaderMap, StatusCode, header::CONTENT_TYPE};

use crate::status::{Reason, Refusal};

/// The longest that a call may take, whatever deadline its caller has.
const CALL_LIMIT: Duration = Duration::from_secs(30);
/// How long before a caller's own deadline the answer is given: the layer outside rings then, and would say CANCELLED.
const AHEAD: Duration = Duration::from_millis(5);
/// The largest metadata, in bytes of names and values.
const METADATA_LIMIT: usize = 16 * 1024;

/// Refuses what is not gRPC, with a status of HTTP: a page in a browser can send other content without asking first,
/// and with the certificate of whoever looks at it. gRPC-Web is not spoken here.
pub(super) fn spoken(headers: &HeaderMap) -> Result<(), StatusCode> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let one = types.next().filter(|_| types.next().is_none()).and_then(|one| one.to_str().ok());
    match one.and_then(|one| one.strip_prefix("application/grpc")) {
        Some(rest) if rest.is_empty() || rest.starts_with(['+', ';']) => Ok(()),
        Some(rest) if rest.starts_with("-web") => Err(StatusCode::NOT_FOUND),
        Some(_) | None => Err(StatusCode::UNSUPPORTED_MEDIA_TYPE),
    }
}

/// Refuses metadata beyond the limit.
pub(super) fn bounded(headers: &HeaderMap) -> Result<(), Refusal> {
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size <= METADATA_LIMIT {
        return Ok(());
    }
    let limit = METADATA_LIMIT.to_string();
    Err(Refusal::new(Reason::MetadataTooLarge, "the metadata is larger than 16 KiB").with("limit", limit))
}

/// How long the call may take: to its caller's deadline, but no longer than any call.
pub(super) fn time(headers: &HeaderMap) -> Duration {
    let theirs = headers.get("grpc-timeout").and_then(|value| value.to_str().ok()).and_then(timeout);
    theirs.map_or(CALL_LIMIT, |theirs| theirs.saturating_sub(AHEAD).min(CALL_LIMIT))
}

/// A timeout as gRPC writes it: at most eight digits and a unit. What has another form counts as none.
fn timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: u64 = digits.parse().ok().filter(|_| digits.len() <= 8)?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tonic::codegen::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(entries: &[(&'static str, &str)]) -> HeaderMap {
        let entry = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"))
        };
        let mut headers = HeaderMap::new();
        for (name, value) in entries.iter().map(entry) {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn t277_what_is_not_grpc_is_refused() {
        let of = |text| spoken(&headers(&[("content-type", text)])).map_err(|status| status.as_u16());
        for good in ["application/grpc", "application/grpc+proto", "application/grpc;x=y"] {
            assert_eq!(of(good), Ok(()), "{good}");
        }
        for web in ["application/grpc-web", "application/grpc-web-text+proto"] {
            assert_eq!(of(web), Err(404), "{web}");
        }
        for other in ["", "text/plain", "application/grpcx", "application/json"] {
            assert_eq!(of(other), Err(415), "{other}");
        }
        assert!(spoken(&HeaderMap::new()).is_err());
        let twice = [("content-type", "application/grpc"), ("content-type", "text/plain")];
        assert!(spoken(&headers(&twice)).is_err());
    }

    #[test]
    fn t264_metadata_is_bounded() {
        let of = |size| bounded(&headers(&[("x", &"a".repeat(size))])).map_err(|refusal| refusal.reason());
        assert_eq!((of(METADATA_LIMIT - 1), of(METADATA_LIMIT)), (Ok(()), Err(Reason::MetadataTooLarge)));
    }

    #[test]
    fn t273_the_shorter_of_two_deadlines_counts() {
        let of = |text| time(&headers(&[("grpc-timeout", text)]));
        assert_eq!(
            (of("1S"), of("20m"), of("1m")),
            (Duration::from_millis(995), Duration::from_millis(15), Duration::ZERO)
        );
        for long in ["99999999H", "31S", "999999999S", "S", "", "1", "1x", "-1S"] {
            assert_eq!(of(long), CALL_LIMIT, "{long}");
        }
        assert_eq!(time(&HeaderMap::new()), CALL_LIMIT);
    }
}
