// npm oidc-client-ts in Debian's Chromium: a single-page application signs in, loads the profile, renews its tokens in a hidden
// frame, and learns that it cannot once the person has signed out.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'
import { done, task } from './task.mjs'

const { issuer, client, user } = task
const origin = new URL(client.redirect_uris[0]).origin
const library = readFileSync('node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js')

// The application: one page for everything, and one for the hidden frame.
const settings = {
  authority: issuer,
  client_id: client.client_id,
  redirect_uri: client.redirect_uris[0],
  silent_redirect_uri: client.redirect_uris[1],
  post_logout_redirect_uri: client.post_logout_redirect_uris[0],
  scope: 'openid profile email',
  loadUserInfo: true,
  automaticSilentRenew: false,
  ...task.settings,
}
const application = `<!doctype html><title>Application</title><script src="/library.js"></script>
<script>window.manager = new oidc.UserManager(${JSON.stringify(settings)})</script><h1 id="application">Application</h1>`
const frame = `<!doctype html><script src="/library.js"></script>
<script>new oidc.UserManager(${JSON.stringify(settings)}).signinSilentCallback()</script>`
const server = createServer((request, response) => {
  const path = new URL(request.url, origin).pathname
  const isLibrary = path === '/library.js'
  response.setHeader('content-type', isLibrary ? 'text/javascript' : 'text/html')
  response.end(isLibrary ? library : path === '/silent' ? frame : application)
})
await new Promise((ready) => server.listen(new URL(origin).port, '127.0.0.1', ready))

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  const page = await (await browser.newContext()).newPage()
  const inPage = (work) => page.evaluate(work)
  await page.goto(origin)
  inPage(() => void window.manager.signinRedirect()).catch(() => {})
  await page.waitForSelector('#login-submit')
  await page.fill('input[name=username]', user.username)
  await page.fill('input[name=password]', user.password)
  await page.click('#login-submit')
  await Promise.race([page.waitForSelector('#application'), page.waitForSelector('#consent-allow')])
  if (await page.$('#consent-allow')) await page.click('#consent-allow')
  await page.waitForSelector('#application')
  const signedIn = await inPage(async () => {
    const { profile, access_token } = await window.manager.signinRedirectCallback()
    return { profile, access_token }
  })
  assert.ok(signedIn.profile.sub)
  assert.ok(signedIn.profile.email, 'UserInfo was loaded from the page of the application')

  const renewed = await inPage(async () => {
    const { profile, access_token } = await window.manager.signinSilent()
    return { profile, access_token }
  })
  assert.equal(renewed.profile.sub, signedIn.profile.sub)
  assert.equal(renewed.profile.auth_time, signedIn.profile.auth_time)
  assert.notEqual(renewed.access_token, signedIn.access_token)

  // An origin that the client did not register learns nothing.
  const blocked = await page.context().newPage()
  await blocked.goto(`http://localhost:${new URL(origin).port}/`)
  const answer = await blocked.evaluate(
    ([url, token]) =>
      fetch(url, { headers: { authorization: `Bearer ${token}` } }).then((response) => response.status, () => 'blocked'),
    [`${issuer}/oauth2/userinfo`, renewed.access_token],
  )
  assert.equal(answer, 'blocked')

  inPage(() => void window.manager.signoutRedirect()).catch(() => {})
  await page.waitForURL((url) => url.href.split('?')[0] === client.post_logout_redirect_uris[0])
  const refused = await inPage(() => window.manager.signinSilent().then(() => 'renewed', (error) => error.error ?? String(error)))
  done({ sub: signedIn.profile.sub, after_sign_out: refused })
} finally {
  await browser.close()
  server.close()
}
