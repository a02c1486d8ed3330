// An application of one page with npm oidc-client-ts, with Debian's Chromium and a person before it.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { allowUntil, logIn, openBrowser } from './person.mjs'
import { task } from './task.mjs'

const { issuer, client } = task
const library = readFileSync('node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js')

/** Serves the application with more settings of its manager, and opens it. */
export async function open(more) {
  const [redirect_uri, silent_redirect_uri, popup_redirect_uri] = client.redirect_uris
  const [post_logout_redirect_uri, popup_post_logout_redirect_uri] = client.post_logout_redirect_uris
  const { origin, port } = new URL(redirect_uri)
  const settings = {
    authority: issuer,
    client_id: client.client_id,
    redirect_uri,
    silent_redirect_uri,
    popup_redirect_uri,
    post_logout_redirect_uri,
    popup_post_logout_redirect_uri,
    scope: 'openid profile email',
    automaticSilentRenew: false,
    ...more,
  }
  // One page for everything, and those in hidden frames and other windows, which tell it what came.
  const manager = `new oidc.UserManager(${JSON.stringify(settings)})`
  const html = (script, body) =>
    `<!doctype html><title>Application</title><script src="/library.js"></script><script>${script}</script>${body}`
  const application = html(`window.manager = ${manager}`, '<h1 id="application">Application</h1>')
  const others = {
    '/silent': html(`${manager}.signinSilentCallback()`, ''),
    '/window': html(`${manager}.signinPopupCallback()`, ''),
    '/window-closed': html(`${manager}.signoutPopupCallback()`, ''),
  }
  const server = createServer((request, response) => {
    const path = new URL(request.url, origin).pathname
    const isLibrary = path === '/library.js'
    response.setHeader('content-type', isLibrary ? 'text/javascript' : 'text/html')
    response.end(isLibrary ? library : (others[path] ?? application))
  })
  await new Promise((ready) => server.listen(port, '127.0.0.1', ready))

  const { page, close: closeBrowser } = await openBrowser()
  const asked = []
  page.context().on('request', (request) => asked.push(request.url()))
  await page.goto(origin)
  const close = async () => {
    await closeBrowser()
    server.close()
  }
  return { page, origin, asked, close, inPage: (work, ...given) => page.evaluate(work, ...given) }
}

/** Signs in by leaving the page and coming back, and allows what is asked; gives what the page then knows. */
export async function signIn({ page, inPage }, parameters = {}) {
  inPage((given) => void window.manager.signinRedirect(given), parameters).catch(() => {})
  await logIn(page)
  await allowUntil(page, () => page.waitForSelector('#application'))
  return inPage(async () => {
    const { profile, access_token, refresh_token } = await window.manager.signinRedirectCallback()
    return { profile, access_token, refresh_token }
  })
}
