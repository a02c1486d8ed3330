// Debian's Chromium, driven by npm playwright-core: sign-in, consent, form_post, sign-out. The application sends people on to
// another origin wherever they come back to it, as many do.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import * as oidc from 'openid-client'
import { logIn, openBrowser } from './person.mjs'
import { done, task } from './task.mjs'

const { issuer, client } = task
const config = await oidc.discovery(new URL(issuer), client.client_id, undefined, oidc.None(), {
  execute: [oidc.allowInsecureRequests],
})

// Another site than the provider's, whose host is an address.
const onward = createServer((request, response) => {
  response.setHeader('content-type', 'text/html')
  response.end(request.url === '/' ? '<h1 id="arrived">arrived</h1>' : '<p>A page of the application.</p>')
})
await once(onward.listen(0, 'localhost'), 'listening')
const location = `http://localhost:${onward.address().port}/`

const { page, refused, close } = await openBrowser()
try {
  // The application is not there; what the browser would bring to it is answered here.
  const redirect_uri = client.redirect_uris[0]
  const brought = []
  for (const target of [redirect_uri, client.post_logout_redirect_uris[0]]) {
    await page.route((url) => url.href.split('?')[0] === target, async (route) => {
      brought.push({ url: new URL(route.request().url()), body: route.request().postData() })
      await route.fulfill({ status: 302, headers: { location } })
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

  // A form of another site comes without cookies; too long for a query, it is posted again.
  await page.goto(`${location}page`)
  const post_logout_redirect_uri = client.post_logout_redirect_uris[0]
  const back = page.waitForRequest((request) => request.url() === post_logout_redirect_uri)
  await page.evaluate(({ action, fields }) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action })
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }))
    }
    document.body.append(form)
    HTMLFormElement.prototype.submit.call(form)
  }, {
    action: config.serverMetadata().end_session_endpoint,
    fields: { id_token_hint: tokens.id_token, post_logout_redirect_uri, submit: '1', more: 'x'.repeat(7000) },
  })
  await back
  await page.waitForSelector('#arrived')
  await begin({})
  await logIn(page)
  await page.waitForSelector('#arrived')

  await page.goto(oidc.buildEndSessionUrl(config, {}).href)
  await page.click('#logout-confirm')
  await page.waitForSelector('#logged-out')
  await begin({})
  await page.waitForSelector('#login-submit')

  await page.goto(`${issuer}/oauth2/authorize?client_id=nobody`)
  assert.ok(await page.textContent('#oauth-error'))
} finally {
  await close()
  onward.close()
}
done({ refused })
