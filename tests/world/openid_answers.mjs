// npm openid-client takes the answers of the authorization endpoint in every form that it knows.

import assert from 'node:assert/strict'
import * as oidc from 'openid-client'
import { done, task, visit } from './task.mjs'

const FLOWS = {
  form_post: { parameters: { response_mode: 'form_post' } },
  hybrid: { use: oidc.useCodeIdTokenResponseType },
  hybrid_form_post: { use: oidc.useCodeIdTokenResponseType, parameters: { response_mode: 'form_post' } },
  implicit: { use: oidc.useIdTokenResponseType },
  implicit_form_post: { use: oidc.useIdTokenResponseType, parameters: { response_mode: 'form_post' } },
  jarm: { use: oidc.useJwtResponseMode },
  jarm_pushed: { use: oidc.useJwtResponseMode, build: oidc.buildAuthorizationUrlWithPAR },
}

const { issuer, client, flow } = task
const { use, parameters, build = oidc.buildAuthorizationUrl } = FLOWS[flow]
const config = await oidc.discovery(
  new URL(issuer),
  client.client_id,
  undefined,
  oidc.ClientSecretBasic(client.client_secret),
  { execute: [oidc.allowInsecureRequests, ...(use ? [use] : [])] },
)

const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
const expectedState = oidc.randomState()
const expectedNonce = oidc.randomNonce()
const arrived = await visit(
  await build(config, {
    redirect_uri: client.redirect_uris[0],
    scope: 'openid email',
    state: expectedState,
    nonce: expectedNonce,
    ...(flow.startsWith('implicit')
      ? {}
      : { code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' }),
    ...parameters,
  }),
)
assert.equal(arrived instanceof Request, flow.endsWith('form_post'))
const came = arrived instanceof Request ? 'posted' : arrived.hash ? 'fragment' : 'query'

if (flow.startsWith('implicit')) {
  const { sub } = await oidc.implicitAuthentication(config, arrived, expectedNonce, { expectedState })
  done({ sub, came })
}
const tokens = await oidc.authorizationCodeGrant(config, arrived, { pkceCodeVerifier, expectedState, expectedNonce })
const { sub } = tokens.claims()
assert.ok((await oidc.fetchUserInfo(config, tokens.access_token, sub)).email)
done({ sub, came })
