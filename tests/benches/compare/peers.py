#!/usr/bin/env python3
"""Asks blackbox_exporter, testssl.sh and sslyze about every origin of the demo and writes what they say
into deploy/docs/comparison.md.

    tests/benches/compare/peers.py BINARY

Takes some minutes. It is not part of `.ci/run` because nothing in this repository depends on the answers.
COMPARE_PEERS_KEEP names a file for the complete answers.

Everything runs in a network of its own, in which the demo's names resolve as names do: each tool uses the
system's resolver and every address it gives. Each is told to trust the demo's root, and is asked under
the name that CloudFront would send. The scanners say a lot of every server: what they say of the healthy
origin, too, is no statement about another one and is left out.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "deploy/docs/comparison.md"
REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")
BLACKBOX = "monitoring/usr/bin/prometheus-blackbox-exporter"
PATIENCE = 300
# Their servers play a handshake's first flight by hand: whoever needs a whole one cannot connect.
FIRST_FLIGHT_ONLY = {"cbc-only", "tls-1-1-only"}
DAY = 86400


def enter_own_network():
    """Runs this script again in namespaces of its own."""
    if os.environ.get("COMPARE_PEERS_INSIDE"):
        return
    installed = subprocess.run(
        [ROOT / ".ci/install", "monitoring", "testssl", "sslyze"], check=True, stdout=subprocess.PIPE, text=True
    )
    paths = [str(pathlib.Path(path).resolve()) for path in (sys.argv[1], installed.stdout.strip())]
    command = ["unshare", "--net", "--mount", "--propagation", "private"]
    if os.geteuid() != 0:
        command += ["--map-root-user"]
    environment = os.environ | {"COMPARE_PEERS_INSIDE": "1"}
    os.execvpe(command[0], [*command, sys.executable, __file__, *paths], environment)


class Forward(socketserver.BaseRequestHandler):
    """Port 53, where resolvers look, for the demo's DNS server on another one."""

    upstream = None

    def handle(self):
        question, back = self.request
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
            upstream.settimeout(5)
            upstream.sendto(question, Forward.upstream)
            back.sendto(upstream.recv(65535), self.client_address)


class Origin:
    def __init__(self, text, report):
        self.id, self.domain = report["origin"], report["domain"]
        self.port = report["port"]
        hosts = re.search(rf'id: "{self.id}"\n(?:    .*\n)*?    viewer_hosts: \["([^"]+)"', text)
        self.name = hosts[1] if hosts else self.domain
        self.report = report
        self.verdict, self.status = report["verdict"], report.get("status")
        self.rules = [each["rule"] for each in report["violations"]]
        self.ratio = report.get("failing_ratio") or 0


def get(url, seconds=30):
    with urllib.request.urlopen(url, timeout=seconds) as answer:
        return answer.read().decode()


