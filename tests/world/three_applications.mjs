// Three applications in one session of Debian's Chromium. One signs out; the others are told by the server (npm jose
// verifies what it says) and by frames, and a page that watches the session sees it change. The third is down at first.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import * as jose from 'jose'
import * as oidc from 'openid-client'
import { logIn, openBrowser } from './person.mjs'
import { done, task } from './task.mjs'

const { issuer, clients, downFor } = task
const html = (response, body) => response.writeHead(200, { 'content-type': 'text/html' }).end(body)

/** An application: what it knows of its person, and what it was told. */
class Application {
  frames = []
  attempts = 0
  tokens = []

  constructor(client) {
    this.client = client
    this.origin = new URL(client.redirect_uris[0]).origin
  }

  async start() {
    this.config = await oidc.discovery(new URL(issuer), this.client.client_id, undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
    })
    this.metadata = this.config.serverMetadata()
    this.keys = jose.createRemoteJWKSet(new URL(this.metadata.jwks_uri))
    const server = createServer((request, response) => this.serve(request, response))
    await new Promise((ready) => server.listen(Number(new URL(this.origin).port), '127.0.0.1', ready))
  }

  async serve(request, response) {
    const url = new URL(request.url, this.origin)
    if (request.method === 'POST' && url.pathname === '/ended') {
      let body = ''
      for await (const chunk of request) body += chunk
      response.writeHead(await this.ended(body)).end()
    } else if (url.pathname === '/out') {
      this.frames.push(url.searchParams)
      html(response, 'out')
    } else if (url.pathname === '/watch') {
      html(response, `<iframe id="op" src="${this.metadata.check_session_iframe}"></iframe>`)
    } else {
      html(response, '<h1 id="arrived">arrived</h1>')
    }
  }

  /** OpenID Connect Back-Channel Logout section 2.6. */
  async ended(body) {
    this.attempts += 1
    if (this.client === clients[2] && this.attempts <= downFor) return 503
    const form = new URLSearchParams(body)
    assert.deepEqual([...form.keys()], ['logout_token'])
    const { payload } = await jose.jwtVerify(form.get('logout_token'), this.keys, {
      issuer,
      audience: this.client.client_id,
      typ: 'logout+jwt',
      maxTokenAge: '2 minutes',
      requiredClaims: ['iat', 'exp', 'jti', 'events', 'sub', 'sid'],
    })
    assert.deepEqual(payload.events, { 'http://schemas.openid.net/event/backchannel-logout': {} })
    assert.equal(payload.nonce, undefined)
    this.tokens.push(payload)
    return 200
  }

  async signIn(page) {
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
    const expectedState = oidc.randomState()
    const url = oidc.buildAuthorizationUrl(this.config, {
      redirect_uri: this.client.redirect_uris[0],
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
    })
    await page.goto(url.href)
    if (await page.$('#login-submit')) await logIn(page)
    await page.waitForSelector('#arrived')
    const came = new URL(page.url())
    this.session_state = came.searchParams.get('session_state')
    assert.ok(this.session_state)
    const tokens = await oidc.authorizationCodeGrant(this.config, came, { pkceCodeVerifier, expectedState })
    this.id_token = tokens.id_token
    this.said = tokens.claims()
  }
}

/** Waits until something holds. */
const until = async (holds, what) => {
  for (let left = 400; left > 0; left -= 1) {
    if (await holds()) return
    await new Promise((later) => setTimeout(later, 100))
  }
  throw new Error(`not in time: ${what}`)
}

const applications = clients.map((client) => new Application(client))
for (const application of applications) await application.start()
const [one, two] = applications

const { context, page, refused, close } = await openBrowser(/content security policy|frame/i)
const states = []
try {
  for (const application of applications) await application.signIn(page)
  assert.equal(new Set(applications.map(({ said }) => said.sid)).size, 1, 'one session')

  // What oidc-client-ts does: ask the frame again and again.
  const watching = await context.newPage()
  await watching.goto(`${two.origin}/watch`)
  const ask = (message) =>
    watching.evaluate(
      ([text, origin]) =>
        new Promise((answered) => {
          addEventListener('message', (event) => event.origin === origin && answered(event.data), { once: true })
          document.getElementById('op').contentWindow.postMessage(text, origin)
        }),
      [message, new URL(issuer).origin],
    )
  const watched = `${two.client.client_id} ${two.session_state}`
  states.push(await ask(watched), await ask('nonsense'))

  const place = one.client.post_logout_redirect_uris[0]
  await page.goto(
    oidc.buildEndSessionUrl(one.config, { id_token_hint: one.id_token, post_logout_redirect_uri: place, state: 'so-long' })
      .href,
  )
  await page.waitForSelector('#arrived')
  assert.equal(page.url(), `${place}&state=so-long`)
  states.push(await ask(watched))

  for (const { frames, said } of applications) {
    assert.deepEqual(frames.map(Object.fromEntries), [{ iss: issuer, sid: said.sid }])
  }
  await until(() => applications.every(({ tokens }) => tokens.length > 0), 'everybody is told')
  for (const { tokens, said } of applications) {
    assert.deepEqual(tokens.map(({ sub, sid }) => [sub, sid]), [[said.sub, said.sid]])
  }
} finally {
  await close()
}
done({
  refused,
  states,
  attempts: applications.map(({ attempts }) => attempts),
  frames: applications.map(({ frames }) => frames.length),
})
