// Serves the receiver on a free port of 127.0.0.1 and prints its URL as the
// first line. The secret comes from TBC_WEBHOOK_SECRET. TBC_NOW, in milliseconds
// since 1970, stops the clock there.
import { receiver } from './receiver.js'

const secret = process.env.TBC_WEBHOOK_SECRET
if (!secret) {
  console.error('TBC_WEBHOOK_SECRET is not set')
  process.exit(2)
}
if (process.env.TBC_NOW) {
  const now = Number(process.env.TBC_NOW)
  Date.now = () => now
}
const server = receiver(secret).listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/webhooks/tbc`)
})
// Whoever started this holds the other end of standard input. When that is
// gone, however it died, nobody is left to stop this process.
process.stdin.resume().on('end', () => process.exit(0))
