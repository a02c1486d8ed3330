// npm openid-client as a client whose ID tokens, UserInfo answers and signed answers (JARM) are encrypted for a key of its
// own, in the code flow and in the hybrid one, and whose introspection answers are signed.

import assert from 'node:assert/strict'
import { importJWK } from 'jose'
import * as oidc from 'openid-client'
import { done, task, visit } from './task.mjs'

const { issuer, client, key: jwk, alg, enc } = task
const key = { key: await importJWK(jwk, alg), alg, kid: jwk.kid }
const parts = (token) => token.split('.').length

async function signIn(...execute) {
  const config = await oidc.discovery(
    new URL(issuer),
    client.client_id,
    { userinfo_signed_response_alg: 'RS256', introspection_signed_response_alg: 'RS256' },
    oidc.ClientSecretBasic(client.client_secret),
    { execute: [oidc.allowInsecureRequests, ...execute] },
  )
  oidc.enableDecryptingResponses(config, [enc], key)
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const expectedState = oidc.randomState()
  const expectedNonce = oidc.randomNonce()
  const arrived = await visit(
    oidc.buildAuthorizationUrl(config, {
      redirect_uri: client.redirect_uris[0],
      scope: 'openid email offline_access',
      prompt: 'consent',
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
    }),
  )
  const checks = { pkceCodeVerifier, expectedState, expectedNonce }
  return { config, arrived, tokens: await oidc.authorizationCodeGrant(config, arrived, checks) }
}

const { config, tokens } = await signIn(oidc.enableNonRepudiationChecks)
assert.equal(parts(tokens.id_token), 5)
const { sub } = tokens.claims()
const about = await oidc.fetchUserInfo(config, tokens.access_token, sub)
assert.ok(about.email)
const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token)
assert.equal(parts(refreshed.id_token), 5)
assert.equal(refreshed.claims().sub, sub)
assert.equal((await oidc.tokenIntrospection(config, refreshed.access_token)).active, true)

const hybrid = await signIn(oidc.useCodeIdTokenResponseType)
assert.equal(parts(new URLSearchParams(hybrid.arrived.hash.slice(1)).get('id_token')), 5)
assert.equal(hybrid.tokens.claims().sub, sub)

const signed = await signIn(oidc.useJwtResponseMode)
assert.equal(parts(signed.arrived.searchParams.get('response')), 5)
assert.equal(signed.tokens.claims().sub, sub)
done({ sub })
