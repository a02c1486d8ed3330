// npm oauth4webapi with a key of its own (DPoP): a code, with or without a push, refresh, UserInfo, and an API that looks at
// proofs. Where the server wants its nonce in each proof, the request is sent again with it.

import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import { done, task, visit } from './task.mjs'

const { issuer, client: registered, algorithm, pushed } = task
const redirect_uri = registered.redirect_uris[0]
const insecure = { [oauth.allowInsecureRequests]: true }
const as = await oauth.processDiscoveryResponse(
  new URL(issuer),
  await oauth.discoveryRequest(new URL(issuer), insecure),
)
assert.ok(as.dpop_signing_alg_values_supported.includes(algorithm))
const client = { client_id: registered.client_id }
const proof = registered.client_secret ? oauth.ClientSecretBasic(registered.client_secret) : oauth.None()

const DPoP = oauth.DPoP(client, await oauth.generateKeyPair(algorithm))
const options = { DPoP, ...insecure }
let nonces = 0
const withNonce = async (attempt) => {
  try {
    return await attempt()
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    nonces += 1
    return await attempt()
  }
}

const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const parameters = new URLSearchParams({
  client_id: client.client_id,
  redirect_uri,
  response_type: 'code',
  scope: 'openid email offline_access',
  prompt: 'consent',
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
})
const url = new URL(as.authorization_endpoint)
if (pushed) {
  const { request_uri } = await withNonce(async () =>
    oauth.processPushedAuthorizationResponse(
      as,
      client,
      await oauth.pushedAuthorizationRequest(as, client, proof, parameters, options),
    ),
  )
  url.search = new URLSearchParams({ client_id: client.client_id, request_uri })
} else {
  parameters.set('dpop_jkt', await DPoP.calculateThumbprint())
  url.search = parameters
}
const answer = oauth.validateAuthResponse(as, client, await visit(url), state)
const tokens = await withNonce(async () =>
  oauth.processAuthorizationCodeResponse(
    as,
    client,
    await oauth.authorizationCodeGrantRequest(as, client, proof, answer, redirect_uri, verifier, options),
    { requireIdToken: true },
  ),
)
assert.equal(tokens.token_type, 'dpop')
const { sub } = oauth.getValidatedIdTokenClaims(tokens)

const ask = (access_token) =>
  withNonce(async () =>
    oauth.processUserInfoResponse(as, client, sub, await oauth.userInfoRequest(as, client, access_token, options)),
  )
assert.ok((await ask(tokens.access_token)).email)

const refreshed = await withNonce(async () =>
  oauth.processRefreshTokenResponse(
    as,
    client,
    await oauth.refreshTokenGrantRequest(as, client, proof, tokens.refresh_token, options),
  ),
)
assert.equal(refreshed.token_type, 'dpop')
assert.ok((await ask(refreshed.access_token)).email)

// And an API of the library's own that is called with token and proof.
const headers = new Headers()
const api = 'https://api.example/accounts'
const seen = await new Promise((resolve) => {
  oauth.protectedResourceRequest(refreshed.access_token, 'GET', new URL(api), headers, undefined, {
    DPoP,
    [oauth.customFetch]: async (to, { headers }) => {
      resolve(new Request(to, { headers }))
      return new Response()
    },
  })
})
const { cnf } = await oauth.validateJwtAccessToken(as, seen, issuer, { requireDPoP: true, ...insecure })
assert.equal(cnf.jkt, await DPoP.calculateThumbprint())
done({ sub, nonces })
