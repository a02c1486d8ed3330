// Debian's Chromium, driven by npm playwright-core: somebody connects one device, which asks all the while as a command line
// does, and refuses another.

import assert from 'node:assert/strict'
import * as oidc from 'openid-client'
import { logIn, openBrowser } from './person.mjs'
import { done, task } from './task.mjs'

const { issuer, client } = task
const config = await oidc.discovery(new URL(issuer), client.client_id, undefined, oidc.None(), {
  execute: [oidc.allowInsecureRequests],
})

const { page, refused, close } = await openBrowser()
try {
  // The code is typed, wrongly first.
  const typed = await oidc.initiateDeviceAuthorization(config, { scope: 'openid email' })
  const polled = oidc.pollDeviceAuthorizationGrant(config, typed)
  await page.goto(typed.verification_uri)
  await logIn(page)
  await page.fill('#user_code', 'BBBB-BBBB')
  await page.click('#device-continue')
  assert.ok(await page.textContent('#trouble'))
  await page.fill('#user_code', typed.user_code.toLowerCase().replace('-', ' '))
  await page.click('#device-continue')
  assert.equal(await page.textContent('#device-code'), typed.user_code)
  assert.match(await page.textContent('#device-place'), /127\.0\.0\.1|::1/)
  assert.match(await page.textContent('.scopes'), /email/)
  await page.click('#device-allow')
  await page.waitForSelector('#device-done')
  assert.ok((await polled).claims().sub)

  // The address brings the code along, and nothing is allowed by that alone.
  const brought = await oidc.initiateDeviceAuthorization(config, { scope: 'openid' })
  await page.goto(brought.verification_uri_complete)
  assert.equal(await page.textContent('#device-code'), brought.user_code)
  await page.click('#device-deny')
  await page.waitForSelector('#device-done')
  await assert.rejects(oidc.pollDeviceAuthorizationGrant(config, brought), { error: 'access_denied' })
} finally {
  await close()
}
done({ refused })
