"""PyPI Authlib and its joserfc as a client whose ID tokens and UserInfo answers are encrypted for a key of its own."""

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwe, jwt
from joserfc.jwk import KeySet, import_key

from task import done, task, visit

issuer, client, algorithms = task["issuer"], task["client"], [task["alg"], task["enc"]]
own = import_key(task["key"])
metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=30).json()
keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=30).json())


def opened(token):
    """What was signed and then encrypted."""
    inside = jwe.decrypt_compact(token, own, algorithms=algorithms).plaintext.decode()
    return jwt.decode(inside, keys, algorithms=metadata["id_token_signing_alg_values_supported"])


session = OAuth2Session(
    client["client_id"],
    client["client_secret"],
    scope="openid email",
    redirect_uri=client["redirect_uris"][0],
    code_challenge_method="S256",
)
verifier, nonce = generate_token(64), generate_token(32)
url, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
token = session.fetch_token(
    metadata["token_endpoint"], authorization_response=visit(url), state=state, code_verifier=verifier
)
id_token = opened(token["id_token"])
params = {"client_id": client["client_id"], "nonce": nonce, "access_token": token["access_token"]}
options = {"iss": {"values": [issuer]}, "aud": {"value": client["client_id"]}}
claims = CodeIDToken(id_token.claims, id_token.header, options, params)
claims.validate(leeway=5)

about = session.get(metadata["userinfo_endpoint"])
assert about.headers["content-type"] == "application/jwt", about.headers
about = opened(about.text).claims
assert (about["iss"], about["aud"], about["sub"]) == (issuer, client["client_id"], claims["sub"]), about
assert about["email"], about
done({"sub": claims["sub"]})
