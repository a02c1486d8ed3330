// npm openid-client with a key of its own (DPoP): a code, with or without a push, refresh and UserInfo. Where the server
// wants its nonce in each proof, the library begins anew with it by itself.

import assert from 'node:assert/strict'
import * as jose from 'jose'
import * as oidc from 'openid-client'
import { done, task, visit } from './task.mjs'

const { issuer, client, algorithm, pushed } = task
const redirect_uri = client.redirect_uris[0]
const config = await oidc.discovery(
  new URL(issuer),
  client.client_id,
  undefined,
  client.client_secret ? oidc.ClientSecretBasic(client.client_secret) : oidc.None(),
  { execute: [oidc.allowInsecureRequests] },
)
assert.ok(config.serverMetadata().dpop_signing_alg_values_supported.includes(algorithm))

const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair(algorithm))
const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
const expectedState = oidc.randomState()
const expectedNonce = oidc.randomNonce()
const parameters = {
  redirect_uri,
  scope: 'openid email offline_access',
  prompt: 'consent',
  code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
  state: expectedState,
  nonce: expectedNonce,
}
const arrived = await visit(
  pushed
    ? await oidc.buildAuthorizationUrlWithPAR(config, parameters, { DPoP })
    : oidc.buildAuthorizationUrl(config, { ...parameters, dpop_jkt: await DPoP.calculateThumbprint() }),
)

const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
const tokens = await oidc.authorizationCodeGrant(config, arrived, checks, undefined, { DPoP })
assert.equal(tokens.token_type, 'dpop')
const { sub } = tokens.claims()
const jkt = await DPoP.calculateThumbprint()
assert.equal(jose.decodeJwt(tokens.access_token).cnf.jkt, jkt)

const about = await oidc.fetchUserInfo(config, tokens.access_token, sub, { DPoP })
assert.ok(about.email)
// The token by itself is of no use.
await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, sub))

const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
assert.equal(refreshed.token_type, 'dpop')
assert.equal(refreshed.claims().sub, sub)
await oidc.fetchUserInfo(config, refreshed.access_token, sub, { DPoP })
const thief = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair(algorithm))
await assert.rejects(oidc.fetchUserInfo(config, refreshed.access_token, sub, { DPoP: thief }))
if (!client.client_secret) {
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: thief }), {
    error: 'invalid_grant',
  })
}
await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token))
done({ sub, jkt })
