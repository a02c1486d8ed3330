// npm openid-client registers a client (RFC 7591), signs somebody in with it, and removes it again (RFC 7592).

import assert from 'node:assert/strict'
import * as oidc from 'openid-client'
import { done, task, visit } from './task.mjs'

const { issuer, initial_access_token: initialAccessToken } = task
const redirect_uri = 'https://registered.example/cb'

const config = await oidc.dynamicClientRegistration(
  new URL(issuer),
  {
    client_name: 'Registered by openid-client',
    redirect_uris: [redirect_uri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_post',
  },
  undefined,
  { initialAccessToken, execute: [oidc.allowInsecureRequests] },
)
const registered = config.clientMetadata()
assert.ok(registered.client_id && registered.client_secret)
assert.equal(registered.client_secret_expires_at, 0)

const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
const [expectedState, expectedNonce] = [oidc.randomState(), oidc.randomNonce()]
const arrived = await visit(
  oidc.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: 'openid email',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
  }),
)
const tokens = await oidc.authorizationCodeGrant(config, arrived, {
  pkceCodeVerifier,
  expectedState,
  expectedNonce,
  idTokenExpected: true,
})
const { sub, aud } = tokens.claims()
assert.equal(aud, registered.client_id)
assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, sub)).sub, sub)

const bearer = { authorization: `Bearer ${registered.registration_access_token}` }
const gone = await fetch(registered.registration_client_uri, { method: 'DELETE', headers: bearer })
assert.equal(gone.status, 204)

done({ sub })
