"""PyPI PyJWT verifies what leaves through the browser with its own JWK client: hybrid ID tokens and signed answers."""

import base64
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import requests

from task import done, task, visit

issuer, client, response_type, mode = task["issuer"], task["client"], task["response_type"], task["response_mode"]
metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=30).json()
keys = jwt.PyJWKClient(metadata["jwks_uri"])


def verify(token, *required):
    """As PyJWT's documentation does for OpenID Connect; the algorithm's object is what hashes."""
    key = keys.get_signing_key_from_jwt(token)
    decoded = jwt.decode_complete(
        token,
        key,
        algorithms=[key.algorithm_name],
        issuer=issuer,
        audience=client["client_id"],
        options={"require": ["iss", "aud", "exp", *required]},
    )
    return decoded["payload"], jwt.get_algorithm_by_name(decoded["header"]["alg"])


def half_hash(algorithm, text):
    digest = algorithm.compute_hash_digest(text.encode())
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


asked = {
    "client_id": client["client_id"],
    "redirect_uri": client["redirect_uris"][0],
    "response_type": response_type,
    "response_mode": mode,
    "scope": "openid email",
    "state": "a-state",
    "nonce": "a-nonce",
}
arrived = urlsplit(visit(f"{metadata['authorization_endpoint']}?{urlencode(asked)}"))
came = {name: value for name, (value,) in parse_qs(arrived.query or arrived.fragment).items()}
if mode.endswith("jwt"):
    came, _ = verify(came["response"])
assert (came["state"], came["iss"]) == ("a-state", issuer), came

claims = {}
if "id_token" in came:
    claims, algorithm = verify(came["id_token"], "sub", "iat", "nonce")
    assert claims["nonce"] == "a-nonce", claims
    for token, hashed in [("code", "c_hash"), ("access_token", "at_hash"), ("state", "s_hash")]:
        assert (token in came) == (hashed in claims), claims
        assert token not in came or half_hash(algorithm, came[token]) == claims[hashed], hashed
done({"came": sorted(came), "where": "query" if arrived.query else "fragment", "claims": sorted(claims)})
