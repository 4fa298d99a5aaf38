#!/usr/bin/env python3
"""Renders the Helm chart and the kustomizations in every way that is told apart, and judges them.

Usage: manifests.py TOOLS BINARY FOLDER, with what install-kubernetes-tools installed, the program whose
configuration is rendered, and where the rendered manifests are to be left.
"""

import concurrent.futures
import copy
import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import textwrap

import yaml

import config_schema
import judged
import started
import values_tried
from judged import OPERATORS, VERSIONS, documents

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHART = ROOT / "deploy/helm/origin-probe"
KUSTOMIZE = ROOT / "deploy/kustomize"
# What a chart says of itself, and kustomize does not.
CHARTS_OWN = {"helm.sh/chart", "app.kubernetes.io/managed-by"}
# What cases of ci/ leave to others.
OUTSIDE = {"existing-configmap": ["origins"], "existing-secret": ["origins"]}

tools, binary, folder = (pathlib.Path(argument) for argument in sys.argv[1:])
failures = []
to_start = {}


def expect(holds, what):
    if not holds:
        failures.append(what)


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def helm(*arguments, chart=CHART, release="origin-probe"):
    return run(tools / "bin/helm", "template", release, chart, "--namespace", "monitoring",
               "--kube-version", VERSIONS[-1], *arguments)


def rendered(name, process, keep=True):
    """The documents that were rendered, kept in the folder for checkov; nothing, and a failure, if they were
    not."""
    if process.returncode != 0:
        failures.append(f"{name}: {process.stderr.strip()}")
        return []
    if keep:
        (folder / f"{name}.yaml").write_text(process.stdout)
    return documents(process.stdout)


@functools.cache
def faults(text):
    """Of a rendering, each part of which is judged once however often it comes."""
    if "\n---\n" in text:
        return [fault for part in text.split("\n---\n") for fault in faults(part)]
    return [f"{document['kind']}: {fault}" for document in documents(text) for fault in judged.faults(document)]


def judge(name, manifests):
    """Whether the manifests are as they must be, and the daemon does what they say."""
    if not manifests:
        return
    seen = set()
    for document in manifests:
        identity = (document["kind"], document["metadata"].get("namespace"), document["metadata"]["name"])
        expect(identity not in seen, f"{name}: {identity} is there twice")
        seen.add(identity)
        failures.extend(f"{name}: {fault}" for fault in faults(json.dumps(document)))
        if document["kind"] in judged.WORKLOADS:
            template = document["spec"]["template"]
            failures.extend(f"{name}: {fault}" for fault in judged.restricted(
                template["spec"], openshift=name == "openshift", token=name == "openshift"))
            if name in ("default", "sharded") or name.startswith("kustomize"):
                failures.extend(f"{name}: {fault}" for fault in judged.rolls(document))
            let_in = list(judged.meshed(template))
            expect(len(let_in) == 6 if name == "bare" else not let_in, f"{name}: a service mesh: {let_in}")
    failures.extend(f"{name}: {fault}" for fault in judged.wired(manifests, OUTSIDE.get(name, ())))
    to_start[name] = manifests


def start_all():
    """Starts every workload that was judged. At its end a daemon waits two seconds for what is under way, so
    that some wait together."""
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        start = lambda name: list(started.start(binary, folder / f"{name}.started", to_start[name]))
        for name, faults in zip(to_start, pool.map(start, to_start)):
            failures.extend(f"{name}: started: {fault}" for fault in faults)


def egress(name, manifests, **how):
    policy = next(d for d in manifests if d["kind"] == "NetworkPolicy")
    failures.extend(f"{name}: {fault}" for fault in judged.egress(policy, **how))


def notes(*arguments):
    """What Helm says at the end of an installation, which `helm template` leaves out."""
    chart = folder / "noted.chart"
    if not chart.exists():
        shutil.copytree(CHART, chart)
        text = (chart / "templates/NOTES.txt").read_text()
        (chart / "templates/NOTES.txt").unlink()
        (chart / "templates/notes.yaml").write_text(
            '{{ define "notes" }}' + text + '{{ end }}\nnotes: {{ include "notes" . | quote }}\n')
    process = helm(*arguments, "--show-only", "templates/notes.yaml", chart=chart)
    expect(process.returncode == 0, f"NOTES.txt: {process.stderr.strip()}")
    return yaml.safe_load(process.stdout)["notes"] if process.returncode == 0 else ""


