// Debian's Chromium, driven by npm playwright-core: sign-in, consent, form_post, sign-out.

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
  // The application is not there; what the browser would bring to it is answered here.
  const redirect_uri = client.redirect_uris[0]
  const brought = []
  for (const target of [redirect_uri, client.post_logout_redirect_uris[0]]) {
    await page.route((url) => url.href.split('?')[0] === target, async (route) => {
      brought.push({ url: new URL(route.request().url()), body: route.request().postData() })
      await route.fulfill({ contentType: 'text/html', body: '<h1 id="arrived">arrived</h1>' })
    })
  }

  const begin = async (more) => {
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
    const expectedState = oidc.randomState()
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri,
      scope: 'openid profile email offline_access',
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      ...more,
    })
    await page.goto(url.href)
    return { pkceCodeVerifier, expectedState }
  }

  const checks = await begin({ prompt: 'consent' })
  await logIn(page, 'not the password')
  await page.waitForSelector('#trouble')
  await logIn(page)
  await page.click('#consent-allow')
  await page.waitForSelector('#arrived')
  const tokens = await oidc.authorizationCodeGrant(config, brought.at(-1).url, checks)
  assert.ok(tokens.refresh_token)

  // The session is there: no page but the one that posts the answer.
  await begin({ response_mode: 'form_post' })
  await page.waitForSelector('#arrived')
  assert.match(brought.at(-1).body, /(^|&)code=/)

  await page.goto(oidc.buildEndSessionUrl(config, {}).href)
  await page.click('#logout-confirm')
  await page.waitForSelector('#logged-out')
  await begin({})
  await page.waitForSelector('#login-submit')

  await page.goto(`${issuer}/oauth2/authorize?client_id=nobody`)
  assert.ok(await page.textContent('#oauth-error'))
} finally {
  await close()
}
done({ refused })
