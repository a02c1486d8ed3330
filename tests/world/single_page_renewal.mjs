// npm oidc-client-ts in Debian's Chromium renews by itself before a token expires: in a hidden frame, or where it has one with
// its refresh token, which it gives back in the end.

import assert from 'node:assert/strict'
import { open, signIn } from './single_page_application.mjs'
import { done, task } from './task.mjs'

const { issuer, with_refresh_token } = task
const scope = with_refresh_token ? 'openid profile email offline_access' : 'openid profile email'
const application = await open({
  scope,
  automaticSilentRenew: true,
  // Tokens live for ten minutes: this is two seconds after they came.
  accessTokenExpiringNotificationTimeInSeconds: 598,
})
try {
  const { asked, inPage } = application
  const signedIn = await signIn(application, with_refresh_token ? { prompt: 'consent' } : {})
  assert.equal(Boolean(signedIn.refresh_token), with_refresh_token)
  asked.length = 0
  const renewed = await inPage(
    () =>
      new Promise((renewed, failed) => {
        window.manager.events.addUserLoaded(({ profile, access_token }) => renewed({ profile, access_token }))
        window.manager.events.addSilentRenewError(failed)
      }),
  )
  assert.equal(renewed.profile.sub, signedIn.profile.sub)
  assert.notEqual(renewed.access_token, signedIn.access_token)
  const in_frame = asked.some((url) => url.startsWith(`${issuer}/oauth2/authorize?`))

  let revoked = null
  if (with_refresh_token) {
    revoked = await inPage(async (userinfo) => {
      window.manager.stopSilentRenew()
      const { access_token } = await window.manager.getUser()
      await window.manager.revokeTokens()
      return (await fetch(userinfo, { headers: { authorization: `Bearer ${access_token}` } })).status
    }, `${issuer}/oauth2/userinfo`)
  }
  done({ in_frame, revoked })
} finally {
  await application.close()
}
