// The receiver that most people start from: step for step what the example on
// the developer page does, its weaknesses included. It is here to prove that
// every delivery of ours passes it, not to be copied. The README of
// tools/tbc-receiver and the Go package webhooks show what to build.
import crypto from 'node:crypto'
import express from 'express'

export function receiver(secret) {
  const app = express()
  app.post('/webhooks/tbc', express.raw({ type: '*/*' }), (req, res) => {
    const sig = req.header('X-TBC-Signature') || ''
    // Of several v1 the last one wins: a sender that rotates secrets must put
    // the old one last.
    const parts = Object.fromEntries(sig.split(',').map((p) => p.split('=')))
    const ts = Number(parts.t)
    if (Math.abs(Date.now() / 1000 - ts) > 300) return res.status(400).end()
    // t is signed as JavaScript prints it, so a leading zero breaks it.
    const expected = crypto
      .createHmac('sha256', secret)
      .update(`${ts}.${req.body.toString('utf8')}`)
      .digest('hex')
    // Throws unless both are equally long, which Express answers with 500.
    if (!crypto.timingSafeEqual(Buffer.from(expected), Buffer.from(parts.v1))) {
      return res.status(401).end()
    }
    JSON.parse(req.body.toString('utf8'))
    res.json({ ok: true })
  })
  return app
}
