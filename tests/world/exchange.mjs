// npm openid-client exchanges a token (RFC 8693), and npm jose verifies what comes.

import assert from 'node:assert/strict'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { done, task } from './task.mjs'

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

const { issuer, client, subject_token, resource, scope } = task
const config = await oidc.discovery(
  new URL(issuer),
  client.client_id,
  undefined,
  oidc.ClientSecretBasic(client.client_secret),
  { execute: [oidc.allowInsecureRequests] },
)
const tokens = await oidc.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
  subject_token,
  subject_token_type: ACCESS_TOKEN,
  requested_token_type: ACCESS_TOKEN,
  resource,
  scope,
})
assert.equal(tokens.issued_token_type, ACCESS_TOKEN)
assert.equal(tokens.token_type, 'bearer')
assert.equal(tokens.scope, scope)
assert.equal(tokens.refresh_token, undefined)
assert.equal(tokens.id_token, undefined)
const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri))
await jwtVerify(tokens.access_token, keys, { issuer, audience: resource, typ: 'at+jwt' })
done({ access_token: tokens.access_token })
