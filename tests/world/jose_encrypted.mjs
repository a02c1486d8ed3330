// npm jose alone: it decrypts and verifies answers (JARM) in every mode, errors among them, decrypts an ID token and an
// unsigned UserInfo answer, and hands the decrypted ID token back as the hint of who signs out.

import assert from 'node:assert/strict'
import * as jose from 'jose'
import { done, task, visit } from './task.mjs'

const { issuer, client, key: jwk, alg, enc } = task
const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()
for (const answer of ['id_token', 'userinfo', 'authorization']) {
  assert.ok(metadata[`${answer}_encryption_alg_values_supported`].includes(alg))
  assert.ok(metadata[`${answer}_encryption_enc_values_supported`].includes(enc))
}
const keys = jose.createRemoteJWKSet(new URL(metadata.jwks_uri))
const ours = { issuer, audience: client.client_id }

const key = await jose.importJWK(jwk, alg)
async function decrypt(jwe) {
  const only = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc] }
  const { plaintext, protectedHeader } = await jose.compactDecrypt(jwe, key, only)
  assert.equal(protectedHeader.kid, jwk.kid)
  return { text: new TextDecoder().decode(plaintext), cty: protectedHeader.cty }
}

/** What the only parameter of an answer says, whichever way it comes. */
async function ask(response_mode, scope, response_type = 'code') {
  const url = new URL(metadata.authorization_endpoint)
  const redirect_uri = client.redirect_uris[0]
  const asked = { client_id: client.client_id, redirect_uri, response_type, response_mode, scope }
  url.search = new URLSearchParams({ ...asked, state: 'a-state', nonce: 'a-nonce' })
  const came = await visit(url)
  const place = came instanceof Request ? 'form' : came.hash ? 'fragment' : 'query'
  const text = { form: () => came.text(), fragment: () => came.hash.slice(1), query: () => came.search }[place]
  const [[name, jwe], ...more] = new URLSearchParams(await text())
  assert.deepEqual([name, more], ['response', []])
  const { text: jws, cty } = await decrypt(jwe)
  assert.equal(cty, 'JWT')
  const { payload } = await jose.jwtVerify(jws, keys, { ...ours, requiredClaims: ['exp'] })
  assert.equal(payload.state, 'a-state')
  return { place, payload }
}

for (const [mode, expected] of [
  ['query.jwt', 'query'],
  ['fragment.jwt', 'fragment'],
  ['form_post.jwt', 'form'],
  ['jwt', 'query'],
]) {
  const { place, payload } = await ask(mode, 'openid unheard:of')
  assert.deepEqual([place, payload.error, payload.code], [expected, 'invalid_scope', undefined])
  const given = await ask(mode, 'openid')
  assert.deepEqual([given.place, typeof given.payload.code], [expected, 'string'])
}
const hybrid = await ask('jwt', 'openid', 'code id_token')
assert.equal(hybrid.place, 'fragment')
// An ID token in it is encrypted for itself.
assert.equal((await decrypt(hybrid.payload.id_token)).cty, 'JWT')
const { payload: answer } = await ask('jwt', 'openid email')

const response = await fetch(metadata.token_endpoint, {
  method: 'POST',
  headers: { authorization: `Basic ${btoa(`${client.client_id}:${client.client_secret}`)}` },
  body: new URLSearchParams({
    grant_type: 'authorization_code',
    code: answer.code,
    redirect_uri: client.redirect_uris[0],
  }),
})
const tokens = await response.json()
const { text: id_token, cty } = await decrypt(tokens.id_token)
assert.equal(cty, 'JWT')
const { payload: said } = await jose.jwtVerify(id_token, keys, { ...ours, requiredClaims: ['sub', 'iat', 'exp', 'nonce'] })
assert.equal(said.nonce, 'a-nonce')

const told = await fetch(metadata.userinfo_endpoint, { headers: { authorization: `Bearer ${tokens.access_token}` } })
assert.equal(told.headers.get('content-type'), 'application/jwt')
const about = JSON.parse((await decrypt(await told.text())).text)
assert.equal(about.sub, said.sub)
assert.ok(about.email)

const out = new URL(metadata.end_session_endpoint)
const post_logout_redirect_uri = client.post_logout_redirect_uris[0]
out.search = new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri })
assert.equal((await visit(out)).href, post_logout_redirect_uri)
done({ sub: said.sub })