@functools.cache
def parsed(text):
    return yaml.load(text, judged.Strict)


def neutral(manifests):
    """Manifests as the chart and kustomize must agree on them."""
    result = {}
    for document in copy.deepcopy(manifests):
        document["metadata"].pop("namespace", None)
        metas = [document["metadata"]]
        if "template" in document.get("spec", {}):
            metas.append(document["spec"]["template"]["metadata"])
        for meta in metas:
            meta["labels"] = {k: v for k, v in meta["labels"].items() if k not in CHARTS_OWN}
        if document["kind"] == "ConfigMap":
            document["data"] = {k: parsed(v) for k, v in document["data"].items()}
        result[document["kind"], document["metadata"]["name"]] = document
    return result


def differences(one, other, where=""):
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}, key=str):
            yield from differences(one.get(key), other.get(key), f"{where}/{key}")
    elif one != other:
        yield f"{where}: {one!r} in the chart, {other!r} in kustomize"


def kustomized(name, overlay, monitored):
    """What a user's own kustomization over an overlay gives."""
    own = folder / f"{name}.kustomize"
    own.mkdir(exist_ok=True)
    there = os.path.relpath(KUSTOMIZE, own)
    text = {"namespace": "monitoring", "resources": [f"{there}/overlays/{overlay}"]}
    if monitored:
        text["components"] = [f"{there}/components/monitoring"]
    (own / "kustomization.yaml").write_text(yaml.safe_dump(text))
    return rendered(name, run(tools / "bin/kubectl", "kustomize", own))


def documented():
    """What the documents tell users to write, as they would write it."""
    text = (ROOT / "deploy/README.md").read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.S | re.M)
    values = [block for block in blocks if block.startswith("config:\n")]
    expect(len(values) == 2, "deploy/README.md: two examples of values are expected")
    for number, block in enumerate(values):
        path = folder / f"documented-{number}.values"
        path.write_text(block)
        manifests = rendered(f"documented-helm-{number}", helm("--values", path))
        judge(f"documented-helm-{number}", manifests)
    (block,) = [block for block in blocks if "kind: Kustomization" in block]
    own = folder / "documented.kustomize"
    own.mkdir()
    there = os.path.relpath(ROOT, own)
    block, replaced = re.subn(r"https://github.com/origin-probe/origin-probe//(\S+)\?ref=v\S+", rf"{there}/\1", block)
    expect(replaced == 2, "deploy/README.md: the kustomization names two places of the repository")
    (own / "kustomization.yaml").write_text(block)
    (own / "origin-probe.yaml").write_text("origins: [{id: mine, domain: mine.example.com}]\n")
    manifests = rendered("documented-kustomize", run(tools / "bin/kubectl", "kustomize", own))
    judge("documented-kustomize", manifests)
    expect(any("mine.example.com" in str(d.get("data")) for d in manifests), "the user's configuration is not taken")
    monitors = [d for d in manifests if d["kind"] in OPERATORS]
    expect(len(monitors) == 2 and all(d["metadata"]["labels"]["release"] for d in monitors), "no label to select by")

    text = (ROOT / "deploy/docs/troubleshooting.md").read_text()
    (block,) = re.findall(r"^  ```yaml\n(  extraManifests:\n.*?)^  ```$", text, re.S | re.M)
    path = folder / "documented-cilium.values"
    path.write_text("config: {origins: [{id: shop, domain: origin.example.com}]}\n" + textwrap.dedent(block))
    manifests = rendered("documented-cilium", helm("--values", path), keep=False)
    pods = [d["spec"]["template"] for d in manifests if d["kind"] == "Deployment"]
    (policy,) = [d for d in manifests if d["kind"] == "CiliumNetworkPolicy"]
    expect(judged.selected(policy["spec"]["endpointSelector"]["matchLabels"], pods) == pods,
           "troubleshooting.md: the policy for Cilium selects no pod")

    (command,) = re.findall(r"^(helm install .*?)^```$", (ROOT / "README.md").read_text(), re.S | re.M)
    words = shlex.split(command.replace("\\\n", " "))
    sets = [word for flag, value in zip(words, words[1:]) if flag == "--set" for word in (flag, value)]
    manifests = rendered("documented-command", helm(*sets))
    judge("documented-command", manifests)
    expect({d["kind"] for d in manifests} >= set(OPERATORS) - {"Probe"}, "README.md: helm install leaves out monitors")


