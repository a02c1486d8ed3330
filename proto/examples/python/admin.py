"""The life of a tenant over the admin API, from Python, with nothing but the published proto.

    pip install -r requirements.txt
    CHANCERY_ADMIN_URL=http://127.0.0.1:9090 CHANCERY_ADMIN_KEY=... python admin.py

The messages are generated from the proto when the program starts. CHANCERY_CA_FILE names the certificates to trust,
where the address begins with https:// and its certificate is not of a public authority.
"""

import json
import os
import pathlib
import sys
import uuid

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

PROTO = os.environ.get("CHANCERY_PROTO", str(pathlib.Path(__file__).resolve().parents[2]))
sys.path.append(PROTO)


def load(noun):
    """The messages of a noun, the messages of its service, and the service."""
    folder = "chancery/admin/v1"
    calls, services = grpc.protos_and_services(f"{folder}/{noun}_service.proto")
    return grpc.protos(f"{folder}/{noun}.proto"), calls, services


tenant_pb, tenants_pb, tenants_grpc = load("tenant")
client_pb, clients_pb, clients_grpc = load("client")
scope_pb, scopes_pb, scopes_grpc = load("scope")
_, keys_pb, keys_grpc = load("key")


class Bearer(grpc.UnaryUnaryClientInterceptor):
    """Puts the key on every call, and a deadline."""

    def __init__(self, key):
        self.metadata = [("authorization", f"Bearer {key}")]

    def intercept_unary_unary(self, proceed, details, request):
        return proceed(details._replace(metadata=self.metadata, timeout=details.timeout or 30), request)


def connect(url, key):
    """A channel to the admin API, with TLS where the address says so."""
    scheme, _, address = url.partition("://")
    if scheme == "https":
        ca = os.environ.get("CHANCERY_CA_FILE")
        roots = pathlib.Path(ca).read_bytes() if ca else None
        channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(roots))
    else:
        channel = grpc.insecure_channel(address)
    return grpc.intercept_channel(channel, Bearer(key))


def detail(error, kind):
    """A detail of a refusal, such as ErrorInfo; None where it has none of that kind."""
    for packed in rpc_status.from_call(error).details:
        found = kind()
        if packed.Unpack(found):
            return found
    return None


def refused(call, request):
    """Makes a call that is to be refused; gives the refusal."""
    try:
        call(request)
    except grpc.RpcError as error:
        return error
    raise AssertionError(f"{type(request).__name__} was not refused")


channel = connect(os.environ["CHANCERY_ADMIN_URL"], os.environ["CHANCERY_ADMIN_KEY"])
tenants = tenants_grpc.TenantServiceStub(channel)
clients = clients_grpc.ClientServiceStub(channel)
scopes = scopes_grpc.ScopeServiceStub(channel)
keys = keys_grpc.KeyServiceStub(channel)

# A creation under a request id can be repeated when its answer is lost: it is carried out once.
create = tenants_pb.CreateTenantRequest(
    tenant_id=f"example-{uuid.uuid4().hex[:8]}",
    tenant=tenant_pb.Tenant(display_name="An example"),
    request_id=str(uuid.uuid4()),
)
tenant = tenants.CreateTenant(create)
assert tenants.CreateTenant(create).uid == tenant.uid

for number in range(5):
    scopes.CreateScope(
        scopes_pb.CreateScopeRequest(
            parent=tenant.name,
            scope_id=f"orders-{number}",
            scope=scope_pb.Scope(value=f"orders:{number}", description="See your orders"),
        )
    )

# Lists come in pages; an empty token is the end.
listed, pages, token = [], 0, ""
while pages == 0 or token:
    page = scopes.ListScopes(scopes_pb.ListScopesRequest(parent=tenant.name, page_size=2, page_token=token))
    listed += [scope.value for scope in page.scopes]
    pages, token = pages + 1, page.next_page_token

client = clients.CreateClient(
    clients_pb.CreateClientRequest(
        parent=tenant.name,
        client_id="report",
        client=client_pb.Client(
            display_name="Reports",
            kind=client_pb.Client.KIND_SERVICE,
            auth_methods=[client_pb.Client.AUTH_METHOD_CLIENT_SECRET_BASIC],
            grant_types=[client_pb.Client.GRANT_TYPE_CLIENT_CREDENTIALS],
            scopes=["orders:0", "orders:1"],
        ),
        request_id=str(uuid.uuid4()),
    )
)

# The secret is told this once.
generated = clients.GenerateClientSecret(clients_pb.GenerateClientSecretRequest(parent=client.name))
assert generated.secret and generated.secret not in str(
    clients.ListClientSecrets(clients_pb.ListClientSecretsRequest(parent=client.name))
)

# An etag guards a change against changes made in between: the second of two that began with the same one is refused.
client = clients.GetClient(clients_pb.GetClientRequest(name=client.name))
rename = clients_pb.UpdateClientRequest(
    client=client_pb.Client(name=client.name, display_name="Reports of the month", etag=client.etag),
    update_mask={"paths": ["display_name"]},
)
clients.UpdateClient(rename)
rename.client.display_name = "Reports of the year"
conflict = refused(clients.UpdateClient, rename)
assert conflict.code() == grpc.StatusCode.ABORTED
rename.client.etag = clients.GetClient(clients_pb.GetClientRequest(name=client.name)).etag
renamed = clients.UpdateClient(rename)

# What is wrong with which field stands in the details.
bad = clients_pb.CreateClientRequest(
    parent=tenant.name,
    client=client_pb.Client(kind=client_pb.Client.KIND_WEB, redirect_uris=["not a URI"]),
)
violations = detail(refused(clients.CreateClient, bad), error_details_pb2.BadRequest).field_violations

# Keys are announced before they sign; whoever cannot wait says why.
rotate = keys_pb.RotateKeysRequest(parent=tenant.name, request_id=str(uuid.uuid4()))
early = refused(keys.RotateKeys, rotate)
rotated = keys.RotateKeys(
    keys_pb.RotateKeysRequest(parent=tenant.name, request_id=str(uuid.uuid4()), immediate=True, reason="an example")
)

# Everything is removed again; the tenant could be taken back until its purge_time.
clients.DeleteClientSecret(clients_pb.DeleteClientSecretRequest(name=generated.client_secret.name))
clients.DeleteClient(clients_pb.DeleteClientRequest(name=client.name))
gone = refused(clients.GetClient, clients_pb.GetClientRequest(name=client.name))
assert gone.code() == grpc.StatusCode.NOT_FOUND
deleted = tenants.DeleteTenant(tenants_pb.DeleteTenantRequest(name=tenant.name))
assert deleted.HasField("purge_time")

print(
    json.dumps(
        {
            "tenant": tenant.name,
            "pages": pages,
            "scopes": sorted(scope for scope in listed if scope.startswith("orders:")),
            "conflict": detail(conflict, error_details_pb2.ErrorInfo).reason,
            "display_name": renamed.display_name,
            "field": violations[0].field,
            "early": detail(early, error_details_pb2.ErrorInfo).reason,
            "rotated": len(rotated.activated_keys),
        }
    )
)
