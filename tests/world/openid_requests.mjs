// npm openid-client as a client that signs its proof (private_key_jwt), pushes its request (RFC 9126), and where the
// issuer takes that signs its request too (RFC 9101), and has npm jose encrypt what it signed.

import assert from 'node:assert/strict'
import * as jose from 'jose'
import * as oidc from 'openid-client'
import { done, task, visit } from './task.mjs'

const { issuer, client, key: { kid, pkcs8 }, signed_request, encrypted_request } = task
const redirect_uri = client.redirect_uris[0]
const key = await crypto.subtle.importKey(
  'pkcs8',
  Buffer.from(pkcs8, 'base64url'),
  { name: 'ECDSA', namedCurve: 'P-256' },
  false,
  ['sign'],
)

const config = await oidc.discovery(new URL(issuer), client.client_id, undefined, oidc.PrivateKeyJwt({ key, kid }), {
  execute: [oidc.allowInsecureRequests],
})
assert.ok(config.serverMetadata().token_endpoint_auth_methods_supported.includes('private_key_jwt'))

/** From the request to the tokens; `place` makes the URL for the browser. */
async function signIn(place) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const expectedState = oidc.randomState()
  const expectedNonce = oidc.randomNonce()
  const url = await place({
    redirect_uri,
    scope: 'openid email',
    response_type: 'code',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
  })
  const arrived = await visit(url)
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
  return { url, tokens: await oidc.authorizationCodeGrant(config, arrived, checks) }
}

const pushed = await signIn((parameters) => oidc.buildAuthorizationUrlWithPAR(config, parameters))
assert.deepEqual([...pushed.url.searchParams.keys()].sort(), ['client_id', 'request_uri'])
const { sub } = pushed.tokens.claims()
assert.equal((await oidc.fetchUserInfo(config, pushed.tokens.access_token, sub)).sub, sub)
const told = await oidc.tokenIntrospection(config, pushed.tokens.access_token)
assert.equal(told.active, true)

if (signed_request) {
  const signed = await signIn((parameters) => oidc.buildAuthorizationUrlWithJAR(config, parameters, { key, kid }))
  assert.ok(signed.url.searchParams.get('request'))
  assert.equal(signed.tokens.claims().sub, sub)
  const both = await signIn(async (parameters) => {
    const { searchParams } = await oidc.buildAuthorizationUrlWithJAR(config, parameters, { key, kid })
    return oidc.buildAuthorizationUrlWithPAR(config, searchParams)
  })
  assert.equal(both.tokens.claims().sub, sub)
}

if (encrypted_request) {
  const { keys } = await (await fetch(config.serverMetadata().jwks_uri)).json()
  const seal = async (parameters, alg, enc) => {
    const { searchParams } = await oidc.buildAuthorizationUrlWithJAR(config, parameters, { key, kid })
    const jwk = keys.find(({ use, kty }) => use === 'enc' && kty === (alg.startsWith('RSA') ? 'RSA' : 'EC'))
    const text = new TextEncoder().encode(searchParams.get('request'))
    const jwe = new jose.CompactEncrypt(text).setProtectedHeader({ alg, enc, kid: jwk.kid, cty: 'JWT' })
    searchParams.set('request', await jwe.encrypt(await jose.importJWK(jwk, alg)))
    return searchParams
  }
  const encrypted = await signIn(async (parameters) =>
    oidc.buildAuthorizationUrl(config, await seal(parameters, 'RSA-OAEP-256', 'A256GCM')),
  )
  assert.equal(encrypted.url.searchParams.get('request').split('.').length, 5)
  assert.equal(encrypted.tokens.claims().sub, sub)
  const all = await signIn(async (parameters) =>
    oidc.buildAuthorizationUrlWithPAR(config, await seal(parameters, 'ECDH-ES+A128KW', 'A128CBC-HS256')),
  )
  assert.equal(all.tokens.claims().sub, sub)
  // The set with keys for both uses still proves what the tenant signs.
  const set = jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri))
  await jose.jwtVerify(all.tokens.id_token, set, { issuer, audience: client.client_id })
}

const own = await oidc.clientCredentialsGrant(config)
await oidc.tokenRevocation(config, own.access_token)
assert.equal((await oidc.tokenIntrospection(config, own.access_token)).active, false)

done({ sub })
