// The receiver on a server of its own. It needs Node.js alone.
import { createServer } from 'node:http'
import { receiver, secretsFrom } from './receiver.mjs'
import { Seen } from './seen.mjs'
import { data, work } from './work.mjs'

const secrets = secretsFrom(process.env.TBC_WEBHOOK_SECRET)
const server = createServer(receiver({ secrets, seen: new Seen(`${data}/seen.jsonl`), work }))
server.requestTimeout = 15_000 // nobody holds a connection open by sending slowly
server.listen(Number(process.env.PORT ?? 8090), '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`)
})
