// Runs the shared vectors against the page's receiver, so that their member
// "page" is a measurement and stays one. TBC_VECTORS is the file's path when it
// is not in the folder above.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { once } from 'node:events'
import { after, before, mock, test } from 'node:test'
import { receiver } from './receiver.js'

const file = process.env.TBC_VECTORS ?? new URL('../vectors.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(file, 'utf8'))

before(() => mock.timers.enable({ apis: ['Date'] }))
after(() => mock.timers.reset())

for (const vector of vectors) {
  test(vector.name, async (t) => {
    const server = receiver(vector.secrets[0]).listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    mock.timers.setTime(vector.now * 1000)
    assert.equal(await post(server.address().port, vector), vector.page)
  })
}

// Every header line goes out as it is in the vector.
async function post(port, { header, body, repeat = 1 }) {
  const headers = { 'Content-Type': 'application/json', 'X-TBC-Signature': header, Connection: 'close' }
  const req = request({ port, host: '127.0.0.1', path: '/webhooks/tbc', method: 'POST', headers })
  req.end(body.repeat(repeat))
  const [res] = await once(req, 'response')
  res.resume()
  return res.statusCode
}
