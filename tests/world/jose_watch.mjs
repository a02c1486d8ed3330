// npm jose verifies every access token that the test names: at once, in the middle of its life and in its last second.
// It knows the issuers by their JWK Sets, keeps those for as long as it is told, and never asks again before.

import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import { done, more, task } from './task.mjs'

const sets = new Map()
const counted = { verified: { first: 0, middle: 0, last: 0 }, late: 0, unreachable: 0, failures: [] }

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

function keysAt(uri) {
  if (!sets.has(uri)) {
    const cache = { cacheMaxAge: task.cache_millis, cooldownDuration: 3_600_000 }
    sets.set(uri, createRemoteJWKSet(new URL(uri), cache))
  }
  return sets.get(uri)
}

/** Whether the keys could not be read, which says nothing about a token. */
function isUnreachable(error) {
  return error instanceof TypeError || error instanceof errors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC'
}

async function verify(moment, said, rules) {
  for (;;) {
    try {
      await jwtVerify(said.token, keysAt(said.jwks_uri), rules)
      counted.verified[moment] += 1
      return
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        counted.late += 1
        return
      }
      if (!isUnreachable(error)) {
        counted.failures.push(`${moment} at ${Date.now()}: ${error.code} ${error.message} ${said.about}`)
        return
      }
      counted.unreachable += 1
      await pause(100)
    }
  }
}

async function watch(said) {
  const { iss, aud, iat, exp } = JSON.parse(Buffer.from(said.token.split('.')[1], 'base64url'))
  const rules = { issuer: iss, audience: aud, typ: 'at+jwt', clockTolerance: task.leeway_seconds }
  const until = (seconds) => pause(Math.max(0, seconds * 1000 - Date.now()))
  await verify('first', said, rules)
  await until((iat + exp) / 2)
  await verify('middle', said, rules)
  await until(exp - 1)
  await verify('last', said, rules)
}

const watched = []
for await (const said of more()) watched.push(watch(said))
await Promise.all(watched)
done(counted)
