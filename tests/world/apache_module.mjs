// Debian's Apache with mod_auth_openidc before a page: Chromium is sent to the issuer, signs in, and comes back to the page.
// Then, where the test says so, it waits for the module to refresh its token, and signs out: by the module, or at the issuer,
// which tells the module.

import assert from 'node:assert/strict'
import { allowUntil, logIn, openBrowser } from './person.mjs'
import { done, task } from './task.mjs'

const { authorization_endpoint, end_session_endpoint, guarded, refreshed_after, sign_out } = task
const { page, close } = await openBrowser()
try {
  const asked = []
  const brought = []
  page.on('request', (request) => {
    const { origin, pathname, searchParams, hash } = new URL(request.url())
    const form = new URLSearchParams(request.postData() ?? '')
    if (origin + pathname === authorization_endpoint) asked.push(Object.fromEntries([...searchParams, ...form]))
    if (request.isNavigationRequest() && pathname === '/guarded/callback' && !searchParams.has('logout')) {
      brought.push(form.size ? 'form' : searchParams.size ? 'query' : hash ? 'fragment' : 'nothing')
    }
  })
  const first = await page.goto(guarded)
  assert.equal(first.status(), 200)
  await logIn(page)
  await allowUntil(page, () => page.waitForURL(guarded))
  await page.waitForSelector('#guarded')

  // The session at the module is enough: the issuer is not asked again.
  const again = await page.goto(guarded)
  assert.equal(again.status(), 200)
  assert.equal(asked.length, 1)
  const headers = again.headers()
  const told = { asked: asked[0], came: brought[0], sub: headers['x-sub'], email: headers['x-email'] ?? null }

  if (refreshed_after) {
    await new Promise((passed) => setTimeout(passed, refreshed_after))
    const token = (await page.goto(guarded)).headers()['x-access-token']
    told.refreshed = Boolean(token) && token !== headers['x-access-token']
    assert.equal(asked.length, 1)
  }

  if (sign_out === 'module') {
    const place = new URL('/', guarded).href
    await page.goto(`${guarded}callback?logout=${encodeURIComponent(place)}`)
    await page.waitForURL(place)
    await page.goto(guarded)
    await page.waitForSelector('#login-submit')
  } else if (sign_out === 'issuer') {
    await page.goto(end_session_endpoint)
    await page.click('#logout-confirm')
    await page.waitForSelector('#logged-out')
    for (let left = 200; left > 0; left -= 1) {
      await page.goto(guarded)
      if (await page.$('#login-submit')) break
      await new Promise((passed) => setTimeout(passed, 100))
    }
    await page.waitForSelector('#login-submit', { timeout: 1000 })
  }
  done(told)
} finally {
  await close()
}
