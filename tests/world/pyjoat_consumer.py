"""A resource server as written for PyJOAT: it gets the claims of a token and returns the key, and knows the secret alone."""

import hashlib
import hmac
import json

import jwt

from task import done, task


def salt_generator(claims):
    fields = [claims["client_id"], claims["sub"], " ".join(claims["scp"]), claims["jti"]]
    text = json.dumps(fields, separators=(",", ":"))
    return hmac.new(task["secret"].encode(), text.encode(), hashlib.sha256).digest()


token = task["access_token"]
header = jwt.get_unverified_header(token)
assert header == {"alg": "HS256", "kid": task["kid"], "typ": "at+jwt"}, header
key = salt_generator(jwt.decode(token, options={"verify_signature": False}))
claims = jwt.decode(token, key, algorithms=["HS256"], issuer=task["issuer"], audience=task["client_id"])

# The key of this token is that of no other: with a scope more it is another key.
more = dict(claims, scp=[*claims["scp"], "admin"])
forged = jwt.encode(more, key, algorithm="HS256", headers=header)
try:
    jwt.decode(forged, salt_generator(more), algorithms=["HS256"], issuer=task["issuer"], audience=task["client_id"])
    raise AssertionError("a forged token was believed")
except jwt.InvalidSignatureError:
    pass

done({
    "provider": claims["iss"],
    "client_id": claims["aud"],
    "user_id": claims["sub"],
    "authorized_scope": claims["scp"],
    "jti": claims["jti"],
    "forged": forged,
})
