// npm oidc-client-ts in Debian's Chromium watches the session (OpenID Connect Session Management): somebody signs out at the
// issuer in another tab, and the page hears of it.

import { open, signIn } from './single_page_application.mjs'
import { done, task } from './task.mjs'

const application = await open({ monitorSession: true, checkSessionIntervalInSeconds: 1 })
try {
  const { page, asked, inPage } = application
  const { profile } = await signIn(application)
  const heard = inPage(() => new Promise((heard) => window.manager.events.addUserSignedOut(() => heard('signed out'))))
  const elsewhere = await page.context().newPage()
  await elsewhere.goto(task.end_session_endpoint)
  await elsewhere.click('#logout-confirm')
  await elsewhere.waitForSelector('#logged-out')
  const frames = asked.filter((url) => url === task.check_session_iframe).length
  done({ sub: profile.sub, frames, heard: await heard })
} finally {
  await application.close()
}
