// Serves TLS with Bun's own server: `bun bun.ts IP PORT FOLDER`. The file `options` has those of
// `Bun.serve`'s `tls` as the inside of an object literal, where `pem` reads a file of FOLDER.
import { readFileSync } from 'node:fs'

const [ip, port, folder] = process.argv.slice(2)
const pem = (name: string) => readFileSync(`${folder}/${name}`)
const read = new Function('pem', `return ${readFileSync('options')}`)
Bun.serve({ hostname: ip, port: Number(port), tls: read(pem), fetch: () => new Response() })
