// The memory of which events have been worked on: a file with an id on each line, on the disk before the answer.
import { fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'

// One process at a time may use a file. An id takes about 35 bytes in it and 100 in memory.
export class Seen {
  #file
  #size
  #ids
  #running = new Map()

  constructor(path) {
    this.#file = openSync(path, 'a+', 0o600)
    const written = readFileSync(path)
    // A last line without an end is from a crash. Its delivery had no answer and comes again.
    this.#size = written.lastIndexOf('\n') + 1
    ftruncateSync(this.#file, this.#size)
    const lines = written.toString('utf8', 0, this.#size).split('\n').slice(0, -1)
    this.#ids = new Set(lines.map((line) => JSON.parse(line)))
  }

  // Calls work unless it has succeeded for this id before, and tells whether it was called. Calls with one id that
  // overlap wait for each other. An id is remembered after the work and never before: what fails comes again.
  async once(id, work) {
    while (this.#running.has(id)) await this.#running.get(id).catch(() => {})
    if (this.#ids.has(id)) return false
    const running = (async () => {
      await work()
      this.#remember(id)
    })()
    this.#running.set(id, running)
    try {
      await running
    } finally {
      this.#running.delete(id)
    }
    return true
  }

  // Takes back what a full disk left of a line, or the next one would continue it.
  #remember(id) {
    const line = Buffer.from(`${JSON.stringify(id)}\n`)
    try {
      if (writeSync(this.#file, line) < line.length) throw new Error('the disk is full')
      fsyncSync(this.#file)
    } catch (error) {
      ftruncateSync(this.#file, this.#size)
      throw error
    }
    this.#size += line.length
    this.#ids.add(id)
  }
}
