"""PyPI Authlib over requests as a client that shows a certificate (RFC 8705): for itself, and for somebody who signs in."""

import tempfile
from pathlib import Path

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

from task import done, task, visit

issuer, client, method = task["issuer"], task["client"], task["method"]
metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=30).json()
assert method in metadata["token_endpoint_auth_methods_supported"]
places = metadata["mtls_endpoint_aliases"]

with tempfile.TemporaryDirectory() as folder:
    files = {name: Path(folder, name) for name in ("certificate", "key", "trusted")}
    for name, file in files.items():
        file.write_text(task[name])

    def session_of(**more):
        # The library's name for a client that sends its id and no proof: the connection has the proof.
        made = OAuth2Session(client["client_id"], token_endpoint_auth_method="none", **more)
        made.cert = (str(files["certificate"]), str(files["key"]))
        made.verify = str(files["trusted"])
        # Else what the machine's variables say of authorities would come first.
        made.trust_env = False
        return made

    own = session_of().fetch_token(places["token_endpoint"], grant_type="client_credentials", scope="profile")
    assert own["scope"] == "profile", own

    session = session_of(scope="openid email", redirect_uri=client["redirect_uris"][0], code_challenge_method="S256")
    verifier, nonce = generate_token(64), generate_token(32)
    url, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    session.fetch_token(
        places["token_endpoint"], authorization_response=visit(url), state=state, code_verifier=verifier
    )
    about = session.get(places["userinfo_endpoint"]).json()
    assert about["email"], about

done({"sub": about["sub"]})
