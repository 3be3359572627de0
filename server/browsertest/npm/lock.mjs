// Writes package-lock.json with the packages of package.json alone: `npm run lock` after a change of versions.
//
// What the tests load are bundles that hold everything they need, so the hundreds of packages that npm would fetch as
// their dependencies (387 MB, some with scripts of their own) would never be read. npm ci takes the lock as it is.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const { name, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
const packages = { '': { name, dependencies } }
for (const [folder, wanted] of Object.entries(dependencies)) {
  const told = execFileSync('npm', ['view', '--json', `${folder}@${wanted}`, 'name', 'version', 'license', 'dist'], { encoding: 'utf8' })
  const { name, version, license, dist } = JSON.parse(told)
  packages[`node_modules/${folder}`] = { name, version, integrity: dist.integrity, license }
}
writeFileSync('package-lock.json', JSON.stringify({ name, lockfileVersion: 3, requires: true, packages }, null, 2) + '\n')