def names(default):
    """Releases whose names are not what one thinks of."""
    for release, *arguments in [
        ("my.release", "--set", "serviceMonitor.enabled=true"),
        ("123456", "--set", "fullnameOverride=probe,serviceMonitor.enabled=true"),
        ("1e10", "--set", "fullnameOverride=probe,serviceMonitor.enabled=true", "--namespace", "12345"),
        ("r" * 53, "--set", "shards=2,serviceMonitor.enabled=true,grafanaDashboard.enabled=true"),
        ("r", "--set", f"nameOverride={'n' * 63},shards=2,serviceMonitor.enabled=true"),
        ("the-origin-probe-here", "--set", "serviceMonitor.enabled=true"),
    ]:
        name = f"release-{release}"
        judge(name, rendered(name, helm("--values", default, *arguments, release=release), keep=False))


def dependency(default):
    """As a part of somebody's own chart, which can switch it off."""
    parent = folder / "parent.chart"
    parent.mkdir()
    shutil.copytree(CHART, parent / "charts/origin-probe")
    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["version"]
    dependencies = [{"name": "origin-probe", "version": version, "condition": "origin-probe.enabled"}]
    (parent / "Chart.yaml").write_text(yaml.safe_dump(
        {"apiVersion": "v2", "name": "parent", "version": "0.1.0", "dependencies": dependencies}))
    values = {"enabled": True, **yaml.safe_load(default.read_text())}
    (parent / "values.yaml").write_text(yaml.safe_dump({"global": {"any": "thing"}, "origin-probe": values}))
    judge("dependency", rendered("dependency", helm(chart=parent), keep=False))
    off = helm("--set", "origin-probe.enabled=false", chart=parent)
    expect(off.returncode == 0 and not documents(off.stdout), "a dependency cannot be switched off")


def words(default):
    """Helm reads a yes without quotes as true, which the daemon does not take."""
    for word, wanted in [("true", "yes"), ("false", "no"), ("auto", "auto")]:
        name = f"word-{word}"
        manifests = rendered(name, helm("--values", default, "--set", ",".join([
            f"config.origins[0].reachable_from_here={word}", f"config.probe.reachable_from_here={word}",
            "config.discovery.cloudfront[0].name=a", f"config.discovery.cloudfront[0].reachable_from_here={word}"])), keep=False)
        judge(name, manifests)
        config = next(yaml.safe_load(d["data"]["origin-probe.yaml"]) for d in manifests if d["kind"] == "ConfigMap")
        places = [config["probe"], *config["origins"], *config["discovery"]["cloudfront"]]
        expect(all(place["reachable_from_here"] == wanted for place in places), f"{name}: {places}")


def commented():
    """Whether values.yaml says something of each value that stands in it."""
    told = False
    for line in (CHART / "values.yaml").read_text().splitlines():
        if not line:
            told = False
        elif line.startswith("#"):
            told = True
        elif line[0] != " ":
            expect(told, f"values.yaml: nothing is said of {line}")


def steady():
    """Whoever compares what is rendered with what is there, such as Argo CD, must not find a difference."""
    text = "".join(path.read_text() for path in sorted((CHART / "templates").iterdir()))
    for word in ("lookup", "rand", "genSigned", "genSelf", "genCA", "genPrivateKey", "now", "uuidv4", "helm.sh/hook"):
        expect(not re.search(rf"\b{re.escape(word)}", text),
               f"templates: {word} renders something else each time")


