// The life of a tenant over the admin API, from Node, with nothing but the published proto.
//
//   npm install
//   CHANCERY_ADMIN_URL=http://127.0.0.1:9090 CHANCERY_ADMIN_KEY=... node admin.mjs
//
// The proto is read when the program starts. CHANCERY_CA_FILE names the certificates to trust, where the address begins
// with https:// and its certificate is not of a public authority.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import grpc from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

const proto = process.env.CHANCERY_PROTO ?? fileURLToPath(new URL('../..', import.meta.url))
const nouns = ['tenant', 'client', 'scope', 'key'].map((noun) => `chancery/admin/v1/${noun}_service.proto`)
const definition = loadSync([...nouns, 'google/rpc/status.proto', 'google/rpc/error_details.proto'], {
  includeDirs: [proto],
  keepCase: true,
  enums: String,
  longs: String,
  defaults: true,
})
const api = grpc.loadPackageDefinition(definition).chancery.admin.v1

/** A service with the key on every call, a deadline, and promises in place of callbacks. */
function service(Client) {
  const { protocol, host } = new URL(process.env.CHANCERY_ADMIN_URL)
  const roots = process.env.CHANCERY_CA_FILE && readFileSync(process.env.CHANCERY_CA_FILE)
  const tls = protocol === 'https:' ? grpc.credentials.createSsl(roots || null) : grpc.credentials.createInsecure()
  const client = new Client(host, tls)
  const metadata = new grpc.Metadata()
  metadata.set('authorization', `Bearer ${process.env.CHANCERY_ADMIN_KEY}`)
  const call = (name) => (request) =>
    promisify(client[name]).call(client, request, metadata, { deadline: Date.now() + 30_000 })
  return Object.fromEntries(Object.keys(Client.service).map((name) => [name, call(name)]))
}

/** A detail of a refusal, such as ErrorInfo; undefined where it has none of that kind. */
function detail(error, kind) {
  const [trailer] = error.metadata.get('grpc-status-details-bin')
  const { details } = definition['google.rpc.Status'].deserialize(trailer)
  const found = details.find((packed) => packed.type_url.endsWith(`/google.rpc.${kind}`))
  return found && definition[`google.rpc.${kind}`].deserialize(Buffer.from(found.value))
}

/** Makes a call that is to be refused; gives the refusal. */
async function refused(call, request) {
  const answer = await call(request).catch((error) => error)
  assert(answer instanceof Error, 'it was not refused')
  return answer
}

const tenants = service(api.TenantService)
const clients = service(api.ClientService)
const scopes = service(api.ScopeService)
const keys = service(api.KeyService)

// A creation under a request id can be repeated when its answer is lost: it is carried out once.
const create = {
  tenant_id: `example-${randomUUID().slice(0, 8)}`,
  tenant: { display_name: 'An example' },
  request_id: randomUUID(),
}
const tenant = await tenants.CreateTenant(create)
assert.equal((await tenants.CreateTenant(create)).uid, tenant.uid)
const parent = tenant.name

for (let number = 0; number < 5; number += 1) {
  const scope = { value: `orders:${number}`, description: 'See your orders' }
  await scopes.CreateScope({ parent, scope_id: `orders-${number}`, scope })
}

// Lists come in pages; an empty token is the end.
const listed = []
let pages = 0
let page_token = ''
do {
  const page = await scopes.ListScopes({ parent, page_size: 2, page_token })
  listed.push(...page.scopes.map((scope) => scope.value))
  page_token = page.next_page_token
  pages += 1
} while (page_token !== '')

const client = await clients.CreateClient({
  parent,
  client_id: 'report',
  client: {
    display_name: 'Reports',
    kind: 'KIND_SERVICE',
    auth_methods: ['AUTH_METHOD_CLIENT_SECRET_BASIC'],
    grant_types: ['GRANT_TYPE_CLIENT_CREDENTIALS'],
    scopes: ['orders:0', 'orders:1'],
  },
  request_id: randomUUID(),
})

// The secret is told this once.
const generated = await clients.GenerateClientSecret({ parent: client.name })
const secrets = await clients.ListClientSecrets({ parent: client.name })
assert(generated.secret && !JSON.stringify(secrets).includes(generated.secret))

// An etag guards a change against changes made in between: the second of two that began with the same one is refused.
const rename = (display_name, etag) => ({
  client: { name: client.name, display_name, etag },
  update_mask: { paths: ['display_name'] },
})
const before = await clients.GetClient({ name: client.name })
await clients.UpdateClient(rename('Reports of the month', before.etag))
const conflict = await refused(clients.UpdateClient, rename('Reports of the year', before.etag))
assert.equal(conflict.code, grpc.status.ABORTED)
const now = await clients.GetClient({ name: client.name })
const renamed = await clients.UpdateClient(rename('Reports of the year', now.etag))

// What is wrong with which field stands in the details.
const bad = await refused(clients.CreateClient, { parent, client: { kind: 'KIND_WEB', redirect_uris: ['not a URI'] } })
const [violation] = detail(bad, 'BadRequest').field_violations

// Keys are announced before they sign; whoever cannot wait says why.
const early = await refused(keys.RotateKeys, { parent, request_id: randomUUID() })
const rotated = await keys.RotateKeys({ parent, request_id: randomUUID(), immediate: true, reason: 'an example' })

// Everything is removed again; the tenant could be taken back until its purge_time.
await clients.DeleteClientSecret({ name: generated.client_secret.name })
await clients.DeleteClient({ name: client.name })
const gone = await refused(clients.GetClient, { name: client.name })
assert.equal(gone.code, grpc.status.NOT_FOUND)
const deleted = await tenants.DeleteTenant({ name: tenant.name })
assert(deleted.purge_time)

console.log(
  JSON.stringify({
    tenant: tenant.name,
    pages,
    scopes: listed.filter((scope) => scope.startsWith('orders:')).sort(),
    conflict: detail(conflict, 'ErrorInfo').reason,
    display_name: renamed.display_name,
    field: violation.field,
    early: detail(early, 'ErrorInfo').reason,
    rotated: rotated.activated_keys.length,
  }),
)
process.exit(0)
