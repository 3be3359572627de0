// What is done with an event: replace it with yours. Here each becomes a line of events.jsonl.
import { open } from 'node:fs/promises'

export const data = process.env.TBC_DATA ?? '.' // the folder of events.jsonl and seen.jsonl

// It has to be safe on the disk, or in your database, when this returns: after the answer nobody sends it again.
export async function work(event) {
  const file = await open(`${data}/events.jsonl`, 'a', 0o600)
  try {
    await file.appendFile(`${JSON.stringify(event)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  console.log(event.type, event.id)
}