def refused(cases):
    """What must not be rendered, each with a word of why."""
    default = ["--values", cases["default"]]
    rules = [*default, "--set", "prometheusRule.enabled=true", "--set"]
    for arguments, word in [
        ([], "Nothing is to be watched yet"),
        (["--set", "config.origins[0].id=a"], "domain is required"),
        (["--set", "replica=2"], "replica"),
        (["--set", "config.origin[0].id=a"], "origin"),
        ([*default, "--set", "config.origins[0].viewer_host=a"], "viewer_host"),
        ([*default, "--set", "config.probe.intervall=1m"], "intervall"),
        ([*default, "--set", "config.probe.interval=60"], "config.probe.interval"),
        ([*default, "--set", "config.origins[0].https_port=high"], "https_port"),
        ([*default, "--set", "config.origins[0].labels.account=123456789012"], "labels.account"),
        ([*default, "--set", "configExtraFiles.origin-probe\\.yaml=a"], "configKey"),
        ([*default, "--set", "podDisruptionBudget.maxUnavailable=null"], "podDisruptionBudget"),
        ([*default, "--set", "config.discovery.cloudfront[0].nam=a"], "nam"),
        (["--set", "configExistingSecretName=a,configExistingConfigMapName=b"], "not"),
        ([*default, "--set", "containerPort=9000"], "config.web.listen"),
        ([*default, "--set", "containerPort=9000,config.web.lifecycle=false"], "config.web.listen"),
        ([*default, "--set", "config.web.listen=127.0.0.1:10502"], "reach"),
        ([*default, "--set", "shards=3,replicas=2"], "replicas"),
        ([*default, "--set", "probe.enabled=true"], "config.probe_endpoint"),
        ([*default, "--set", "ingress.enabled=true"], "ingress.hosts"),
        (["--values", cases["existing-secret"], "--set", "probe.targets.staticConfig=null"], "probe.targets"),
        (["--values", cases["existing-secret"], "--set", "probe.interval=10s"], "probe.scrapeTimeout"),
        ([*default, "--set", "serviceMonitor.interval=often"], "interval"),
        ([*default, "--set", "serviceMonitor.enabled=true,serviceMonitor.interval=5s"], "serviceMonitor.scrapeTimeout"),
        ([*default, "--set", "webConfig.tls=true"], "webConfig.existingSecretName"),
        ([*default, "--set", "strategy.rollingUpdate.maxSurge=0"], "strategy"),
        ([*default, "--set", "fullnameOverride=a.b"], "fullnameOverride"),
        ([*default, "--set", "nameOverride=My_Probe"], "nameOverride"),
        ([*default, "--set", r"commonLabels.app\.kubernetes\.io/name=a"], "app.kubernetes.io/name"),
        ([*default, "--set", r"podLabels.app\.kubernetes\.io/instance=a"], "app.kubernetes.io/instance"),
        ([*rules, "prometheusRule.disabledAlerts[0]=Nope"], "Nope"),
        ([*rules, "prometheusRule.forOverrides.Nope=1m"], "Nope"),
        ([*rules, "prometheusRule.severityOverrides.Nope=info"], "Nope"),
    ]:
        process = helm(*arguments)
        expect(process.returncode != 0 and word in process.stderr, f"helm {arguments}: not refused for {word!r}")
    process = helm(*default, release="123456")
    expect(process.returncode != 0 and "fullnameOverride" in process.stderr, "a name that begins with a digit")


def told(cases):
    """What the chart says after an installation, and whether it is so."""
    for name, path in cases.items():
        said = notes("--values", path)
        services = {(d["metadata"]["namespace"], d["metadata"]["name"], str(port["port"]))
                    for d in rendered(f"helm-{name}", helm("--values", path), keep=False) if d["kind"] == "Service"
                    for port in d["spec"]["ports"]}
        forward = re.findall(r"kubectl --namespace (\S+) port-forward service/(\S+) 10502:(\d+)$", said, re.M)
        expect(len(forward) == 1 and forward[0] in services, f"{name}: NOTES.txt: {forward}")
        expect(("https://localhost" in said) == (name == "every-toggle"), f"{name}: NOTES.txt: the scheme")
        given = yaml.safe_load(path.read_text())
        for section, word in [("serviceMonitor", "Nothing is scraped"), ("prometheusRule", "No alert is there")]:
            on = given.get(section, {}).get("enabled", False)
            expect((word in said) != on, f"{name}: NOTES.txt: {word}")


    bare = notes("--values", cases["monitored"], "--set", "webConfig.existingSecretName=web,webConfig.tls=true")
    expect("set serviceMonitor.tlsConfig" in bare, "NOTES.txt does not say that the certificate cannot be verified")


