//! Reading an answer, and no more of it than is wanted.

use std::{error::Error, time::Duration};

use bytes::{Bytes, BytesMut};
use chancery_domain::{
    outbound::{Document, RefusedUri},
    ports::outbound::{Fetched, OutboundError},
};
use reqwest::{
    Response, StatusCode,
    header::{self, HeaderMap},
};

/// The document that an answer holds.
pub(crate) async fn document(mut answer: Response, document: Document) -> Result<Fetched, OutboundError> {
    if answer.status() != StatusCode::OK {
        return Err(OutboundError::Status(answer.status().as_u16()));
    }
    let headers = answer.headers();
    if is_packed(headers) || !document.admits(&media_type(headers)) {
        return Err(OutboundError::WrongType);
    }
    let fresh = freshness(headers);
    if answer.content_length().is_some_and(|length| length > document.longest() as u64) {
        return Err(OutboundError::TooLong);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| fault(&error))? {
        append(&mut body, &chunk, document.longest())?;
    }
    Ok(Fetched { body: body.freeze(), fresh })
}

fn append(body: &mut BytesMut, chunk: &Bytes, longest: usize) -> Result<(), OutboundError> {
    if chunk.len() > longest.saturating_sub(body.len()) {
        return Err(OutboundError::TooLong);
    }
    body.extend_from_slice(chunk);
    Ok(())
}

/// Whether a delivery was taken. The body is left where it is.
pub(crate) fn receipt(answer: &Response) -> Result<(), OutboundError> {
    match answer.status() {
        StatusCode::OK | StatusCode::NO_CONTENT => Ok(()),
        status => Err(OutboundError::Status(status.as_u16())),
    }
}

/// Why a call failed. What lies beneath tells of networks and machines, and is kept from whoever asked for the call.
pub(crate) fn fault(error: &reqwest::Error) -> OutboundError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(why) = error.downcast_ref::<RefusedUri>() {
            return OutboundError::Refused { why: *why };
        }
        cause = error.source();
    }
    if error.is_timeout() { OutboundError::TooSlow } else { OutboundError::Unreachable }
}

/// We ask for plain bytes, and unpack nothing: a few packed bytes can be very many.
fn is_packed(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_ENCODING).iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn media_type(headers: &HeaderMap) -> String {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// `max-age` less `Age` (RFC 9111 section 4.2). What may not be kept is fresh for no time at all.
fn freshness(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let mut directives = text(header::CACHE_CONTROL)?.split(',').map(str::trim);
    let max_age = directives.find_map(|directive| {
        if directive.eq_ignore_ascii_case("no-store") || directive.eq_ignore_ascii_case("no-cache") {
            return Some(0);
        }
        let (name, value) = directive.split_once('=')?;
        name.eq_ignore_ascii_case("max-age").then(|| value.trim_matches('"').parse().ok()).flatten()
    })?;
    let age = text(header::AGE).and_then(|age| age.parse().ok()).unwrap_or_default();
    Some(Duration::from_secs(max_age).saturating_sub(Duration::from_secs(age)))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn an_answer_says_how_long_it_is_fresh() {
        let fresh = |control, age| freshness(&headers(&[(header::CACHE_CONTROL, control), (header::AGE, age)]));
        assert_eq!(fresh("public, max-age=300", "0"), Some(Duration::from_secs(300)));
        assert_eq!(fresh("Max-Age=\"60\"", "20"), Some(Duration::from_secs(40)));
        assert_eq!(fresh("max-age=60", "90"), Some(Duration::ZERO));
        assert_eq!(fresh("no-store, max-age=60", "0"), Some(Duration::ZERO));
        assert_eq!(fresh("private", "0"), None);
        assert_eq!(freshness(&HeaderMap::new()), None);
    }

    #[test]
    fn t157_what_is_packed_is_not_unpacked() {
        assert!(is_packed(&headers(&[(header::CONTENT_ENCODING, "gzip")])));
        assert!(is_packed(&headers(&[(header::CONTENT_ENCODING, "identity, br")])));
        assert!(!is_packed(&headers(&[(header::CONTENT_ENCODING, "identity")])) && !is_packed(&HeaderMap::new()));
    }

    #[test]
    fn a_type_is_read_without_its_parameters() {
        let read = |value| media_type(&headers(&[(header::CONTENT_TYPE, value)]));
        assert_eq!(read("Application/JSON; charset=utf-8"), "application/json");
        assert!(Document::KeySet.admits(&read("application/jwk-set+json")));
        assert!(!Document::KeySet.admits(&read("text/html")) && !Document::KeySet.admits(""));
        assert!(Document::RequestObject.admits("") && !Document::RequestObject.admits("text/html"));
    }
}
