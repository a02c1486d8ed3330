// npm oauth4webapi takes answers of the authorization endpoint: plain, posted, hybrid, with an ID token as detached
// signature (FAPI 1.0 Advanced), and signed (JARM).

import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import { done, task, visit } from './task.mjs'

const { issuer, client: registered, flow } = task
const redirect_uri = registered.redirect_uris[0]
const insecure = { [oauth.allowInsecureRequests]: true }
const as = await oauth.processDiscoveryResponse(
  new URL(issuer),
  await oauth.discoveryRequest(new URL(issuer), insecure),
)
const client = { client_id: registered.client_id, authorization_signed_response_alg: 'RS256' }
const proof = oauth.ClientSecretBasic(registered.client_secret)

const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const nonce = oauth.generateRandomNonce()
const FLOWS = {
  query: {
    parameters: {},
    validate: (url) => oauth.validateAuthResponse(as, client, url, state),
  },
  form_post: {
    parameters: { response_mode: 'form_post' },
    validate: async (request) => oauth.validateAuthResponse(as, client, new URLSearchParams(await request.text()), state),
  },
  hybrid: {
    parameters: { response_type: 'code id_token' },
    validate: (url) => oauth.validateCodeIdTokenResponse(as, client, url, nonce, state, undefined, insecure),
  },
  hybrid_form_post: {
    parameters: { response_type: 'code id_token', response_mode: 'form_post' },
    validate: (request) => oauth.validateCodeIdTokenResponse(as, client, request, nonce, state, undefined, insecure),
  },
  detached: {
    parameters: { response_type: 'code id_token' },
    validate: (url) => oauth.validateDetachedSignatureResponse(as, client, url, nonce, state, undefined, insecure),
  },
  detached_form_post: {
    parameters: { response_type: 'code id_token', response_mode: 'form_post' },
    validate: (request) =>
      oauth.validateDetachedSignatureResponse(as, client, request, nonce, state, undefined, insecure),
  },
  jarm: {
    parameters: { response_mode: 'jwt' },
    validate: (url) => oauth.validateJwtAuthResponse(as, client, url, state, insecure),
  },
  jarm_form_post: {
    parameters: { response_mode: 'form_post.jwt' },
    validate: async (request) =>
      oauth.validateJwtAuthResponse(as, client, new URLSearchParams(await request.text()), state, insecure),
  },
}
const { parameters, validate } = FLOWS[flow]

const url = new URL(as.authorization_endpoint)
url.search = new URLSearchParams({
  client_id: client.client_id,
  redirect_uri,
  response_type: 'code',
  scope: 'openid email',
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
  ...parameters,
})
const answer = await validate(await visit(url))
const response = await oauth.authorizationCodeGrantRequest(as, client, proof, answer, redirect_uri, verifier, insecure)
const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
  expectedNonce: nonce,
  requireIdToken: true,
})
// The signature of the ID token too, which TLS makes superfluous elsewhere (OpenID Connect Core section 3.1.3.7).
await oauth.validateApplicationLevelSignature(as, response, insecure)
const { sub } = oauth.getValidatedIdTokenClaims(tokens)

const about = await oauth.processUserInfoResponse(
  as,
  client,
  sub,
  await oauth.userInfoRequest(as, client, tokens.access_token, insecure),
)
assert.ok(about.email)

// And an API that is called with the token (RFC 9068).
const call = new Request(issuer, { headers: { authorization: `Bearer ${tokens.access_token}` } })
const { client_id } = await oauth.validateJwtAccessToken(as, call, issuer, insecure)
done({ sub, client_id })
