// npm oauth4webapi pushes a request (RFC 9126) as a client with a key of its own.

import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import { done, task, visit } from './task.mjs'

const { issuer, client: registered, key: { kid, pkcs8 } } = task
const redirect_uri = registered.redirect_uris[0]
const insecure = { [oauth.allowInsecureRequests]: true }
const key = await crypto.subtle.importKey(
  'pkcs8',
  Buffer.from(pkcs8, 'base64url'),
  { name: 'ECDSA', namedCurve: 'P-256' },
  false,
  ['sign'],
)

const as = await oauth.processDiscoveryResponse(
  new URL(issuer),
  await oauth.discoveryRequest(new URL(issuer), insecure),
)
const client = { client_id: registered.client_id }
const proof = oauth.PrivateKeyJwt({ key, kid })

const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const nonce = oauth.generateRandomNonce()
const parameters = new URLSearchParams({
  redirect_uri,
  response_type: 'code',
  scope: 'openid email',
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
})
const response = await oauth.pushedAuthorizationRequest(as, client, proof, parameters, insecure)
const pushed = await oauth.processPushedAuthorizationResponse(as, client, response)
assert.ok(pushed.expires_in >= 60 && pushed.expires_in <= 90)

const url = new URL(as.authorization_endpoint)
url.searchParams.set('client_id', client.client_id)
url.searchParams.set('request_uri', pushed.request_uri)
const answer = oauth.validateAuthResponse(as, client, await visit(url), state)
const tokens = await oauth.processAuthorizationCodeResponse(
  as,
  client,
  await oauth.authorizationCodeGrantRequest(as, client, proof, answer, redirect_uri, verifier, insecure),
  { expectedNonce: nonce, requireIdToken: true },
)

done({ sub: oauth.getValidatedIdTokenClaims(tokens).sub })
