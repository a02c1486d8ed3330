// npm jose alone: it verifies a signed answer (JARM), decrypts an ID token and an unsigned UserInfo answer, and hands the
// decrypted ID token back as the hint of who signs out.

import assert from 'node:assert/strict'
import * as jose from 'jose'
import { done, task, visit } from './task.mjs'

const { issuer, client, key: jwk, alg, enc } = task
const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()
assert.ok(metadata.id_token_encryption_alg_values_supported.includes(alg))
assert.ok(metadata.id_token_encryption_enc_values_supported.includes(enc))
assert.ok(metadata.userinfo_encryption_alg_values_supported.includes(alg))
const keys = jose.createRemoteJWKSet(new URL(metadata.jwks_uri))
const ours = { issuer, audience: client.client_id }

const key = await jose.importJWK(jwk, alg)
async function decrypt(jwe) {
  const only = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc] }
  const { plaintext, protectedHeader } = await jose.compactDecrypt(jwe, key, only)
  assert.equal(protectedHeader.kid, jwk.kid)
  return { text: new TextDecoder().decode(plaintext), cty: protectedHeader.cty }
}

const url = new URL(metadata.authorization_endpoint)
url.search = new URLSearchParams({
  client_id: client.client_id,
  redirect_uri: client.redirect_uris[0],
  response_type: 'code',
  response_mode: 'jwt',
  scope: 'openid email',
  state: 'a-state',
  nonce: 'a-nonce',
})
const { searchParams } = await visit(url)
const { payload: answer } = await jose.jwtVerify(searchParams.get('response'), keys, ours)
assert.equal(answer.state, 'a-state')

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
