import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Seen } from './seen.mjs'

function temporary(t) {
  const folder = mkdtempSync(join(tmpdir(), 'seen-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return join(folder, 'seen.jsonl')
}

test('an event is worked on once, also by the next process', async (t) => {
  const path = temporary(t)
  const seen = new Seen(path)
  assert.equal(await seen.once('evt_1', () => {}), true)
  assert.equal(await seen.once('evt_1', () => assert.fail('again')), false)
  assert.equal(await new Seen(path).once('evt_1', () => assert.fail('again')), false)
})

test('what fails is not remembered', async (t) => {
  const path = temporary(t)
  const seen = new Seen(path)
  await assert.rejects(seen.once('evt_1', () => Promise.reject(new Error('full'))), /full/)
  assert.equal(await new Seen(path).once('evt_1', () => {}), true)
  assert.equal(await seen.once('evt_1', () => {}), true)
})

test('the id is written after the work and not before', async (t) => {
  const path = temporary(t)
  await new Seen(path).once('evt_1', () => assert.equal(readFileSync(path, 'utf8'), ''))
  assert.equal(readFileSync(path, 'utf8'), '"evt_1"\n')
})

test('deliveries of one event wait for each other, those of others do not', async (t) => {
  const seen = new Seen(temporary(t))
  const order = []
  let fail
  const first = seen.once('evt_1', () => new Promise((_, reject) => (fail = reject)))
  const second = seen.once('evt_1', () => order.push('second'))
  const third = seen.once('evt_1', () => order.push('third'))
  await seen.once('evt_2', () => order.push('another'))
  fail(new Error('down'))
  await assert.rejects(first, /down/)
  assert.deepEqual([await second, await third], [true, false])
  assert.deepEqual(order, ['another', 'second'])
})

test('half a line, which a crash has left, is removed and its event comes again', async (t) => {
  const path = temporary(t)
  await new Seen(path).once('evt_1', () => {})
  appendFileSync(path, '"evt_')
  const seen = new Seen(path)
  assert.equal(await seen.once('evt_2', () => {}), true)
  assert.equal(readFileSync(path, 'utf8'), '"evt_1"\n"evt_2"\n')
})
