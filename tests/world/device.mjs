// npm openid-client connects a device (RFC 8628).

import assert from 'node:assert/strict'
import * as oidc from 'openid-client'
import { done, task, visit } from './task.mjs'

const { issuer, client } = task
const config = await oidc.discovery(new URL(issuer), client.client_id, undefined, oidc.None(), {
  execute: [oidc.allowInsecureRequests],
})
const refused = []
const ask = async (device_code) => {
  try {
    await oidc.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:device_code', { device_code })
  } catch (error) {
    refused.push(error.error)
  }
}

const hasty = await oidc.initiateDeviceAuthorization(config, { scope: 'openid' })
await ask(hasty.device_code)
await ask(hasty.device_code)

const codes = await oidc.initiateDeviceAuthorization(config, { scope: 'openid email offline_access' })
assert.match(codes.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
assert.equal(codes.verification_uri, `${issuer}/device`)
assert.equal(codes.expires_in, 600)
assert.equal(codes.interval, 5)
await visit(codes.verification_uri_complete)
const tokens = await oidc.pollDeviceAuthorizationGrant(config, codes)
const { sub } = tokens.claims()
const about = await oidc.fetchUserInfo(config, tokens.access_token, sub)
assert.ok(about.email)
const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token)
assert.equal(refreshed.claims().sub, sub)
await ask(codes.device_code)
done({ refused })
