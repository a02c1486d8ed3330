// A fetch that shows a client certificate over TLS: what an application hands to a library, which Node's own does not do.

import { request } from 'node:https'
import { task } from './task.mjs'

const { certificate: cert, key, trusted: ca } = task

/** Places over plain HTTP are called as usual. */
export async function fetchWithCertificate(url, { method, headers, body } = {}) {
  const place = new URL(url)
  if (place.protocol === 'http:') return fetch(url, { method, headers, body, redirect: 'manual' })
  return new Promise((resolve, reject) => {
    const sent = request(place, { method, headers: Object.fromEntries(new Headers(headers)), cert, key, ca }, (answer) => {
      const parts = []
      answer.on('data', (part) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => {
        const { statusCode: status, headers } = answer
        resolve(new Response(Buffer.concat(parts), { status, headers: new Headers(headers) }))
      })
    })
    sent.on('error', reject)
    sent.end(body?.toString())
  })
}
