"""A gRPC client that knows an address, a key, and the reflection API: it creates a tenant, a client, a scope and a user."""

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from task import done, task


class Bearer(grpc.UnaryUnaryClientInterceptor, grpc.StreamStreamClientInterceptor):
    """Puts the key on every call."""

    def __init__(self, key):
        self.metadata = [("authorization", f"Bearer {key}")]

    def intercept_unary_unary(self, proceed, details, request):
        return proceed(details._replace(metadata=self.metadata), request)

    def intercept_stream_stream(self, proceed, details, requests):
        return proceed(details._replace(metadata=self.metadata), requests)


class Api:
    """Calls methods by their names, with messages as JSON."""

    def __init__(self, address, key):
        self.channel = grpc.intercept_channel(grpc.insecure_channel(address), Bearer(key))
        database = ProtoReflectionDescriptorDatabase(self.channel)
        self.services = [name for name in database.get_services() if not name.startswith("grpc.")]
        self.pool = descriptor_pool.DescriptorPool(database)

    def call(self, method, **message):
        service_name, method_name = method.split("/")
        full_name = next(name for name in self.services if name.endswith(f".{service_name}"))
        known = self.pool.FindServiceByName(full_name).FindMethodByName(method_name)
        request = json_format.ParseDict(message, message_factory.GetMessageClass(known.input_type)())
        invoke = self.channel.unary_unary(
            f"/{full_name}/{method_name}",
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=message_factory.GetMessageClass(known.output_type).FromString,
        )
        return json_format.MessageToDict(invoke(request, timeout=30))


api = Api(task["admin_address"], task["admin_key"])
slug, redirect_uri = task["tenant"], task["redirect_uri"]
tenant = api.call("TenantService/CreateTenant", tenantId=slug, tenant={"profile": task["profile"]})
parent = tenant["name"]
api.call(
    "ScopeService/CreateScope",
    parent=parent,
    scopeId="orders-read",
    scope={"value": "orders:read", "description": "See your orders", "claims": ["locale"]},
)
client = api.call(
    "ClientService/CreateClient",
    parent=parent,
    clientId="shop",
    client={
        "displayName": "The shop",
        "kind": "KIND_WEB",
        "authMethods": ["AUTH_METHOD_CLIENT_SECRET_BASIC"],
        "redirectUris": [redirect_uri],
        "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN"],
        "scopes": ["openid", "email", "orders:read"],
    },
)
secret = api.call("ClientService/GenerateClientSecret", parent=client["name"])["secret"]
user = api.call(
    "UserService/CreateUser",
    parent=parent,
    user={"username": "ida", "email": "ida@shop.example", "claims": {"locale": "da-DK"}},
)
link = api.call("UserService/CreatePasswordLink", name=user["name"])["uri"]
# The plain text is told once.
listed = api.call("ClientService/ListClientSecrets", parent=client["name"])["clientSecrets"]
assert len(listed) == 1 and secret not in str(listed), listed

done(
    {
        "tenant": slug,
        "issuer": tenant["issuer"],
        "clients": [
            {
                "client_id": "shop",
                "client_secret": secret,
                "redirect_uris": [redirect_uri],
                "post_logout_redirect_uris": [],
            }
        ],
        "users": [{"username": "ida", "password": "a long enough password"}],
        "password_link": link,
        "sub": user["uid"],
    }
)
