// npm oidc-client-ts in Debian's Chromium signs in and out in a window of its own. Our pages cut their window off from the page
// that opened it; what comes back finds its way all the same.

import assert from 'node:assert/strict'
import { logIn } from './person.mjs'
import { open } from './single_page_application.mjs'
import { done } from './task.mjs'

const application = await open({})
try {
  const { page, inPage } = application
  const opened = page.context().waitForEvent('page')
  const signedIn = inPage(() => window.manager.signinPopup().then(({ profile }) => profile))
  const popup = await opened
  await logIn(popup)
  await popup.click('#consent-allow')
  const { sub } = await signedIn
  assert.ok(sub)
  const signedOut = await inPage(() => window.manager.signoutPopup().then(() => window.manager.getUser()))
  done({ sub, signedOut })
} finally {
  await application.close()
}