def start_demo(binary, work):
    demo = subprocess.Popen([binary, "demo"], stdout=open(work / "demo", "w"), stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while time.monotonic() < until:
        text = (work / "demo").read_text()
        address = re.search(r"http://(\S+)/metrics", text)
        try:
            if address and get(f"http://{address[1]}/-/ready"):
                config = re.search(r"configuration\s+(\S+)", text)[1]
                return demo, f"http://{address[1]}", pathlib.Path(config).read_text()
        except OSError:
            pass
        time.sleep(0.3)
    sys.exit("the demo does not become ready")


def ask_blackbox(base, origin):
    asked = urllib.parse.urlencode(
        {"module": "tls", "target": f"{origin.domain}:{origin.port}", "hostname": origin.name}
    )
    text = get(f"{base}/probe?{asked}", PATIENCE)
    value = lambda name: re.search(rf"^{name}(?:{{.*}})? (\S+)$", text, re.M)
    if value("probe_success")[1] != "1":
        return "failure", ""
    ends = value("probe_ssl_earliest_cert_expiry")
    left = float(ends[1]) - time.time()
    if left < 21 * DAY:
        return "warning", f"expiry in {left / DAY:.0f} days"
    return "nothing", ""


def testssl_findings(folder, work, pem, origin):
    """What testssl.sh says, as {(id, severity): finding}."""
    out = work / f"testssl-{origin.id}.json"
    # Its host is the name that is sent; where that is not the domain, the address is given.
    target, more = f"{origin.domain}:{origin.port}", []
    if origin.name != origin.domain:
        target, more = f"{origin.name}:{origin.port}", ["--ip", socket.gethostbyname(origin.domain)]
    command = [folder / "usr/bin/testssl", "--quiet", "--color", "0", "--warnings", "batch", "-p", "-S"]
    command += ["--connect-timeout", "10", "--openssl-timeout", "10", "--add-ca", pem, *more]
    command += ["--jsonfile", out, target]
    environment = os.environ | {"TESTSSL_INSTALL_DIR": str(folder / "etc/testssl")}
    try:
        subprocess.run(
            [str(part) for part in command], env=environment, timeout=PATIENCE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return {("scanProblem", "FATAL"): f"no end within {PATIENCE} s"}
    if not out.exists():
        return {("scanProblem", "FATAL"): "ends without a result"}
    text = out.read_text().strip()
    # A scan that is broken off leaves its list open.
    findings = json.loads(text if text.endswith("]") else text.rstrip(",") + "]")
    return {
        (each["id"], each["severity"]): each["finding"]
        for each in findings
        if each["severity"] in ("LOW", "MEDIUM", "WARN", "HIGH", "CRITICAL", "FATAL")
    }


def judge_testssl(findings, healthy):
    # Several addresses or certificates are told apart by what stands behind the id.
    plain = lambda key: (re.sub(r" ?<.*>", "", key[0]), key[1])
    usual = {plain(key) for key in healthy}
    said = {plain(key): finding for key, finding in findings.items() if plain(key) not in usual}
    if not said:
        return "nothing", ""
    # An end that is still to come is no failure for any tool here.
    to_come = {("cert_expirationStatus", "HIGH"), ("cert_notAfter", "HIGH")}
    failures = {key for key in said if key[1] in ("HIGH", "CRITICAL", "FATAL")} - to_come
    # Whether it has given up is told by the time alone.
    if said.pop(("scanTime", "WARN"), None):
        failures = set(said)
    words = sorted({key[0] for key in failures or said})
    return ("failure" if failures else "warning"), ", ".join(f"`{word}`" for word in words[:3])


def ask_sslyze(folder, work, pem, origin):
    out = work / f"sslyze-{origin.id}.json"
    target = f"{origin.name}:{origin.port}"
    if origin.name != origin.domain:
        target += "{" + socket.gethostbyname(origin.domain) + "}"
    command = [folder / "bin/python", "-m", "sslyze", "--certinfo", "--certinfo_ca_file", pem]
    command += ["--tlsv1_2", "--tlsv1_3", "--json_out", out, target]
    try:
        subprocess.run(
            [str(part) for part in command], timeout=PATIENCE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return "failure", f"no end within {PATIENCE} s"
    answer = json.loads(out.read_text())
    if not answer["server_scan_results"]:
        return "failure", "name does not resolve"
    result = answer["server_scan_results"][0]
    if result["scan_status"] != "COMPLETED":
        return "failure", "cannot connect"
    scans = result["scan_result"]
    information = scans["certificate_info"]
    if information["status"] != "COMPLETED":
        return "failure", "no certificate information"
    failures, warnings = [], []
    for each in information["result"]["certificate_deployments"]:
        if not any(path["was_validation_successful"] for path in each["path_validation_results"]):
            failures.append("no path validates")
        if not each.get("leaf_certificate_subject_matches_hostname", True):
            failures.append("name does not match")
        if each["received_chain_has_valid_order"] is False:
            warnings.append("order not valid")
        if each["received_chain_contains_anchor_certificate"]:
            warnings.append("contains the anchor")
    accepted = [
        suites
        for version in ("tls_1_2_cipher_suites", "tls_1_3_cipher_suites")
        if scans[version]["status"] == "COMPLETED"
        for suites in scans[version]["result"]["accepted_cipher_suites"]
    ]
    if not accepted:
        failures.append("no TLS 1.2 or 1.3")
    words = lambda list: ", ".join(sorted(set(list)))
    if failures:
        return "failure", words(failures)
    return ("warning", words(warnings)) if warnings else ("nothing", "")


def own(origin):
    words = ", ".join(f"`{rule}`" for rule in origin.rules)
    if origin.verdict == "fails":
        return "failure", words
    if origin.verdict == "undecided":
        return "warning", words
    return ("warning", words) if origin.rules else ("nothing", "")


def versions(binary, tools):
    run = lambda *command: subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ | {"TESTSSL_INSTALL_DIR": str(tools / "testssl/etc/testssl")},
    ).stdout
    return {
        "origin-probe": run(binary, "--version").split()[-1],
        "blackbox_exporter": re.search(
            r"version (\S+)", run(tools / BLACKBOX, "--version")
        )[1],
        "testssl.sh": re.search(
            r"(\d+\.\d+\.\d+)", run(tools / "testssl/usr/bin/testssl", "--version")
        )[1],
        "sslyze": re.search(r"sslyze==(\S+)", REQUIREMENTS.read_text())[1],
    }


def viewers(origin):
    """What CloudFront's documents say that viewers get."""
    if origin.verdict == "fails":
        share = "" if origin.ratio == 1 else f" from {origin.ratio:.0%} of the addresses"
        return f"{origin.status}{share}"
    if origin.verdict == "undecided":
        return "not documented"
    return "an answer"


def write(origins, answers, used):
    tools = list(answers)
    names = ", ".join(f"{tool} {version}" for tool, version in used.items())
    lines = [
        HEAD.replace("VERSIONS", names),
        "| origin | viewers get | " + " | ".join(tools) + " |",
        "|---|---|" + "---|" * len(tools),
    ]
    # A failure is shown by its words alone.
    show = lambda kind, words: {"failure": words or kind, "warning": f"{kind}: {words}", "nothing": "–"}[kind]
    silent = []
    for origin in origins:
        if all(answers[tool][origin.id][0] == "nothing" for tool in tools):
            silent.append(origin.id)
            continue
        cells = [show(*answers[tool][origin.id]) for tool in tools]
        mark = " ¹" if origin.id in FIRST_FLIGHT_ONLY else ""
        lines.append(f"| {origin.id}{mark} | {viewers(origin)} | " + " | ".join(cells) + " |")
    counted = [origin for origin in origins if origin.id not in FIRST_FLIGHT_ONLY]
    bad = [origin for origin in counted if origin.verdict == "fails"]
    good = [origin for origin in counted if origin.verdict == "answers"]
    count = lambda tool, some, kind: sum(answers[tool][each.id][0] == kind for each in some)
    lines += [
        "",
        "¹ Not counted: the demo's server answers only the first flight, so tools that need a full handshake fail.",
        "",
        *textwrap.wrap(
            f"No tool reports anything for {', '.join(silent)}. Viewers get an answer.", 120, break_on_hyphens=False
        ),
        "",
        "| | " + " | ".join(tools) + " |",
        "|---|" + "---|" * len(tools),
        f"| failures among the {len(bad)} origins whose viewers get an error | "
        + " | ".join(str(count(tool, bad, "failure")) for tool in tools) + " |",
        "| warnings among them | " + " | ".join(str(count(tool, bad, "warning")) for tool in tools) + " |",
        f"| failures among the {len(good)} whose viewers get an answer | "
        + " | ".join(str(count(tool, good, "failure")) for tool in tools) + " |",
        "| warnings among them | " + " | ".join(str(count(tool, good, "warning")) for tool in tools) + " |",
    ]
    text = "\n".join(lines) + "\n" + NOTES
    PAGE.write_text(text)


HEAD = """# Comparison with other tools

See which tool reports which fault of an origin.

## AWS Trusted Advisor

AWS's own check is
["CloudFront SSL Certificate on the Origin Server"](https://docs.aws.amazon.com/awssupport/latest/user/security-checks.html#cloudfront-ssl-certificate-origin-server).
It needs no installation and connects from AWS, so it also reaches origins that admit only AWS. Use both.

| question | Trusted Advisor | origin-probe |
|---|---|---|
| certificate expired or missing | red | `fails`, with the status that viewers get |
| certificate expires soon | yellow below 30 days: two thirds of the life of a 45-day certificate | warning and critical by share of the lifetime |
| certificate uses SHA-1 | yellow | `signature-unsupported` |
| certificate not located (timeout, connection error) | yellow | `fails` with the cause, or `undecided` if the prober may be the cause |
| chain and CA | not validated, as its description states | one rule per fault |
| name, key, cipher suites, versions | not mentioned | one rule per fault |
| speed | periodic refresh; daily and weekly digests | alert 2 minutes after the second failed probe |
| automation | API and EventBridge, from the Business support plan up | metrics, alerts, JSON, exit codes |

## Reports on the demo's origins

[`tests/benches/compare/peers.py`](../../tests/benches/compare/peers.py) runs each tool against every origin of
`origin-probe demo` and writes this page. The demo's configuration file describes the origins. Each cell has the tool's
words for a failure or a marked warning; – means no report.

Versions: VERSIONS.
"""

NOTES = """
- **"Viewers get" is origin-probe's own verdict** by Amazon's documents, so its column is complete by definition.
  CloudFront was not asked.
- **The tables don't show how often faults occur.** The origins were built for origin-probe's rules.
- **The other tools answer other questions.** blackbox_exporter reports if it can connect itself. testssl.sh and
  sslyze look for weaknesses. Their failures may have other causes than CloudFront's.
- **chacha20-only** supports ChaCha20 in TLS 1.2, which CloudFront offers only in TLS 1.3. With all checks, testssl.sh
  and sslyze list the cipher suites, which shows the fault if you know CloudFront's list.
- **Several addresses:** blackbox_exporter and sslyze test one, testssl.sh tests all.
- **host-not-in-certificate:** the other tools got the viewers' Host. They cannot know that CloudFront also accepts a
  certificate for the Origin Domain.

## How each tool was run

Every tool uses the system's resolver, trusts the demo's root, and verifies the server name that CloudFront sends.

| tool | options | failure | warning |
|---|---|---|---|
| blackbox_exporter | `tcp` prober, `tls: true`, `hostname` as the server name | `probe_success` 0; the cause is only in the log and in `debug=true` | expiry within 21 days, as in the blackbox-exporter mixin |
| testssl.sh | `-p -S`, without findings that the healthy origin has too | severity HIGH, CRITICAL or FATAL, or an aborted scan | severity LOW, MEDIUM or WARN, or a coming expiry |
| sslyze | `--certinfo --tlsv1_2 --tlsv1_3` | no trust store accepts the chain, wrong name, no connection, or no cipher suite | chain out of order, or with its anchor |

## CPU per probe

One origin on loopback, TLS 1.3, ECDSA P-256, one intermediate, 2 shared x86-64 cores. Only origin-probe looks up the
name each time.

| tool | pace | CPU per probe | origin-probe 0.1.0 at that pace | ratio |
|---|---|---|---|---|
| blackbox_exporter 0.28 | 200 probes/s | 1464 µs | 369 µs | 4.0 × ([measured](measurements.md)) |
| blackbox_exporter 0.28 | 20 probes/s | 1800 µs | 800 µs | 2.3 × |
| boulder observer (Go 1.27) | 200 probes/s | 969 µs | 413 µs | 2.3 × |

The last two rows were measured once, in November 2026, with an earlier build that probed on several threads.
"""


def main():
    enter_own_network()
    binary, tools = (pathlib.Path(path) for path in sys.argv[1:3])
    used = versions(binary, tools)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix="origin-probe-compare-"))
    children = []
    try:
        demo, base, text = start_demo(binary, work)
        children.append(demo)
        host, port = re.search(r'nameservers: \["([\d.]+):(\d+)"\]', text).groups()
        Forward.upstream = (host, int(port))
        forward = socketserver.ThreadingUDPServer(("127.0.0.1", 53), Forward)
        threading.Thread(target=forward.serve_forever, daemon=True).start()
        (work / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:2 attempts:1\n")
        subprocess.run(["mount", "--bind", work / "resolv.conf", "/etc/resolv.conf"], check=True)
        pem = re.search(r'extra: \["([^"]+)"\]', text)[1]

        reports = json.loads(get(f"{base}/api/v1/origins"))["origins"]
        origins = [Origin(text, report) for report in reports]
        (work / "blackbox.yaml").write_text(
            "modules: {tls: {prober: tcp, timeout: 10s, tcp: {tls: true, preferred_ip_protocol: ip4,"
            f" tls_config: {{ca_file: {pem}}}}}}}}}\n"
        )
        command = [tools / BLACKBOX, f"--config.file={work}/blackbox.yaml"]
        command += ["--web.listen-address=127.0.0.1:9115"]
        children.append(subprocess.Popen([str(each) for each in command], stderr=subprocess.DEVNULL))
        time.sleep(2)

        testssl, sslyze = tools / "testssl", tools / "sslyze"
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            said = {each.id: pool.submit(testssl_findings, testssl, work, pem, each) for each in origins}
            seen = {each.id: pool.submit(ask_sslyze, sslyze, work, pem, each) for each in origins}
            asked = {each.id: pool.submit(ask_blackbox, "http://127.0.0.1:9115", each) for each in origins}
            said = {name: result.result() for name, result in said.items()}
            answers = {
                "origin-probe": {each.id: own(each) for each in origins},
                "blackbox_exporter": {name: result.result() for name, result in asked.items()},
                "testssl.sh": {n: judge_testssl(each, said["healthy"]) for n, each in said.items()},
                "sslyze": {name: result.result() for name, result in seen.items()},
            }
        if keep := os.environ.get("COMPARE_PEERS_KEEP"):
            raw = {name: [[*key, words] for key, words in each.items()] for name, each in said.items()}
            pathlib.Path(keep).write_text(json.dumps({"answers": answers, "testssl.sh": raw}, indent=1))
        # A tool that cannot be asked at all would look as if it failed everywhere.
        for tool, told in answers.items():
            assert told["healthy"][0] == "nothing", (tool, told["healthy"], said["healthy"])
        write(origins, answers, used)
        print(f"written: {PAGE.relative_to(ROOT)}")
    finally:
        for child in children:
            child.send_signal(signal.SIGTERM)
        for child in children:
            child.wait(30)
        subprocess.run(["umount", "/etc/resolv.conf"], stderr=subprocess.DEVNULL)
        shutil.rmtree(work, ignore_errors=True)


main()
