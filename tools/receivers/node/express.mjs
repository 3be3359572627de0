// The receiver as a route of an Express application.
import express from 'express'
import { receiver, secretsFrom } from './receiver.mjs'
import { Seen } from './seen.mjs'
import { data, work } from './work.mjs'

const secrets = secretsFrom(process.env.TBC_WEBHOOK_SECRET)
const app = express()
// Before express.json(), which would take the bytes away. It is app.all, so that the receiver refuses other methods.
app.all('/webhooks/tbc', receiver({ secrets, seen: new Seen(`${data}/seen.jsonl`), work }))
app.use(express.json())

const server = app.listen(Number(process.env.PORT ?? 8090), '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}/webhooks/tbc`)
})
server.requestTimeout = 15_000
