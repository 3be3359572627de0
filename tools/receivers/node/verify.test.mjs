// The shared vectors: webhooks/testdata/vectors.json, or the file that TBC_VECTORS names.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { verify } from './verify.mjs'

const file = process.env.TBC_VECTORS ?? new URL('../../../webhooks/testdata/vectors.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(file, 'utf8'))

test('there are vectors', () => assert.ok(vectors.length >= 80))

for (const { name, header, body, repeat = 1, secrets, now, verdict } of vectors) {
  test(name, () => assert.equal(verify(header.join(','), Buffer.from(body.repeat(repeat)), secrets, now), verdict))
}

test('a line end after the header is no part of its form', () => {
  const { header, body, secrets, now } = vectors[0]
  assert.equal(verify(`${header[0]}\n`, Buffer.from(body), secrets, now), 'malformed')
})

test('an empty secret is a mistake of the caller, not a verdict', () => {
  for (const secrets of [[], [''], ['whsec_a', '']]) {
    assert.throws(() => verify('t=1', Buffer.from(''), secrets), /no signing secret/)
  }
})

test('the clock is this machine’s if none is given', () => {
  const { header, body, secrets } = vectors[0]
  assert.equal(verify(header[0], Buffer.from(body), secrets), 'timestamp')
})
