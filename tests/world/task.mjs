// The other end of the test that runs a script: one line of JSON to begin with, and a person at hand.

import { createInterface } from 'node:readline'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

const line = async () => (await lines.next()).value

/** What the script is to do. */
export const task = JSON.parse(await line())

/** What the test says later, a line of JSON at a time, until it has no more to say. */
export async function* more() {
  for (let said = await line(); said !== undefined; said = await line()) yield JSON.parse(said)
}

/** Sends a person to a URL; tells where they arrived: a URL, or the request by which their browser posted a form there. */
export async function visit(url) {
  console.log(`OPEN ${url}`)
  const [place, form] = (await line()).split(' ')
  return form === undefined ? new URL(place) : new Request(place, { method: 'POST', body: new URLSearchParams(form) })
}

/** Says how it went, and ends. */
export function done(result) {
  console.log(JSON.stringify(result))
  process.exit(0)
}
