// Debian's Chromium, driven by npm playwright-core: what others wrote into a request runs nowhere, and what is posted back is
// what came.

import assert from 'node:assert/strict'
import { allowUntil, logIn, openBrowser } from './person.mjs'
import { done, task } from './task.mjs'

const { redirect_uri, pages, posted } = task

const { page, close } = await openBrowser()
try {
  const ran = []
  await page.exposeFunction('ran', (what) => ran.push(what))
  page.on('dialog', async (dialog) => {
    ran.push(dialog.message())
    await dialog.dismiss()
  })
  const elsewhere = []
  const own = new URL(posted[0]).origin
  await page.route((url) => url.origin !== own, async (route) => {
    const request = route.request()
    if (request.url() !== redirect_uri) {
      elsewhere.push(request.url())
      return route.abort()
    }
    return route.fulfill({ contentType: 'text/html', body: '<h1 id="arrived">arrived</h1>' })
  })

  // Pages that only show something.
  for (const url of pages) {
    await page.goto(url)
    await page.waitForLoadState('networkidle')
  }
  // Signed in once, each of these is posted back without another page.
  const bodies = []
  for (const url of posted) {
    const arrives = page.waitForRequest((request) => request.url() === redirect_uri)
    await page.goto(url)
    if (await page.$('#login-submit')) {
      await logIn(page)
      await allowUntil(page, () => page.waitForSelector('#arrived'))
    }
    const request = await arrives
    assert.equal(request.method(), 'POST')
    bodies.push(Object.fromEntries(new URLSearchParams(request.postData())))
    await page.waitForSelector('#arrived')
  }
  done({ ran, elsewhere, bodies })
} finally {
  await close()
}
