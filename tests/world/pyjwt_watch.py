"""PyPI PyJWT verifies every access token that the test names: at once, in the middle of its life and in its last
second. It knows the issuers by their JWK Sets, keeps those for as long as it is told, and never asks again before."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import jwt

from task import done, more, task

LOCK = threading.Lock()
clients = {}
counted = {"verified": {"first": 0, "middle": 0, "last": 0}, "late": 0, "unreachable": 0, "failures": []}


def client_at(uri):
    with LOCK:
        if uri not in clients:
            cache = {"lifespan": task["cache_millis"] / 1000, "cooldown_duration": 3600, "timeout": 10}
            clients[uri] = jwt.PyJWKClient(uri, **cache)
        return clients[uri]


def verify(moment, said, claims):
    """Verifies a token once; that the keys cannot be read says nothing about it."""
    while True:
        try:
            key = client_at(said["jwks_uri"]).get_signing_key_from_jwt(said["token"])
            jwt.decode(
                said["token"],
                key,
                algorithms=[key.algorithm_name],
                issuer=claims["iss"],
                audience=claims["aud"],
                leeway=task["leeway_seconds"],
            )
        except jwt.ExpiredSignatureError:
            with LOCK:
                counted["late"] += 1
            return
        except jwt.exceptions.PyJWKClientConnectionError:
            with LOCK:
                counted["unreachable"] += 1
            time.sleep(0.1)
            continue
        except jwt.PyJWTError as error:
            with LOCK:
                counted["failures"].append(f"{moment} at {time.time()}: {error!r} {said['about']}")
            return
        with LOCK:
            counted["verified"][moment] += 1
        return


def watch(said):
    claims = jwt.decode(said["token"], options={"verify_signature": False})
    verify("first", said, claims)
    time.sleep(max(0, (claims["iat"] + claims["exp"]) / 2 - time.time()))
    verify("middle", said, claims)
    time.sleep(max(0, claims["exp"] - 1 - time.time()))
    verify("last", said, claims)


with ThreadPoolExecutor(512) as pool:
    watches = [pool.submit(watch, said) for said in more()]
for finished in watches:
    finished.result()
done(counted)
