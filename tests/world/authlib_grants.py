"""PyPI Authlib gets tokens in ways beside the usual ones: for a device, for another token, for an assertion."""

import time

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from task import done, task, visit

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"

issuer, client, flow = task["issuer"], task["client"], task["flow"]
metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=30).json()
session = OAuth2Session(client["client_id"], client["client_secret"])


def grant(kind, **parameters):
    grant_type = f"urn:ietf:params:oauth:grant-type:{kind}"
    return session.fetch_token(metadata["token_endpoint"], grant_type=grant_type, **parameters)


def device():
    login = (client["client_id"], client["client_secret"])
    wish = {"scope": "openid email"}
    codes = requests.post(metadata["device_authorization_endpoint"], wish, auth=login, timeout=30).json()
    try:
        grant("device_code", device_code=codes["device_code"])
        raise AssertionError("nobody allowed it")
    except OAuthError as error:
        assert error.error == "authorization_pending", error
    visit(codes["verification_uri_complete"])
    time.sleep(codes["interval"])
    token = grant("device_code", device_code=codes["device_code"])
    return {"scope": token["scope"]}


def exchange():
    asked = {name: task[name] for name in ("subject_token", "resource", "scope")}
    token = grant("token-exchange", subject_token_type=ACCESS_TOKEN, **asked)
    assert token["issued_token_type"] == ACCESS_TOKEN
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=30).json())
    claims = jwt.decode(token["access_token"], keys, algorithms=["RS256", "ES256", "PS256", "EdDSA"]).claims
    assert claims["aud"] == task["resource"], claims
    return {"sub": claims["sub"], "act": claims["act"]}


def jwt_bearer():
    now = int(time.time())
    claims = {"iss": task["outside"], "sub": task["subject"], "aud": issuer, "iat": now, "exp": now + 300}
    header = {"alg": task["key"]["alg"], "kid": task["key"]["kid"]}
    assertion = jwt.encode(header, {**claims, "jti": generate_token(32)}, ECKey.import_key(task["key"]))
    return {"scope": grant("jwt-bearer", assertion=assertion, scope=task["scope"])["scope"]}


done({"device": device, "exchange": exchange, "jwt_bearer": jwt_bearer}[flow]())
