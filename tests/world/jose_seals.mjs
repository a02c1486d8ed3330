// npm jose encrypts texts to the keys that a tenant publishes for that, each in every way that it advertises.

import assert from 'node:assert/strict'
import * as jose from 'jose'
import { done, task } from './task.mjs'

const metadata = await (await fetch(`${task.issuer}/.well-known/openid-configuration`)).json()
const { keys } = await (await fetch(metadata.jwks_uri)).json()
const sealed = []
for (const alg of metadata.request_object_encryption_alg_values_supported) {
  const jwk = keys.find((key) => key.use === 'enc' && key.kty === (alg.startsWith('RSA') ? 'RSA' : 'EC'))
  assert.ok(jwk.alg === undefined || jwk.alg === alg)
  const key = await jose.importJWK(jwk, alg)
  for (const enc of metadata.request_object_encryption_enc_values_supported) {
    const jwe = new jose.CompactEncrypt(new TextEncoder().encode(task.text))
    sealed.push({ alg, enc, text: await jwe.setProtectedHeader({ alg, enc, kid: jwk.kid, cty: 'JWT' }).encrypt(key) })
  }
}
done({ sealed })
