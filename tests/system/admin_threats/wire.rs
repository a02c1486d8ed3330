//! HTTP/2 as nobody's client library would speak it.

use std::{convert::Infallible, net::SocketAddr};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::BoxBody};
use hyper::{
    body::{Frame, Incoming},
    client::conn::http2::{Builder, SendRequest},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tonic::{Code, Status};

use chancery_tests::admin::reason;

/// What is sent after the headers.
pub(super) type Said = BoxBody<Bytes, Infallible>;

/// One connection.
#[derive(Clone)]
pub(super) struct Wire {
    address: String,
    sender: SendRequest<Said>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    /// The status of HTTP.
    pub(super) http: u16,
    /// The status of gRPC, if one was told.
    pub(super) status: Option<Status>,
}

impl Answer {
    /// The code and the reason of a refusal.
    pub(super) fn refusal(&self) -> (Option<Code>, Option<String>) {
        (self.status.as_ref().map(Status::code), self.status.as_ref().and_then(reason))
    }
}

impl Wire {
    /// A connection to that address.
    pub(super) async fn connect(url: &str) -> Result<Self> {
        Self::connect_reading(url, None).await
    }

    /// One on which every answer may be so many bytes ahead of its reader.
    pub(super) async fn connect_reading(url: &str, window: Option<u32>) -> Result<Self> {
        let address = url.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&address).await?;
        let mut builder = Builder::new(TokioExecutor::new());
        builder.initial_stream_window_size(window);
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { address, sender })
    }

    /// Sends a request as gRPC would, with more headers, and reads the answer to its end.
    pub(super) async fn call(&self, path: &str, more: &[(&str, &str)], said: Said) -> Result<Answer> {
        self.send(path, &[&[("content-type", "application/grpc"), ("te", "trailers")], more].concat(), said).await
    }

    /// Sends a request with these headers alone, and reads the answer to its end.
    pub(super) async fn send(&self, path: &str, headers: &[(&str, &str)], said: Said) -> Result<Answer> {
        let answer = self.begin(path, headers, said).await?;
        let (http, mut headers) = (answer.status().as_u16(), answer.headers().clone());
        headers.extend(trailers(answer.into_body()).await?);
        Ok(Answer { http, status: Status::from_header_map(&headers) })
    }

    /// Sends a request with these headers alone, and gives the answer from when it begins.
    pub(super) async fn begin(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        said: Said,
    ) -> Result<http::Response<Incoming>> {
        let mut request = Request::post(format!("http://{}{path}", self.address)).body(said)?;
        for (name, value) in headers {
            request.headers_mut().append(HeaderName::try_from(*name)?, HeaderValue::try_from(*value)?);
        }
        let mut sender = self.sender.clone();
        sender.ready().await?;
        Ok(sender.send_request(request).await?)
    }
}

/// Reads to the end, and gives what stands there.
pub(super) async fn trailers(answer: Incoming) -> Result<HeaderMap> {
    let end = answer.collect().await.context("the answer has no end")?;
    Ok(end.trailers().cloned().unwrap_or_default())
}

/// A message in its frame.
pub(super) fn message(content: &[u8]) -> Said {
    framed(0, content)
}

/// A message in a frame that says it is compressed.
pub(super) fn compressed(content: &[u8]) -> Said {
    framed(1, content)
}

/// Nothing, for as long as one waits.
pub(super) fn never() -> Said {
    StreamBody::new(Silence).boxed()
}

fn framed(flag: u8, content: &[u8]) -> Said {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes();
    Full::new(Bytes::from([&[flag], &length[..], content].concat())).boxed()
}

struct Silence;

impl futures::Stream for Silence {
    type Item = Result<Frame<Bytes>, Infallible>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Pending
    }
}

/// What a server does with a request that was written byte for byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// It answers.
    Answered,
    /// It resets the stream or leaves, for that reason (RFC 9113 section 7).
    Reset(u32),
}

/// Asks for a path that HTTP libraries refuse to write.
pub(super) async fn ask_for(url: &str, path: &str, authorization: &str) -> Result<Met> {
    let address: SocketAddr = url.trim_start_matches("http://").parse()?;
    let mut stream = TcpStream::connect(address).await?;
    // HPACK (RFC 7541): POST and http stand in the static table; the rest is written out, without Huffman's code.
    let mut fields = vec![0x83, 0x86];
    let indexed: [(&[u8], &str); 4] = [
        (&[0x04], path),
        (&[0x01], &address.to_string()),
        (&[0x0f, 0x10], "application/grpc"),
        (&[0x0f, 0x08], authorization),
    ];
    for (name, value) in indexed {
        fields.extend_from_slice(name);
        fields.push(u8::try_from(value.len()).ok().filter(|length| *length < 127).context("a short value")?);
        fields.extend_from_slice(value.as_bytes());
    }
    let mut said = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    for (kind, flags, on, content) in [(4, 0, 0, &[][..]), (1, 0x4, 1, &fields), (0, 0x1, 1, &[0; 5])] {
        said.extend_from_slice(&u32::try_from(content.len())?.to_be_bytes()[1..]);
        said.extend_from_slice(&[kind, flags, 0, 0, 0, on]);
        said.extend_from_slice(content);
    }
    stream.write_all(&said).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.context("it left without a word")?;
        let mut content = vec![0; usize::try_from(u32::from_be_bytes([0, head[0], head[1], head[2]]))?];
        stream.read_exact(&mut content).await?;
        let number = |at: usize| content.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes);
        match head[3] {
            1 => return Ok(Met::Answered),
            3 => return number(0).map(Met::Reset).context("a short frame"),
            7 => return number(4).map(Met::Reset).context("a short frame"),
            _ => {}
        }
    }
}
