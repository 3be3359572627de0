// What is Node's own; the cases that all languages share are posted by ../receivers_test.go.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { receiver, secretsFrom } from './receiver.mjs'

const frameworks = { 'Express 5': (await import('express')).default, 'Express 4': (await import('express4')).default }
const body = '{ "id": "evt_1", "type": "order.paid", "data": { "name": "आशा" } }'

function signed() {
  const t = Math.floor(Date.now() / 1000)
  const v1 = createHmac('sha256', 'whsec_a').update(`${t}.${body}`).digest('hex')
  return { 'Content-Type': 'application/json', 'X-TBC-Signature': `t=${t},v1=${v1}` }
}

// Posts to an application and returns the status, what was worked on, and what was logged.
async function post(t, route) {
  const worked = []
  const logged = []
  const seen = { once: (_, work) => work() }
  const work = (event) => worked.push(event.id)
  const app = route(receiver({ secrets: ['whsec_a'], seen, work, log: (line) => logged.push(String(line)) }))
  const server = app.listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}/hook`
  const response = await fetch(url, { method: 'POST', body, headers: signed() })
  return { status: response.status, worked, logged }
}

for (const [name, express] of Object.entries(frameworks)) {
  test(`${name}: the receiver alone`, async (t) => {
    assert.deepEqual(await post(t, (r) => express().all('/hook', r)), { status: 204, worked: ['evt_1'], logged: [] })
  })

  test(`${name}: express.raw before it, as on the developer page`, async (t) => {
    const answer = await post(t, (r) => express().post('/hook', express.raw({ type: '*/*' }), r))
    assert.deepEqual(answer, { status: 204, worked: ['evt_1'], logged: [] })
  })

  test(`${name}: express.json before it is a mistake that its log explains`, async (t) => {
    const { status, worked, logged } = await post(t, (r) => express().use(express.json()).all('/hook', r))
    assert.equal(status, 500) // so that nothing is lost: the event comes again when the program is mended
    assert.deepEqual(worked, [])
    assert.match(logged[0], /another middleware has read the body/)
  })
}

test('a receiver without a secret does not start', () => {
  for (const text of [undefined, '', 'whsec_a,', ' ']) {
    assert.throws(() => receiver({ secrets: secretsFrom(text) }), /no signing secret/)
  }
  assert.deepEqual(secretsFrom('whsec_new, whsec_old\n'), ['whsec_new', 'whsec_old'])
})
