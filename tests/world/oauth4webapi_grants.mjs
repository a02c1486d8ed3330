// npm oauth4webapi gets tokens in ways beside the usual ones: for a device, for another token, for an assertion.

import assert from 'node:assert/strict'
import { SignJWT, importJWK } from 'jose'
import * as oauth from 'oauth4webapi'
import { done, task, visit } from './task.mjs'

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

const { issuer, client: registered, flow } = task
const insecure = { [oauth.allowInsecureRequests]: true }
const as = await oauth.processDiscoveryResponse(
  new URL(issuer),
  await oauth.discoveryRequest(new URL(issuer), insecure),
)
const client = { client_id: registered.client_id }
const proof = oauth.ClientSecretBasic(registered.client_secret)

/** Any grant, with its parameters. */
async function grant(type, parameters) {
  const response = await oauth.genericTokenEndpointRequest(as, client, proof, type, parameters, insecure)
  return oauth.processGenericTokenEndpointResponse(as, client, response)
}

/** As a command line does: it shows where to go, and asks again and again meanwhile (RFC 8628 section 3.4). */
async function device() {
  const codes = await oauth.processDeviceAuthorizationResponse(
    as,
    client,
    await oauth.deviceAuthorizationRequest(as, client, proof, { scope: 'openid email' }, insecure),
  )
  const waits = []
  for (let arrived; ; ) {
    const response = await oauth.deviceCodeGrantRequest(as, client, proof, codes.device_code, insecure)
    try {
      const tokens = await oauth.processDeviceCodeResponse(as, client, response)
      return { waits, sub: oauth.getValidatedIdTokenClaims(tokens).sub }
    } catch (error) {
      if (error.error !== 'authorization_pending') throw error
      waits.push(error.error)
    }
    arrived ??= await visit(codes.verification_uri_complete)
    await new Promise((passed) => setTimeout(passed, codes.interval * 1000))
  }
}

async function exchange() {
  const { resource, scope, subject_token } = task
  const tokens = await grant('urn:ietf:params:oauth:grant-type:token-exchange', {
    subject_token,
    subject_token_type: ACCESS_TOKEN,
    resource,
    scope,
  })
  assert.equal(tokens.issued_token_type, ACCESS_TOKEN)
  const call = new Request(resource, { headers: { authorization: `Bearer ${tokens.access_token}` } })
  const { sub, act } = await oauth.validateJwtAccessToken(as, call, resource, insecure)
  return { sub, act }
}

async function jwt_bearer() {
  const { outside, key, subject, scope } = task
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT' })
    .setIssuer(outside)
    .setSubject(subject)
    .setAudience(issuer)
    .setJti(oauth.generateRandomState())
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(await importJWK(key, key.alg))
  const tokens = await grant('urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion, scope })
  return { scope: tokens.scope }
}

done(await { device, exchange, jwt_bearer }[flow]())
