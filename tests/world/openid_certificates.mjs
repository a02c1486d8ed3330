// npm openid-client as a client that shows a certificate (RFC 8705): for itself, and for somebody who signs in.

import assert from 'node:assert/strict'
import * as oidc from 'openid-client'
import { fetchWithCertificate } from './certified.mjs'
import { done, task, visit } from './task.mjs'

const { issuer, client, method } = task
const redirect_uri = client.redirect_uris[0]

const config = await oidc.discovery(
  new URL(issuer),
  client.client_id,
  { use_mtls_endpoint_aliases: true },
  oidc.TlsClientAuth(),
  { execute: [oidc.allowInsecureRequests], [oidc.customFetch]: fetchWithCertificate },
)
const known = config.serverMetadata()
assert.ok(known.token_endpoint_auth_methods_supported.includes(method))
assert.ok(known.mtls_endpoint_aliases.token_endpoint.startsWith('https://localhost:'))

const own = await oidc.clientCredentialsGrant(config, { scope: 'profile' })
assert.equal(own.scope, 'profile')
assert.equal((await oidc.tokenIntrospection(config, own.access_token)).active, true)

const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
const expectedState = oidc.randomState()
const expectedNonce = oidc.randomNonce()
const url = await oidc.buildAuthorizationUrlWithPAR(config, {
  redirect_uri,
  scope: 'openid email offline_access',
  prompt: 'consent',
  response_type: 'code',
  code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
  state: expectedState,
  nonce: expectedNonce,
})
const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
const tokens = await oidc.authorizationCodeGrant(config, await visit(url), checks)
const { sub } = tokens.claims()
assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, sub)).sub, sub)
const later = await oidc.refreshTokenGrant(config, tokens.refresh_token)
assert.equal((await oidc.tokenIntrospection(config, later.access_token)).active, true)
await oidc.tokenRevocation(config, later.refresh_token)
assert.equal((await oidc.tokenIntrospection(config, later.access_token)).active, false)

done({ sub })
