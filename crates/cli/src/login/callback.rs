//! The way back from the browser: one request to a port of the loopback address (RFC 8252 section 7.3).

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::error::CliError;
use crate::secret::Secret;

/// How long a person may take to sign in.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long a browser may take to send the head of its request.
const HEAD_WITHIN: Duration = Duration::from_secs(5);
/// The longest head that is read.
const LONGEST: usize = 16 * 1024;

/// Waits for the browser.
pub(super) struct Listener {
    listener: TcpListener,
    redirect_uri: String,
}

/// What a request to our port says.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// The code of our question.
    Code(String),
    /// Our question was refused, for that reason.
    Refused(String),
    /// It is not about our question.
    Other,
}

impl Listener {
    /// Takes a free port that only this machine reaches.
    pub(super) async fn open() -> Result<Self, CliError> {
        let cannot = |cause| CliError::Io { what: "cannot listen for the browser".to_owned(), cause };
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(cannot)?;
        let port = listener.local_addr().map_err(cannot)?.port();
        Ok(Self { listener, redirect_uri: format!("http://127.0.0.1:{port}/callback") })
    }

    /// Where the browser is to come back to.
    pub(super) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// The code, when the browser brings it. Whoever else comes to the port is sent away.
    pub(super) async fn code(&self, state: &str, issuer: &str) -> Result<Secret, CliError> {
        let wait = async {
            loop {
                let Ok((stream, _)) = self.listener.accept().await else {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let said = match tokio::time::timeout(HEAD_WITHIN, self.hear(stream, state, issuer)).await {
                    Ok(Ok(said)) => said,
                    // A browser that opens a connection and says nothing opens another.
                    Ok(Err(_)) | Err(_) => Said::Other,
                };
                match said {
                    Said::Code(code) => {
                        return code.parse().map_err(|_| CliError::sign_in("the code is none".to_owned()));
                    }
                    Said::Refused(why) => return Err(CliError::sign_in(why)),
                    Said::Other => {}
                }
            }
        };
        let late = |_| CliError::sign_in("nobody signed in within ten minutes".to_owned());
        tokio::time::timeout(PATIENCE, wait).await.map_err(late)?
    }

    async fn hear(&self, mut stream: TcpStream, state: &str, issuer: &str) -> io::Result<Said> {
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LONGEST {
            if stream.read_buf(&mut head).await? == 0 {
                break;
            }
        }
        let said = self.said(&head, state, issuer);
        let (status, text) = match &said {
            Said::Code(_) => ("200 OK", "You are signed in. This window can be closed."),
            Said::Refused(_) => {
                ("200 OK", "You are not signed in. The command line says why; this window can be closed.")
            }
            Said::Other => ("404 Not Found", "There is nothing here."),
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
             referrer-policy: no-referrer\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n{text}",
            text.len()
        );
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        Ok(said)
    }

    /// Reads the first line of a request.
    fn said(&self, head: &[u8], state: &str, issuer: &str) -> Said {
        let line = head.split(|byte| *byte == b'\r').next().and_then(|line| std::str::from_utf8(line).ok());
        let target = line.and_then(|line| line.strip_prefix("GET ")).and_then(|line| line.strip_suffix(" HTTP/1.1"));
        let Some(target) = target.filter(|target| target.starts_with("/callback?")) else { return Said::Other };
        let base = Url::parse(&self.redirect_uri).and_then(|base| base.join(target));
        let Ok(url) = base else { return Said::Other };
        let one = |name: &str| {
            let mut values = url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned());
            values.next().filter(|_| values.next().is_none())
        };
        if one("state").as_deref() != Some(state) {
            return Said::Other;
        }
        if one("iss").as_deref() != Some(issuer) {
            return Said::Refused("the answer is of another issuer".to_owned());
        }
        match (one("code"), one("error")) {
            (Some(code), None) => Said::Code(code),
            (_, Some(error)) => {
                let more = one("error_description").map(|text| format!(": {text}")).unwrap_or_default();
                Said::Refused(format!("{error}{more}"))
            }
            (None, None) => Said::Refused("the answer has no code".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn said(line: &str) -> Said {
        let listener = Listener::open().await.expect("a port");
        let head = format!("{line}\r\nHost: 127.0.0.1\r\n\r\n");
        listener.said(head.as_bytes(), "s1", "https://id.example/t/system")
    }

    const ISS: &str = "iss=https%3A%2F%2Fid.example%2Ft%2Fsystem";

    #[tokio::test]
    async fn only_the_answer_to_our_question_counts() {
        let code = said(&format!("GET /callback?code=chc_x&state=s1&{ISS} HTTP/1.1")).await;
        assert_eq!(code, Said::Code("chc_x".to_owned()));
        for other in [
            format!("GET /callback?code=chc_x&state=s2&{ISS} HTTP/1.1"),
            format!("GET /callback?code=chc_x&state=s1&state=s1&{ISS} HTTP/1.1"),
            format!("GET /callback?code=chc_x&{ISS} HTTP/1.1"),
            format!("POST /callback?code=chc_x&state=s1&{ISS} HTTP/1.1"),
            "GET /favicon.ico HTTP/1.1".to_owned(),
            String::new(),
        ] {
            assert_eq!(said(&other).await, Said::Other, "{other}");
        }
    }

    #[tokio::test]
    async fn a_refusal_and_a_foreign_issuer_end_it() {
        let refused = said(&format!("GET /callback?error=access_denied&state=s1&{ISS} HTTP/1.1")).await;
        assert_eq!(refused, Said::Refused("access_denied".to_owned()));
        for foreign in ["", "&iss=https%3A%2F%2Fevil.example"] {
            let line = format!("GET /callback?code=chc_x&state=s1{foreign} HTTP/1.1");
            assert!(matches!(said(&line).await, Said::Refused(_)), "{foreign}");
        }
    }
}
