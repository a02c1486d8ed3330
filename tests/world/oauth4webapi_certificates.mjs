// npm oauth4webapi as a client that shows a certificate (RFC 8705): for itself, and for somebody who signs in.

import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import { fetchWithCertificate } from './certified.mjs'
import { done, task, visit } from './task.mjs'

const { issuer, client: registered, method } = task
const redirect_uri = registered.redirect_uris[0]
const how = { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: fetchWithCertificate }

const as = await oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer), how))
assert.ok(as.token_endpoint_auth_methods_supported.includes(method))
const client = { client_id: registered.client_id, use_mtls_endpoint_aliases: true }
const proof = oauth.TlsClientAuth()

const parameters = new URLSearchParams({ scope: 'profile' })
const own = await oauth.processClientCredentialsResponse(
  as,
  client,
  await oauth.clientCredentialsGrantRequest(as, client, proof, parameters, how),
)
assert.equal(own.scope, 'profile')

const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const nonce = oauth.generateRandomNonce()
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
  await oauth.authorizationCodeGrantRequest(as, client, proof, answer, redirect_uri, verifier, how),
  { expectedNonce: nonce, requireIdToken: true },
)
const { sub } = oauth.getValidatedIdTokenClaims(tokens)
const about = await oauth.processUserInfoResponse(
  as,
  client,
  sub,
  await oauth.userInfoRequest(as, client, tokens.access_token, how),
)

done({ sub: about.sub })
