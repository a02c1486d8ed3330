// npm openid-client through everything: discovery, sign-in with PKCE, UserInfo, refresh, introspection, revocation, logout.

import assert from 'node:assert/strict'
import * as oidc from 'openid-client'
import { done, task, visit } from './task.mjs'

const { issuer, client } = task
const confidential = Boolean(client.client_secret)
const redirect_uri = client.redirect_uris[0]
const post_logout_redirect_uri = client.post_logout_redirect_uris[0]

const config = await oidc.discovery(
  new URL(issuer),
  client.client_id,
  undefined,
  confidential ? oidc.ClientSecretBasic(client.client_secret) : oidc.None(),
  { execute: [oidc.allowInsecureRequests] },
)
assert.equal(config.serverMetadata().issuer, issuer)

const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
const expectedState = oidc.randomState()
const expectedNonce = oidc.randomNonce()
const arrived = await visit(
  oidc.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: 'openid profile email offline_access',
    prompt: 'consent',
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
const { sub } = tokens.claims()

const about = await oidc.fetchUserInfo(config, tokens.access_token, sub)
assert.equal(about.sub, sub)
assert.ok(about.email)

const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token)
assert.equal(refreshed.claims().sub, sub)
assert.ok(refreshed.refresh_token)

let introspected = false
if (confidential) {
  const before = await oidc.tokenIntrospection(config, refreshed.access_token)
  assert.equal(before.active, true)
  assert.equal(before.sub, sub)
  introspected = true
}

await oidc.tokenRevocation(config, refreshed.refresh_token)
await assert.rejects(oidc.refreshTokenGrant(config, refreshed.refresh_token), { error: 'invalid_grant' })
await assert.rejects(oidc.fetchUserInfo(config, refreshed.access_token, sub))
if (confidential) {
  const after = await oidc.tokenIntrospection(config, refreshed.access_token)
  assert.equal(after.active, false)
}

const left = await visit(
  oidc.buildEndSessionUrl(config, {
    post_logout_redirect_uri,
    id_token_hint: tokens.id_token,
    state: 'so-long',
  }),
)
assert.equal(left.origin + left.pathname, new URL(post_logout_redirect_uri).origin + new URL(post_logout_redirect_uri).pathname)
assert.equal(left.searchParams.get('state'), 'so-long')

done({ sub, introspected })
