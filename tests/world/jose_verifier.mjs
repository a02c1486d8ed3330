// npm jose verifies an access token (RFC 9068) by the published JWK Set.

import { createRemoteJWKSet, jwtVerify } from 'jose'
import { done, task } from './task.mjs'

const keys = createRemoteJWKSet(new URL(task.jwks_uri))
const { payload } = await jwtVerify(task.access_token, keys, {
  issuer: task.issuer,
  audience: task.issuer,
  typ: 'at+jwt',
  requiredClaims: ['exp', 'iat', 'jti', 'sub', 'client_id'],
})
done(payload)
