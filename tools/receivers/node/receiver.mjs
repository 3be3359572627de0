// The receiver, as a request listener: for node:http, and for a route of Express 4 or 5.
import { verify } from './verify.mjs'

const LIMIT = 102400 // as in verify
const DRAINED = 1 << 20 // what is too long is read up to here: closing on a sender that still writes loses the answer

const STATUS = { body_too_large: 413, no_signature: 401, mismatch: 401, malformed: 400, timestamp: 400 }

class Refusal extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

// One secret, or during a change both with a comma between them.
export function secretsFrom(text = '') {
  return text.split(',').map((secret) => secret.trim())
}

// seen is a Seen, or whatever has a once like it. work gets the event and throws, or rejects, if it fails.
export function receiver({ secrets, seen, work, log = console.error }) {
  if (secrets.length === 0 || secrets.includes('')) throw new Error('no signing secret: set TBC_WEBHOOK_SECRET')
  return async (request, response) => {
    let status = 204
    let text = ''
    try {
      const event = await accept(request, secrets)
      await seen.once(event.id, () => work(event))
    } catch (error) {
      log(error instanceof Refusal ? `refused: ${error.message}` : error)
      status = error instanceof Refusal ? error.status : 500
      text = error instanceof Refusal ? error.message : 'the event could not be processed'
    }
    if (status === 405) response.setHeader('Allow', 'POST')
    if (status === 413) response.setHeader('Connection', 'close')
    response.statusCode = status
    response.end(text) // the sender's delivery log shows it to the owner of the endpoint
  }
}

// Nothing of a request is believed before its signature is found good.
async function accept(request, secrets) {
  if (request.method !== 'POST') throw new Refusal(405, 'deliveries are POST requests')
  const body = await read(request)
  const verdict = verify(request.headers['x-tbc-signature'], body, secrets)
  if (verdict !== 'ok') throw new Refusal(STATUS[verdict], verdict)
  return parse(body)
}

async function read(request) {
  if (Buffer.isBuffer(request.body)) return request.body // express.raw was here
  if (request.readableDidRead) throw new Error('another middleware has read the body: put this route before it')
  const chunks = []
  let size = 0
  try {
    for await (const chunk of request) {
      size += chunk.length
      if (size > DRAINED) break
      if (size <= LIMIT) chunks.push(chunk)
    }
  } catch {
    throw new Refusal(400, 'the body broke off')
  }
  if (size > LIMIT) throw new Refusal(413, 'body_too_large')
  return Buffer.concat(chunks)
}

// Throws at bytes that are no UTF-8, and leaves a byte order mark in place for JSON.parse to refuse.
function parse(body) {
  let event
  try {
    event = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
  } catch {
    throw new Refusal(400, 'body is not JSON')
  }
  const named = (name) => typeof event?.[name] === 'string' && event[name] !== ''
  if (!named('id') || !named('type')) throw new Refusal(400, 'body is not an event')
  return event
}
