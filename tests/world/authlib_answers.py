"""PyPI Authlib takes answers of the authorization endpoint: code, implicit and hybrid ones, and signed ones (JARM)."""

import time
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken, UserInfo
from authlib.oidc.core.claims import get_claim_cls_by_response_type
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from task import done, task, visit

issuer, client, response_type, signed = task["issuer"], task["client"], task["response_type"], task["signed"]
metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=30).json()
keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=30).json())
session = OAuth2Session(
    client["client_id"],
    client["client_secret"],
    scope="openid email",
    redirect_uri=client["redirect_uris"][0],
    token_endpoint_auth_method="client_secret_basic",
    code_challenge_method="S256",
)


def claims_of(id_token, kind, **params):
    """What an ID token says, after the library's checks of that kind of token."""
    decoded = jwt.decode(id_token, keys, algorithms=metadata["id_token_signing_alg_values_supported"])
    options = {"iss": {"values": [issuer]}, "aud": {"value": client["client_id"]}}
    claims = kind(decoded.claims, decoded.header, options, {"client_id": client["client_id"], "nonce": nonce, **params})
    claims.validate(leeway=5)
    return claims


# The library sends a challenge with a code alone.
verifier, nonce = generate_token(64) if response_type == "code" else None, generate_token(32)
more = {"response_mode": "jwt"} if signed else {}
url, state = session.create_authorization_url(
    metadata["authorization_endpoint"], response_type=response_type, code_verifier=verifier, nonce=nonce, **more
)
arrived = urlsplit(visit(url))
came = {name: value for name, (value,) in parse_qs(arrived.query or arrived.fragment).items()}
if signed:
    assert list(came) == ["response"], came
    came = jwt.decode(
        came["response"], keys, algorithms=metadata["authorization_signing_alg_values_supported"]
    ).claims
    JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client["client_id"]},
        exp={"essential": True},
    ).validate(came)
    assert came["exp"] <= time.time() + 600, came
assert came["state"] == state and came["iss"] == issuer, came

front = None
if "id_token" in response_type.split():
    kind = get_claim_cls_by_response_type(response_type)
    front = claims_of(came["id_token"], kind, code=came.get("code"), access_token=came.get("access_token"))
token = came.get("access_token")
if "code" in came:
    given = session.fetch_token(metadata["token_endpoint"], code=came["code"], code_verifier=verifier)
    token = given["access_token"]
    claims = claims_of(given["id_token"], CodeIDToken, access_token=token)
    assert front is None or (front["iss"], front["sub"]) == (claims["iss"], claims["sub"])
    front = claims
if token is not None:
    headers = {"authorization": f"Bearer {token}"}
    about = UserInfo(requests.get(metadata["userinfo_endpoint"], headers=headers, timeout=30).json())
    assert about["sub"] == front["sub"] and about.email, about
done({"sub": front["sub"]})
