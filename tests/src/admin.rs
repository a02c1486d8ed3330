//! An operator who knows the address, a key, and nothing else: every service, call and message is learnt from the
//! server by reflection.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use http::uri::PathAndQuery;
use prost::Message as _;
use prost_reflect::{
    DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor, prost_types::FileDescriptorProto,
};
use serde_json::Value;
use tonic::{
    Request, Status, Streaming,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    metadata::{Ascii, MetadataValue},
    transport::{Channel, Endpoint},
};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};
use tonic_types::StatusExt as _;

/// The package of the admin API.
const PACKAGE: &str = "chancery.admin.v1";

/// A connection with a key.
#[derive(Clone)]
pub struct Admin {
    channel: Channel,
    key: String,
    pool: DescriptorPool,
}

impl Admin {
    /// Connects and learns the API.
    pub async fn connect(url: &str, key: &str) -> Result<Self> {
        Self::over(Endpoint::from_shared(url.to_owned())?, key).await
    }

    /// The same, over an endpoint that says for itself whom it trusts.
    pub async fn over(endpoint: Endpoint, key: &str) -> Result<Self> {
        let channel = endpoint.connect().await.context("connecting to the admin API")?;
        let pool = learn(&channel, key).await.context("learning the admin API by reflection")?;
        Ok(Self { channel, key: key.to_owned(), pool })
    }

    /// The same operator on a connection of its own to that address.
    pub fn anew(&self, url: &str) -> Result<Self> {
        Ok(Self { channel: Endpoint::from_shared(url.to_owned())?.connect_lazy(), ..self.clone() })
    }

    /// The same connection with another key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    /// Every call of the admin API, as `Service/Method`.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        let services = self.pool.services().filter(|service| service.full_name().starts_with(PACKAGE));
        services
            .flat_map(|service| {
                let of = |method: MethodDescriptor| format!("{}/{}", service.name(), method.name());
                service.methods().map(of).collect::<Vec<_>>()
            })
            .collect()
    }

    /// The names of the fields of a call's request.
    pub fn fields_of(&self, call: &str) -> Result<Vec<String>> {
        Ok(self.method(call)?.input().fields().map(|field| field.name().to_owned()).collect())
    }

    /// The names of all fields that a call's request can have, however deep.
    pub fn asked_by(&self, call: &str) -> Result<BTreeSet<String>> {
        Ok(fields_within(&self.method(call)?.input()))
    }

    /// The names of all fields that a call's answer can have, however deep.
    pub fn told_by(&self, call: &str) -> Result<BTreeSet<String>> {
        Ok(fields_within(&self.method(call)?.output()))
    }

    /// Calls `Service/Method` with a message in protobuf's JSON; fails as an error with the status inside.
    pub async fn call(&self, call: &str, message: Value) -> Result<Value> {
        let said = message.to_string();
        let mut tries = 3;
        loop {
            match self.try_call(call, message.clone()).await? {
                // The worker looks after keys too, and was faster: what the contract calls ABORTED is to be tried again.
                Err(status) if tries > 0 && reason(&status).as_deref() == Some("KEYSET_CHANGED") => tries -= 1,
                Err(status) => {
                    let (code, why) = (status.code(), reason(&status));
                    anyhow::bail!("{call} {said}: {code:?} {} {why:?}", status.message())
                }
                Ok(answer) => return Ok(answer),
            }
        }
    }

    /// The same, with the refusal as a status.
    pub async fn try_call(&self, call: &str, message: Value) -> Result<Result<Value, Status>> {
        let (request, path, method) = self.request(call, message)?;
        let mut client = tonic::client::Grpc::new(self.channel.clone());
        client.ready().await?;
        match client.unary(request, path, Dynamic(method.output())).await {
            Ok(answer) => Ok(Ok(serde_json::to_value(answer.into_inner())?)),
            Err(status) => Ok(Err(status)),
        }
    }

    /// Calls a `Service/Method` that answers more than once.
    pub async fn follow(&self, call: &str, message: Value) -> Result<Result<Answers, Status>> {
        let (request, path, method) = self.request(call, message)?;
        let mut client = tonic::client::Grpc::new(self.channel.clone());
        client.ready().await?;
        let answers = client.server_streaming(request, path, Dynamic(method.output())).await;
        Ok(answers.map(|answers| Answers(answers.into_inner())))
    }

    fn request(&self, call: &str, message: Value) -> Result<(Request<DynamicMessage>, PathAndQuery, MethodDescriptor)> {
        let method = self.method(call)?;
        let message = DynamicMessage::deserialize(method.input(), message)
            .with_context(|| format!("a {}", method.input().full_name()))?;
        let mut request = Request::new(message);
        let bearer: MetadataValue<Ascii> = format!("Bearer {}", self.key).parse()?;
        request.metadata_mut().insert("authorization", bearer);
        Ok((request, format!("/{PACKAGE}.{call}").parse()?, method))
    }

    fn method(&self, call: &str) -> Result<MethodDescriptor> {
        let (service, method) = call.split_once('/').context("Service/Method")?;
        let service = self.pool.get_service_by_name(&format!("{PACKAGE}.{service}"));
        let service = service.with_context(|| format!("no service for {call}"))?;
        service.methods().find(|known| known.name() == method).with_context(|| format!("no {call}"))
    }
}

