"""PyPI Authlib as a confidential client: discovery, sign-in with PKCE, ID token, UserInfo, refresh, revocation."""

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey
from joserfc.jwt import JWTClaimsRegistry

from task import done, task, visit

issuer, client = task["issuer"], task["client"]
metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=30).json()
assert metadata["issuer"] == issuer

session = OAuth2Session(
    client["client_id"],
    client["client_secret"],
    scope="openid profile email offline_access",
    redirect_uri=client["redirect_uris"][0],
    token_endpoint_auth_method="client_secret_basic",
    code_challenge_method="S256",
)
verifier, nonce = generate_token(64), generate_token(32)
url, state = session.create_authorization_url(
    metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, prompt="consent"
)
token = session.fetch_token(
    metadata["token_endpoint"], authorization_response=visit(url), state=state, code_verifier=verifier
)

if task.get("id_token_signed_response_alg") == "HS256":
    assert "HS256" in metadata["id_token_signing_alg_values_supported"]
    keys, algorithms = OctKey.import_key(client["client_secret"]), ["HS256"]
else:
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=30).json())
    algorithms = metadata["id_token_signing_alg_values_supported"]
claims = jwt.decode(token["id_token"], keys, algorithms=algorithms).claims
JWTClaimsRegistry(
    iss={"essential": True, "value": issuer},
    aud={"essential": True, "value": client["client_id"]},
    nonce={"essential": True, "value": nonce},
    exp={"essential": True},
    sub={"essential": True},
).validate(claims)

about = session.get(metadata["userinfo_endpoint"]).json()
assert about["sub"] == claims["sub"], about
assert about["email"], about

refreshed = session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
assert refreshed["access_token"] != token["access_token"]

answer = session.introspect_token(metadata["introspection_endpoint"], token=refreshed["access_token"]).json()
assert answer["active"] is True and answer["client_id"] == client["client_id"], answer
assert session.revoke_token(metadata["revocation_endpoint"], token=refreshed["refresh_token"]).status_code == 200
answer = session.introspect_token(metadata["introspection_endpoint"], token=refreshed["access_token"]).json()
assert answer == {"active": False}, answer

machine = OAuth2Session(client["client_id"], client["client_secret"])
own = machine.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
assert own["token_type"] == "Bearer" and "refresh_token" not in own, own.keys()

done({"sub": claims["sub"]})
