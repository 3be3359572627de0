// Prints what the guide's verifier says to each of the vectors.
import { readFileSync } from 'node:fs'
const { verify } = await import(`${process.cwd()}/verify.mjs`)

for (const v of JSON.parse(readFileSync(process.argv[2], 'utf8')).vectors) {
  console.log(verify(v.header.join(','), Buffer.from(v.body.repeat(v.repeat ?? 1)), v.secrets, v.now))
}
