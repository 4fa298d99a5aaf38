// Certificates whose names were made to harm the reader: a real server presents them, a real daemon
// probes it, and the browser shows them as text.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:tls";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { assertAccessible, assertFits, openBrowser, openTab, shoot } from "./stage.mjs";

const MARKUP = "<img src=x onerror=alert(1)>";
const BIDI = "abc\u202Edef\u2066ghi";
const LONG = "x".repeat(8192);

let stage, folder, server, nameserver, daemon, base;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "origin-probe-hostile-"));
  writeFileSync(join(folder, "request.cnf"), [
    "[req]", "distinguished_name = name", "prompt = no", "string_mask = utf8only", "utf8 = yes", "x509_extensions = more",
    // Attributes that nobody knows have no limit of length.
    "[name]", `CN = ${MARKUP}`, `O = ${BIDI}`, `0.1.3.6.1.4.1.55555.1 = ${LONG}`,
    "[more]", "subjectAltName = @names",
    "[names]", `DNS.1 = ${MARKUP}`, `DNS.2 = </title><script>alert(2)</script>.example`, `DNS.3 = ${"y".repeat(4096)}.example`,
  ].join("\n"));
  execFileSync("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
    "-config", join(folder, "request.cnf"), "-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem"),
  ], { stdio: "pipe" });
  server = createServer({ key: readFileSync(join(folder, "key.pem")), cert: readFileSync(join(folder, "cert.pem")) }, (socket) => socket.end());
  server.on("tlsClientError", () => {});
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  nameserver = createSocket("udp4");
  nameserver.on("message", (question, from) => nameserver.send(answer(question), from.port, from.address));
  await new Promise((done) => nameserver.bind(0, "127.0.0.1", done));
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  writeFileSync(join(folder, "config.yaml"), JSON.stringify({
    web: { listen: `127.0.0.1:${port}` },
    probe: { interval: "15s" },
    resolver: { nameservers: [`127.0.0.1:${nameserver.address().port}`] },
    reachability: { assume_public: ["127.0.0.0/8"] },
    origins: [{ id: `"><b>${MARKUP}`, domain: "hostile.example", https_port: server.address().port }],
  }));
  daemon = spawn(process.env.ORIGIN_PROBE_BINARY, ["serve", "--config", join(folder, "config.yaml")], { stdio: "ignore" });
  for (let attempt = 0; ; attempt++) {
    try {
      if ((await fetch(`${base}/-/ready`)).ok) break;
    } catch {
      // It does not listen yet.
    }
    assert.ok(attempt < 300, "the daemon does not become ready");
    await new Promise((done) => setTimeout(done, 100));
  }
  stage = await openBrowser();
});

after(async () => {
  await stage?.close();
  daemon?.kill();
  server?.close();
  nameserver?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Answers 127.0.0.1 to every question of DNS. */
function answer(question) {
  const end = question.indexOf(0, 12) + 5;
  const head = Buffer.from(question.subarray(0, 12));
  head.writeUInt16BE(0x8580, 2);
  head.writeUInt16BE(1, 6);
  head.fill(0, 8, 12);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
  return Buffer.concat([head, question.subarray(12, end), record]);
}

async function freePort() {
  const { createServer: listen } = await import("node:net");
  const socket = listen();
  await new Promise((done) => socket.listen(0, "127.0.0.1", done));
  const { port } = socket.address();
  await new Promise((done) => socket.close(done));
  return port;
}

for (const width of [1280, 360]) {
  test(`hostile names are shown as text, ${width} pixels wide`, async () => {
    const tab = await openTab(stage.browser, { viewport: { width, height: 900 } }, base);
    let alerts = 0;
    tab.page.on("dialog", (dialog) => { alerts++; dialog.dismiss(); });
    await tab.page.goto(`${base}/`);
    await tab.page.locator("a[href^='/origins/']").first().click();
    await tab.page.waitForURL(/\/origins\//);
    await tab.page.locator("details").evaluateAll((all) => all.forEach((each) => { each.open = true; }));
    await shoot(tab.page, `hostile-${width}`, { fullPage: true });
    assert.equal(alerts, 0);
    assert.equal(await tab.page.locator("main img, main script, main b").count(), 0, "nothing became an element");
    const text = await tab.page.locator("main").innerText();
    assert.ok(text.includes(MARKUP), "the markup is there, as text");
    assert.ok(text.includes("</title><script>alert(2)</script>.example"));
    assert.ok(text.includes("\\u{202e}"), "what turns the direction of writing is spelled out");
    assert.ok(!/[\u202a-\u202e\u2066-\u2069]/.test(text));
    assert.ok(!text.includes("x".repeat(1000)), "what is long is cut");
    await assertFits(tab.page);
    await assertAccessible(tab.page);
    tab.assertClean();
    await tab.close();
  });
}
