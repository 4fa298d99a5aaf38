// Serves TLS with Deno's own server: `deno run --allow-all deno.ts IP PORT CERTIFICATES KEY`.
const [hostname, port, certificates, key] = Deno.args;
Deno.serve({
  hostname,
  port: Number(port),
  cert: Deno.readTextFileSync(certificates),
  key: Deno.readTextFileSync(key),
}, () => new Response());