def judges(cases):
    """The judges themselves: a slip of the pen must not pass."""
    default = documents(helm("--values", cases["monitored"]).stdout)
    for kind, spoil in [("Deployment", lambda d: d["spec"].update(replicaz=1)),
                        ("Deployment", lambda d: d["spec"]["strategy"].update(type="Recreate")),
                        ("Deployment", lambda d: d["spec"]["template"]["metadata"]["labels"].update({"a": "-"})),
                        ("Service", lambda d: d["metadata"].update(name="1")),
                        ("ServiceMonitor", lambda d: d["spec"]["endpoints"][0].update(intervall="30s")),
                        ("ServiceMonitor", lambda d: d["spec"]["endpoints"][0].update(interval="often")),
                        ("PodDisruptionBudget", lambda d: d["spec"].update(minAvailable=1)),
                        ("PrometheusRule", lambda d: d["spec"]["groups"][0]["rules"][0].pop("expr"))]:
        spoiled = copy.deepcopy(next(d for d in default if d["kind"] == kind))
        spoil(spoiled)
        expect(judged.faults(spoiled), f"a spoiled {kind} was not refused")
        other = [spoiled if d["kind"] == kind else d for d in default]
        expect(list(differences(neutral(default), neutral(other))), f"a spoiled {kind} makes no difference")
    for kind, spoil in [("Service", lambda d: d["spec"]["selector"].update(a="b")),
                        ("ServiceMonitor", lambda d: d["spec"]["selector"]["matchLabels"].update(a="b")),
                        ("ConfigMap", lambda d: d["metadata"].update(name="b")),
                        ("ServiceAccount", lambda d: d["metadata"].update(name="b"))]:
        other = copy.deepcopy(default)
        spoil(next(d for d in other if d["kind"] == kind))
        expect(list(judged.wired(other)), f"a spoiled {kind} fits")
    try:
        documents("a: {b: 1, b: 2}")
        failures.append("a key that is there twice is not refused")
    except yaml.YAMLError:
        pass


def main():
    cases = {path.name.removesuffix("-values.yaml"): path for path in sorted((CHART / "ci").glob("*-values.yaml"))}
    for name, path in cases.items():
        manifests = rendered(f"helm-{name}", helm("--values", path))
        judge(name, manifests)
        how = {"restricted-egress": {"pods": False, "pod_identity": False, "exceptions": False},
               "every-toggle": {"instance_metadata": True}}.get(name, {})
        if any(d["kind"] == "NetworkPolicy" for d in manifests):
            egress(name, manifests, **how)
    names(cases["default"])
    dependency(cases["default"])
    words(cases["default"])
    told(cases)

    egress("an origin at 8443", rendered("helm-8443", helm(
        "--values", cases["default"], "--set", "config.origins[0].https_port=8443")))
    monitoring = ["--set", "serviceMonitor.enabled=true,prometheusRule.enabled=true,grafanaDashboard.enabled=true"]
    for overlay, case in [("single", "default"), ("sharded", "sharded")]:
        for monitored in (False, True):
            name = f"kustomize-{overlay}{'-monitored' if monitored else ''}"
            ours = kustomized(name, overlay, monitored)
            judge(name, ours)
            egress(name, ours)
            chart = documents(helm("--values", cases[case], *(monitoring if monitored else [])).stdout)
            failures.extend(f"{name}: {d}" for d in differences(neutral(chart), neutral(ours)))

    documented()
    commented()
    steady()
    refused(cases)
    judges(cases)
    start_all()
    tried = folder / "tried.values"
    tried.mkdir()
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = json.loads((CHART / "values.schema.json").read_text())
    expect(schema["properties"]["config"] == config_schema.config(), "values.schema.json: run .ci/sync-manifests")
    failures.extend(values_tried.try_each(defaults, cases, helm, tried, faults))

    for failure in failures:
        print(f"manifests: {failure}", file=sys.stderr)
    print(f"{len(list(folder.glob('*.yaml')))} renderings, {len(to_start)} of them and others started, "
          f"{len(list(values_tried.leaves(defaults)))} values tried, {len(failures)} faults")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
