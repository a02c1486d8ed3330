// An issuer outside, made with npm jose: it makes a key, or asserts something, which npm openid-client presents (RFC 7523).

import assert from 'node:assert/strict'
import { SignJWT, exportJWK, generateKeyPair, importJWK } from 'jose'
import * as oidc from 'openid-client'
import { done, task } from './task.mjs'

const alg = 'ES256'
if (task.make) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'outside', alg, use: 'sig' }
  done({ jwks: JSON.stringify({ keys: [jwk] }), key: { ...(await exportJWK(privateKey)), kid: 'outside' } })
}

const { issuer, client, key, name, subject, scope } = task
const config = await oidc.discovery(
  new URL(issuer),
  client.client_id,
  undefined,
  oidc.ClientSecretBasic(client.client_secret),
  { execute: [oidc.allowInsecureRequests] },
)
const assertion = await new SignJWT({})
  .setProtectedHeader({ alg, kid: 'outside', typ: 'JWT' })
  .setIssuer(name)
  .setSubject(subject)
  .setAudience(issuer)
  .setJti(oidc.randomState())
  .setIssuedAt()
  .setExpirationTime('5m')
  .sign(await importJWK(key, alg))
const present = () =>
  oidc.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion, scope })
const tokens = await present()
assert.equal(tokens.refresh_token, undefined)
await assert.rejects(present(), { error: 'invalid_grant' })
done({ access_token: tokens.access_token })
