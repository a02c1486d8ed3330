// npm oauth4webapi with npm jose as its decryption: encrypted answers (JARM), ID tokens and UserInfo, and signed
// introspection (RFC 9701).

import assert from 'node:assert/strict'
import { compactDecrypt, importJWK } from 'jose'
import * as oauth from 'oauth4webapi'
import { done, task, visit } from './task.mjs'

const { issuer, client: registered, key: jwk, alg, enc } = task
const redirect_uri = registered.redirect_uris[0]
const key = await importJWK(jwk, alg)
let decrypted = 0
const options = {
  [oauth.allowInsecureRequests]: true,
  [oauth.jweDecrypt]: async (jwe) => {
    const only = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc] }
    const { plaintext } = await compactDecrypt(jwe, key, only)
    decrypted += 1
    return new TextDecoder().decode(plaintext)
  },
}

const as = await oauth.processDiscoveryResponse(
  new URL(issuer),
  await oauth.discoveryRequest(new URL(issuer), options),
)
const client = {
  client_id: registered.client_id,
  userinfo_signed_response_alg: 'RS256',
  introspection_signed_response_alg: 'RS256',
}
const proof = oauth.ClientSecretBasic(registered.client_secret)

const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const nonce = oauth.generateRandomNonce()
const url = new URL(as.authorization_endpoint)
url.search = new URLSearchParams({
  client_id: client.client_id,
  redirect_uri,
  response_type: 'code',
  response_mode: 'jwt',
  scope: 'openid email',
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
})
const answer = await oauth.validateJwtAuthResponse(as, client, await visit(url), state, options)
assert.equal(decrypted, 1)

/** Checks the signature of what came with an answer too. */
async function signed(response, process) {
  const result = await process(response)
  await oauth.validateApplicationLevelSignature(as, response, options)
  return result
}

const tokens = await signed(
  await oauth.authorizationCodeGrantRequest(as, client, proof, answer, redirect_uri, verifier, options),
  (response) =>
    oauth.processAuthorizationCodeResponse(as, client, response, {
      ...options,
      expectedNonce: nonce,
      requireIdToken: true,
    }),
)
const { sub } = oauth.getValidatedIdTokenClaims(tokens)
const about = await signed(await oauth.userInfoRequest(as, client, tokens.access_token, options), (response) =>
  oauth.processUserInfoResponse(as, client, sub, response, options),
)
assert.ok(about.email)
assert.equal(decrypted, 3)

const told = await signed(await oauth.introspectionRequest(as, client, proof, tokens.access_token, options), (response) =>
  oauth.processIntrospectionResponse(as, client, response, options),
)
assert.equal(told.active, true)
assert.equal(told.sub, sub)
done({ sub })
