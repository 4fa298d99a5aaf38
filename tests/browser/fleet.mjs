// A fleet of thousands for a daemon of its own: a nameserver that knows every name, a server whose
// certificate is made to harm whoever shows it, and ports where nothing listens.
import { execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:tls";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Names that are markup, turn the direction of writing around, and are endless. */
export const HOSTILE = {
  id: "<img src=x onerror=alert(1)>\u202Eevil&amp;\"'",
  commonName: "<script>alert(document.title)</script>",
  organization: "\u202Egro.elgoog\u2066<b>bold</b>",
  markup: "\"><svg onload=alert(1)>.example",
  long: `${"x".repeat(8192)}.example`,
};

/** Starts a daemon over `count` origins; `address` is where its pages are. */
export async function startFleet(count) {
  const folder = mkdtempSync(join(tmpdir(), "origin-probe-fleet-"));
  const nameserver = await startNameserver();
  const server = await startHostileServer(folder);
  // Bound and closed again: nothing listens there.
  const closed = await startHostileServer(folder);
  const nobody = closed.address().port;
  closed.close();
  const origins = [
    { id: HOSTILE.id, domain: "hostile.example", https_port: server.address().port },
    { id: `long-${"y".repeat(120)}`, domain: "long.example", https_port: server.address().port },
  ];
  for (let number = origins.length; number < count; number += 1) {
    const https_port = number % 3 === 0 ? nobody : server.address().port;
    origins.push({ id: `shop-${String(number).padStart(5, "0")}`, domain: `o${number}.example`, https_port });
  }
  const config = join(folder, "origin-probe.json");
  writeFileSync(config, JSON.stringify({
    web: { listen: "127.0.0.1:0" },
    probe: { interval: "1h", start_rate: 5000, per_address: 64 },
    resolver: { nameservers: [`127.0.0.1:${nameserver.address().port}`] },
    reachability: { assume_public: ["127.0.0.0/8"] },
    origins,
  }));
  const daemon = spawn(process.env.ORIGIN_PROBE_BINARY, ["serve", "--config", config], { stdio: ["ignore", "ignore", "pipe"] });
  const address = `http://${await listening(daemon)}`;
  await ready(address);
  return {
    address,
    async stop() {
      daemon.kill();
      await once(daemon, "exit");
      server.close();
      nameserver.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(daemon) {
  let log = "";
  for await (const piece of daemon.stderr) {
    log += piece;
    const found = /listen=(\S+)/.exec(log);
    if (found) {
      // Whatever else it says is of no interest, but must not block it.
      daemon.stderr.resume();
      return found[1];
    }
  }
  throw new Error(`the daemon does not start: ${log}`);
}

async function ready(address) {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if ((await fetch(`${address}/-/ready`)).ok) return;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  throw new Error("the daemon does not become ready");
}

/** Answers every question for an A record with 127.0.0.1, and says that there are no others. */
async function startNameserver() {
  const socket = createSocket("udp4");
  socket.on("message", (question, from) => {
    let end = 12;
    while (question[end] !== 0) end += question[end] + 1;
    end += 5;
    const isA = question.readUInt16BE(end - 4) === 1;
    const header = Buffer.from([...question.subarray(0, 2), 0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0]);
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0x0e, 0x10, 0, 4, 127, 0, 0, 1]);
    socket.send(Buffer.concat([header, question.subarray(12, end), ...(isA ? [answer] : [])]), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

async function startHostileServer(folder) {
  const [key, cert, settings] = ["key.pem", "cert.pem", "settings"].map((name) => join(folder, name));
  writeFileSync(settings, [
    "[req]", "prompt=no", "utf8=yes", "string_mask=utf8only", "distinguished_name=name", "x509_extensions=more",
    "[name]", `CN=${HOSTILE.commonName}`, `O=${HOSTILE.organization}`,
    "[more]", "subjectAltName=@names",
    "[names]", `DNS.1="${HOSTILE.markup.replaceAll('"', '\\"')}"`, `DNS.2=${HOSTILE.long}`, "",
  ].join("\n"));
  execFileSync("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
    "-config", settings, "-keyout", key, "-out", cert,
  ], { stdio: ["ignore", "ignore", "pipe"] });
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => socket.end());
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
