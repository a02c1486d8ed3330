// npm oidc-client-ts in Debian's Chromium: a single-page application signs in, loads the profile, renews its tokens in a hidden
// frame, and learns that it cannot once the person has signed out.

import assert from 'node:assert/strict'
import { open, signIn } from './single_page_application.mjs'
import { done, task } from './task.mjs'

const { issuer, client } = task
const application = await open({ loadUserInfo: true })
try {
  const { page, origin, inPage } = application
  const signedIn = await signIn(application)
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
  const left = await inPage(() => window.manager.signoutRedirectCallback().then(({ error }) => error ?? 'signed out'))
  const refused = await inPage(() => window.manager.signinSilent().then(() => 'renewed', (error) => error.error ?? String(error)))
  done({ sub: signedIn.profile.sub, left, after_sign_out: refused })
} finally {
  await application.close()
}
