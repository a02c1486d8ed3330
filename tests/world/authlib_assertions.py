"""PyPI Authlib as a client that signs its proof, with a key of its own or with its secret."""

import base64
import time

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from cryptography.hazmat.primitives import serialization
from joserfc.jwk import ECKey

from task import done, task, visit

issuer, client, method = task["issuer"], task["client"], task["method"]
metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=30).json()
assert method in metadata["token_endpoint_auth_methods_supported"]
endpoint = metadata["token_endpoint"]

if method == "private_key_jwt":
    der = base64.urlsafe_b64decode(task["key"]["pkcs8"] + "==")
    pem = serialization.load_der_private_key(der, None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    secret = ECKey.import_key(pem)
    kind, alg, headers = PrivateKeyJWT, "ES256", {"kid": task["key"]["kid"]}
else:
    secret, kind, alg, headers = client["client_secret"], ClientSecretJWT, "HS256", {}


class Proof(kind):
    """The library's own, but for a life of a minute: its hour is longer than the server believes."""

    def sign(self, auth, token_endpoint):
        self.claims = {"exp": int(time.time()) + 60, "jti": generate_token(32)}
        return super().sign(auth, token_endpoint)


def session_of(**more):
    made = OAuth2Session(client["client_id"], secret, token_endpoint_auth_method=method, **more)
    made.register_client_auth_method(Proof(endpoint, headers=headers, alg=alg))
    return made


session = session_of(scope="openid email", redirect_uri=client["redirect_uris"][0], code_challenge_method="S256")
verifier, nonce = generate_token(64), generate_token(32)
url, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
token = session.fetch_token(endpoint, authorization_response=visit(url), state=state, code_verifier=verifier)
about = session.get(metadata["userinfo_endpoint"]).json()
assert about["email"], about

assert session_of().fetch_token(endpoint, grant_type="client_credentials")["token_type"] == "Bearer"

done({"sub": about["sub"]})
