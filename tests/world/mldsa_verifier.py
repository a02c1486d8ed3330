"""PyPI cryptography verifies a token with ML-DSA by the published JWK Set (RFC 9964): no JOSE library has it yet."""

import base64
import hashlib
import json

import requests
from cryptography.hazmat.primitives.asymmetric import mldsa

from task import done, task

KEYS = {
    "ML-DSA-44": mldsa.MLDSA44PublicKey,
    "ML-DSA-65": mldsa.MLDSA65PublicKey,
    "ML-DSA-87": mldsa.MLDSA87PublicKey,
}


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def verify(token):
    """The claims of a token, once its signature fits."""
    signed, signature = token.rsplit(".", 1)
    header, payload = (json.loads(decode(part)) for part in signed.split("."))
    (key,) = [key for key in keys if key["kid"] == header["kid"]]
    assert key["kty"] == "AKP" and key["alg"] == header["alg"] == task["alg"], key
    KEYS[key["alg"]].from_public_bytes(decode(key["pub"])).verify(decode(signature), signed.encode())
    return payload


keys = requests.get(task["jwks_uri"], timeout=30).json()["keys"]
claims = verify(task["access_token"])
assert claims["iss"] == task["issuer"], claims
id_claims = verify(task["id_token"])
half = hashlib.shake_256(task["access_token"].encode()).digest(64)[:32]
assert decode(id_claims["at_hash"]) == half, id_claims
done(claims)
