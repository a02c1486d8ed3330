// Debian's Apache with mod_auth_openidc before a page: Chromium is sent to the issuer, signs in, and comes back to the page.

import assert from 'node:assert/strict'
import { chromium } from 'playwright-core'
import { done, task } from './task.mjs'

const { guarded, user } = task
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  const page = await (await browser.newContext()).newPage()
  const asked = []
  page.on('request', (request) => {
    if (request.url().includes('/oauth2/authorize?')) asked.push(new URL(request.url()).searchParams)
  })
  const first = await page.goto(guarded)
  assert.equal(first.status(), 200, await page.content())
  await page.fill('input[name=username]', user.username)
  await page.fill('input[name=password]', user.password)
  await page.click('#login-submit')
  // What is allowed once is not asked again.
  await Promise.race([page.waitForURL(guarded), page.waitForSelector('#consent-allow')])
  if (page.url() !== guarded) await page.click('#consent-allow')
  await page.waitForURL(guarded)
  await page.waitForSelector('#guarded')

  // The session at the module is enough: the issuer is not asked again.
  const again = await page.goto(guarded)
  assert.equal(again.status(), 200)
  assert.equal(asked.length, 1)
  const headers = again.headers()
  done({
    response_type: asked[0].get('response_type'),
    response_mode: asked[0].get('response_mode'),
    sub: headers['x-sub'],
    email: headers['x-email'] ?? null,
  })
} finally {
  await browser.close()
}
