// npm oauth4webapi registers a client (RFC 7591) and signs somebody in with it.

import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import { done, task, visit } from './task.mjs'

const { issuer, initial_access_token: initialAccessToken } = task
const redirect_uri = 'https://registered.example/cb'
const insecure = { [oauth.allowInsecureRequests]: true }

const as = await oauth.processDiscoveryResponse(
  new URL(issuer),
  await oauth.discoveryRequest(new URL(issuer), insecure),
)
const client = await oauth.processDynamicClientRegistrationResponse(
  await oauth.dynamicClientRegistrationRequest(
    as,
    { client_name: 'Registered by oauth4webapi', redirect_uris: [redirect_uri] },
    { initialAccessToken, ...insecure },
  ),
)
assert.equal(client.token_endpoint_auth_method, 'client_secret_basic')
const proof = oauth.ClientSecretBasic(client.client_secret)

const verifier = oauth.generateRandomCodeVerifier()
const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
const url = new URL(as.authorization_endpoint)
for (const [name, value] of Object.entries({
  client_id: client.client_id,
  redirect_uri,
  response_type: 'code',
  scope: 'openid email',
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
})) {
  url.searchParams.set(name, value)
}
const answer = oauth.validateAuthResponse(as, client, await visit(url), state)
const tokens = await oauth.processAuthorizationCodeResponse(
  as,
  client,
  await oauth.authorizationCodeGrantRequest(as, client, proof, answer, redirect_uri, verifier, insecure),
  { expectedNonce: nonce, requireIdToken: true },
)

done({ sub: oauth.getValidatedIdTokenClaims(tokens).sub })
