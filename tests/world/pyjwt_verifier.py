"""PyPI PyJWT verifies an access token (RFC 9068) with its own JWK client."""

import jwt

from task import done, task

token = task["access_token"]
assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
key = jwt.PyJWKClient(task["jwks_uri"]).get_signing_key_from_jwt(token)
claims = jwt.decode(
    token,
    key,
    algorithms=[key.algorithm_name],
    issuer=task["issuer"],
    audience=task["issuer"],
    options={"require": ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"]},
)
done(claims)
