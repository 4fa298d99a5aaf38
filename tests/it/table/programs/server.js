// Serves TLS with Node's own library: `node server.js IP PORT FOLDER`. The file `options` has those of
// `https.createServer` as the inside of an object literal, where `pem` reads a file of FOLDER.
const { readFileSync } = require('node:fs')
const { createServer } = require('node:https')
const { createSecureContext } = require('node:tls')

const [ip, port, folder] = process.argv.slice(2)
const pem = (name) => readFileSync(`${folder}/${name}`)
const read = new Function('pem', 'createSecureContext', `return { ${readFileSync('options')} }`)
createServer(read(pem, createSecureContext), (_, response) => response.end()).listen(port, ip)
