import { createHmac, timingSafeEqual } from 'node:crypto'

// t, then v1 and perhaps schemes that are not known yet.
const FORM = /^t=(0|[1-9][0-9]{0,14})(?:,v1=[0-9a-f]{64}|,(?!t=|v1=)[a-z0-9]+=[!-+\--~]*)+$/

// Returns 'ok' or what is wrong. body is a Buffer, now is in Unix seconds.
export function verify(header, body, secrets, now = Date.now() / 1000) {
  if (secrets.length === 0 || secrets.includes('')) throw new Error('no signing secret')
  if (body.length > 102400) return 'body_too_large'
  if (!header) return 'no_signature'
  const t = header.length <= 1024 && FORM.exec(header)?.[1]
  const sums = [...header.matchAll(/,v1=([0-9a-f]{64})/g)].map((match) => Buffer.from(match[1], 'hex'))
  if (!t || sums.length === 0) return 'malformed'
  if (Math.abs(now - Number(t)) > 300) return 'timestamp'
  let matches = 0
  for (const secret of secrets) {
    const want = createHmac('sha256', secret).update(`${t}.`).update(body).digest()
    for (const sum of sums) matches += timingSafeEqual(want, sum) ? 1 : 0
  }
  return matches > 0 ? 'ok' : 'mismatch'
}