/// The answers of a call that answers more than once.
pub struct Answers(Streaming<DynamicMessage>);

impl Answers {
    /// The next one in protobuf's JSON; nothing at the end.
    pub async fn next(&mut self) -> Result<Option<Value>, Status> {
        let answer = self.0.message().await?;
        answer
            .map(|answer| serde_json::to_value(answer).map_err(|error| Status::internal(error.to_string())))
            .transpose()
    }
}

/// The reason in a refusal (`google.rpc.ErrorInfo`).
#[must_use]
pub fn reason(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}

/// A value of the metadata of a refusal (`google.rpc.ErrorInfo`).
#[must_use]
pub fn detail(status: &Status, name: &str) -> Option<String> {
    status.get_details_error_info().and_then(|info| info.metadata.get(name).cloned())
}

fn fields_within(message: &MessageDescriptor) -> BTreeSet<String> {
    let (mut found, mut seen, mut rest) = (BTreeSet::new(), BTreeSet::new(), vec![message.clone()]);
    while let Some(part) = rest.pop() {
        if seen.insert(part.full_name().to_owned()) {
            found.extend(part.fields().map(|field| field.name().to_owned()));
            rest.extend(part.fields().filter_map(|field| field.kind().as_message().cloned()));
        }
    }
    found
}

async fn learn(channel: &Channel, key: &str) -> Result<DescriptorPool> {
    let MessageResponse::ListServicesResponse(services) =
        ask(channel, key, MessageRequest::ListServices(String::new())).await?
    else {
        bail!("no list of services");
    };
    let services = services.service;
    let mut pool = DescriptorPool::global();
    let mut files: Vec<FileDescriptorProto> = Vec::new();
    let mut wanted: Vec<_> =
        services.into_iter().map(|service| MessageRequest::FileContainingSymbol(service.name)).collect();
    let mut asked = BTreeSet::new();
    while let Some(request) = wanted.pop() {
        let MessageResponse::FileDescriptorResponse(found) = ask(channel, key, request.clone()).await? else {
            bail!("no file for {request:?}");
        };
        for encoded in found.file_descriptor_proto {
            let file = FileDescriptorProto::decode(encoded.as_slice())?;
            for import in &file.dependency {
                if pool.get_file_by_name(import).is_none() && asked.insert(import.clone()) {
                    wanted.push(MessageRequest::FileByFilename(import.clone()));
                }
            }
            if files.iter().all(|known| known.name != file.name) {
                files.push(file);
            }
        }
    }
    pool.add_file_descriptor_protos(files)?;
    Ok(pool)
}

async fn ask(channel: &Channel, key: &str, question: MessageRequest) -> Result<MessageResponse> {
    let question = ServerReflectionRequest { host: String::new(), message_request: Some(question) };
    let mut request = Request::new(tokio_stream::once(question));
    request.metadata_mut().insert("authorization", format!("Bearer {key}").parse()?);
    let mut answers = ServerReflectionClient::new(channel.clone()).server_reflection_info(request).await?.into_inner();
    let answer = answers.message().await?.context("no answer")?;
    answer.message_response.context("an empty answer")
}

/// Messages whose form was learnt at run time.
struct Dynamic(MessageDescriptor);

impl Codec for Dynamic {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Plain;
    type Decoder = Self;

    fn encoder(&mut self) -> Plain {
        Plain
    }

    fn decoder(&mut self) -> Self {
        Self(self.0.clone())
    }
}

impl Decoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let message = DynamicMessage::decode(self.0.clone(), source);
        message.map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}

/// Encodes what knows its own form.
struct Plain;

impl Encoder for Plain {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, message: DynamicMessage, target: &mut EncodeBuf<'_>) -> Result<(), Status> {
        message.encode(target).map_err(|error| Status::internal(error.to_string()))
    }
}
