#!/usr/bin/env python3
"""Renders the Helm chart and the kustomizations in every supported form and judges the results.

Usage: manifests.py CACHE BINARY FOLDER: the folder of `.ci/install`, the program whose configuration is rendered,
and a temporary folder.
"""

import concurrent.futures
import copy
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

import judged
import started
from judged import OPERATORS, WORKLOADS, documents

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHART = ROOT / "deploy/helm/origin-probe"
KUSTOMIZE = ROOT / "deploy/kustomize"
README = (ROOT / "deploy/README.md").read_text()
CASES = {path.name.removesuffix("-values.yaml"): path for path in sorted((CHART / "ci").glob("*-values.yaml"))}
DEFAULT = ["--values", CASES["default"]]
# The cases of ci/ whose configuration somebody else makes.
OUTSIDE = {"existing-configmap": ["origins"], "existing-secret": ["origins"]}
# Labels that only a chart has.
CHARTS_OWN = {"helm.sh/chart", "app.kubernetes.io/managed-by"}
# Sections that have Kubernetes' own fields and are set as a whole.
OPAQUE = {"strategy", "updateStrategy", "livenessProbe", "readinessProbe", "resources", "podSecurityContext",
          "securityContext", "nodeSelector"}
NOT_SET = object()
MONITORING = "serviceMonitor.enabled=true,prometheusRule.enabled=true,grafanaDashboard.enabled=true"
RELEASES = [
    ("my.release", "serviceMonitor.enabled=true"),
    ("123456", "fullnameOverride=probe,serviceMonitor.enabled=true"),
    ("1e10", "fullnameOverride=probe,serviceMonitor.enabled=true", "--namespace", "12345"),
    ("r" * 53, "shards=2,serviceMonitor.enabled=true,grafanaDashboard.enabled=true"),
    ("r", f"nameOverride={'n' * 63},shards=2,serviceMonitor.enabled=true"),
    ("the-origin-probe-here", "serviceMonitor.enabled=true"),
]

cache, binary, folder = (pathlib.Path(argument) for argument in sys.argv[1:])
failures, to_start = [], {}


def expect(holds, what):
    failures.extend([] if holds else [what])


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def helm(*arguments, chart=CHART, release="origin-probe"):
    return run(cache / "node/node_modules/.bin/helm", "template", release, chart, "--namespace", "monitoring",
               "--kube-version", judged.VERSIONS[-1], *arguments)


def kustomized(name, kustomization):
    """The rendering of a user's own kustomization, which names resources by absolute paths."""
    own = folder / f"{name}.kustomize"
    own.mkdir()
    text = yaml.safe_dump(kustomization).replace(f"{ROOT}/", f"{os.path.relpath(ROOT, own)}/")
    (own / "kustomization.yaml").write_text(text)
    (own / "origin-probe.yaml").write_text("origins: [{id: mine, domain: mine.example.com}]\n")
    return judge(name, run(cache / "python/bin/kubectl", "kustomize", own))


def judge(name, process):
    """The manifests of a rendering, judged."""
    if process.returncode != 0:
        failures.append(f"{name}: {process.stderr.strip()}")
        return []
    manifests = documents(process.stdout)
    names = [(d["kind"], d["metadata"].get("namespace"), d["metadata"]["name"]) for d in manifests]
    expect(len(names) == len(set(names)), f"{name}: an object is there twice")
    found = [*judged.faults(process.stdout), *judged.policies(manifests, name, OUTSIDE.get(name, ()))]
    for policy in [d for d in manifests if d["kind"] == "NetworkPolicy"]:
        out = list(judged.egress(policy))
        expect(out == judged.OTHER_EGRESS.get(name, judged.EGRESS), f"{name}: egress: {out}")
    failures.extend(f"{name}: {fault}" for fault in found)
    to_start[name] = manifests
    return manifests


def container(manifests):
    (workload,) = [d for d in manifests if d["kind"] in WORKLOADS]
    return next(c for c in workload["spec"]["template"]["spec"]["containers"] if c["name"] == "origin-probe")


def parts_and_names():
    """The chart with unusual release names, and as a dependency that can be switched off."""
    for release, values, *more in RELEASES:
        judge(f"release-{release}", helm(*DEFAULT, "--set", values, *more, release=release))
    digits = helm(*DEFAULT, release="123456")
    expect(digits.returncode != 0 and "fullnameOverride" in digits.stderr, "a name that begins with a digit")
    parent = folder / "parent.chart"
    shutil.copytree(CHART, parent / "charts/origin-probe")
    part = {"name": "origin-probe", "version": "*", "condition": "origin-probe.enabled"}
    chart = {"apiVersion": "v2", "name": "parent", "version": "0.1.0", "dependencies": [part]}
    values = {"enabled": True, **yaml.safe_load(CASES["default"].read_text())}
    (parent / "Chart.yaml").write_text(yaml.safe_dump(chart))
    (parent / "values.yaml").write_text(yaml.safe_dump({"global": {"any": "thing"}, "origin-probe": values}))
    judge("dependency", helm(chart=parent))
    off = helm("--set", "origin-probe.enabled=false", chart=parent)
    expect((off.returncode, documents(off.stdout)) == (0, []), "a dependency cannot be switched off")


def values():
    """Words that Helm reads as booleans, and what the chart refuses."""
    places = ["config.origins[0]", "config.probe", "config.discovery.cloudfront[0]"]
    for word, wanted in [("true", "yes"), ("false", "no"), ("auto", "auto")]:
        sets = [f"{place}.reachable_from_here={word}" for place in places]
        sets = ",".join(["config.discovery.cloudfront[0].name=a", *sets])
        manifests = judge(f"word-{word}", helm(*DEFAULT, "--set", sets))
        config = next(yaml.safe_load(d["data"]["origin-probe.yaml"]) for d in manifests if d["kind"] == "ConfigMap")
        found = [config["probe"], *config["origins"], *config["discovery"]["cloudfront"]]
        expect([each["reachable_from_here"] for each in found] == [wanted] * 3, f"{word}: {found}")
    for case, sets, word in yaml.safe_load((CHART / "ci/refused.yaml").read_text()):
        process = helm(*(["--values", CASES[case]] if case in CASES else []), "--set", sets)
        expect(process.returncode != 0 and word in process.stderr, f"helm: {sets} is not refused with {word!r}")


def notes():
    """The text that Helm prints after an installation; `helm template` leaves it out."""
    chart = folder / "noted.chart"
    shutil.copytree(CHART, chart)
    text = (chart / "templates/NOTES.txt").read_text()
    (chart / "templates/NOTES.txt").unlink()
    (chart / "templates/notes.yaml").write_text(
        '{{ define "notes" }}' + text + '{{ end }}\nnotes: {{ include "notes" . | quote }}\n')

    def told(*arguments):
        process = helm(*arguments, "--show-only", "templates/notes.yaml", chart=chart)
        expect(process.returncode == 0, f"NOTES.txt: {process.stderr.strip()}")
        return yaml.safe_load(process.stdout or "notes: ''")["notes"]

    for name, path in CASES.items():
        said, given = told("--values", path), yaml.safe_load(path.read_text())
        services = [(d["metadata"]["namespace"], d["metadata"]["name"], str(port["port"]))
                    for d in to_start[name] if d["kind"] == "Service" for port in d["spec"]["ports"]]
        forward = re.findall(r"kubectl --namespace (\S+) port-forward service/(\S+) 10502:(\d+)$", said, re.M)
        scraped, alerts = (given.get(key, {}).get("enabled", False) for key in ("serviceMonitor", "prometheusRule"))
        for words, wanted in [("https://localhost", name == "every-toggle"), ("not scraped yet", not scraped),
                              ("not installed yet", not alerts), ("to Alertmanager:", alerts)]:
            expect((words in said) == wanted, f"{name}: NOTES.txt: {words}")
        expect(len(forward) == 1 and forward[0] in services, f"{name}: NOTES.txt: {forward}")
    bare = told("--values", CASES["monitored"], "--set", "webConfig.existingSecretName=web,webConfig.tls=true")
    expect("Set serviceMonitor.tlsConfig" in bare, "NOTES.txt does not say that the certificate cannot be verified")


def documented():
    """What the documents tell users to write, as they would write it."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", README, re.S | re.M)
    begins = lambda text: [block for block in blocks if block.startswith(text)]
    for number, block in zip(range(2), begins("config:\n"), strict=True):
        (folder / f"documented-{number}.values").write_text(block)
        judge(f"documented-helm-{number}", helm("--values", folder / f"documented-{number}.values"))
    here = lambda text: re.sub(r"(\.\./origin-probe|https://github\.com/origin-probe/origin-probe/)/(deploy/[^\s?]+)"
                               r"(\?ref=v\S+)?", rf"{ROOT}/\2", text)
    (checkout,) = [yaml.safe_load(here(block)) for block in blocks if "kind: Kustomization" in block]
    (release,) = [checkout | yaml.safe_load(here(block)) for block in begins("resources:\n")]
    (sharded,) = [checkout | yaml.safe_load(block) for block in begins("patches:\n")]
    sharded["resources"] = [each.replace("single", "sharded") for each in checkout["resources"]]
    del release["images"]
    for name, text in {"": checkout, "-sharded": sharded, "-release": release}.items():
        name = f"documented-kustomize{name}"
        manifests = kustomized(name, text)
        own = container(manifests)
        wanted = "ghcr.io/origin-probe/origin-probe:" if text is release else "registry.example.com/origin-probe:dev"
        expect(own["image"].startswith(wanted), f"{name}: {own['image']}")
        expect(any("mine.example.com" in str(d.get("data")) for d in manifests), f"{name}: not the user's origins")
        monitors = [d for d in manifests if d["kind"] in OPERATORS]
        expect(len(monitors) == 2 and all(d["metadata"]["labels"]["release"] for d in monitors), f"{name}: labels")
        if text is sharded:
            variables = {v["name"]: v.get("value") for v in own["env"]}
            (replicas,) = [str(d["spec"]["replicas"]) for d in manifests if d["kind"] == "StatefulSet"]
            expect(replicas == variables["ORIGIN_PROBE_SHARDS"] != "3", f"{name}: {replicas}, {variables}")
            (account,) = [d for d in manifests if d["kind"] == "ServiceAccount"]
            expect("eks.amazonaws.com/role-arn" in account["metadata"]["annotations"], f"{name}: IRSA")

    text = (ROOT / "deploy/docs/troubleshooting.md").read_text()
    (block,) = re.findall(r"^  ```yaml\n(  extraManifests:\n.*?)^  ```$", text, re.S | re.M)
    (folder / "cilium.values").write_text(textwrap.dedent(block))
    manifests = documents(helm(*DEFAULT, "--values", folder / "cilium.values").stdout)
    labels = [d["spec"]["template"]["metadata"]["labels"] for d in manifests if d["kind"] == "Deployment"]
    wanted = [d["spec"]["endpointSelector"]["matchLabels"] for d in manifests if d["kind"] == "CiliumNetworkPolicy"]
    expect(len(wanted) == 1 and wanted[0].items() <= labels[0].items(), "troubleshooting.md: Cilium's policy")

    # The first command installs a checkout; the second installs a release with values that are judged above.
    command, _ = re.findall(r"^(helm install (?:.*\\\n)*.*\n)", (ROOT / "README.md").read_text(), re.M)
    words = shlex.split(command.replace("\\\n", " "))
    expect(ROOT / words[3] == CHART, f"README.md: helm install takes {words[3]}")
    sets = [word for flag, value in zip(words, words[1:]) if flag == "--set" for word in (flag, value)]
    manifests = judge("documented-command", helm(*sets))
    expect({d["kind"] for d in manifests} >= set(OPERATORS) - {"Probe"}, "README.md: helm install has no monitors")
    expect(container(manifests)["image"] == "registry.example.com/origin-probe:dev", "README.md: helm install's image")


def neutral(manifests):
    """Manifests in the form in which the chart and kustomize must agree."""
    result = {}
    for document in copy.deepcopy(manifests):
        document["metadata"].pop("namespace", None)
        for meta in (document["metadata"], document.get("spec", {}).get("template", {}).get("metadata", {})):
            meta["labels"] = {k: v for k, v in meta.get("labels", {}).items() if k not in CHARTS_OWN}
        if document["kind"] == "ConfigMap":
            document["data"] = {k: yaml.load(v, judged.Strict) for k, v in document["data"].items()}
        result[document["kind"], document["metadata"]["name"]] = document
    return result


def differences(chart, kustomize, where=""):
    if isinstance(chart, dict) and isinstance(kustomize, dict):
        for key in sorted({*chart, *kustomize}, key=str):
            yield from differences(chart.get(key), kustomize.get(key), f"{where}/{key}")
    elif chart != kustomize:
        yield f"{where}: {chart!r} in the chart, {kustomize!r} in kustomize"


def overlays():
    """Kustomize renders what the chart renders."""
    for overlay, case in [("single", "default"), ("sharded", "sharded")]:
        for more, components in [([], []), (["--set", MONITORING], [f"{KUSTOMIZE}/components/monitoring"])]:
            name, resources = f"kustomize-{overlay}-{len(components)}", [f"{KUSTOMIZE}/overlays/{overlay}"]
            ours = kustomized(name, {"namespace": "monitoring", "resources": resources, "components": components})
            chart = documents(helm("--values", CASES[case], *more).stdout)
            failures.extend(f"{name}: {each}" for each in differences(neutral(chart), neutral(ours)))


def judges():
    """The judges themselves refuse a slip."""
    for kind, path in [
        ("Deployment", "spec replicaz 1"), ("Deployment", "spec strategy type Recreate"),
        ("Deployment", "spec template metadata labels a -"), ("PodDisruptionBudget", "spec minAvailable 1"),
        ("ServiceMonitor", "spec endpoints 0 intervall 30s"), ("ServiceMonitor", "spec endpoints 0 interval often"),
        ("ServiceMonitor", "spec selector matchLabels a b"), ("PrometheusRule", "spec groups 0 rules 0 exp r"),
        ("Service", "metadata name 1"), ("Service", "spec selector a b"),
        ("ConfigMap", "metadata name b"), ("ServiceAccount", "metadata name b"),
    ]:
        other = copy.deepcopy(to_start["monitored"])
        spoiled = place = next(d for d in other if d["kind"] == kind)
        *keys, key, value = path.split()
        for each in keys:
            place = place[int(each) if each.isdigit() else each]
        place[key] = value
        expect(list(differences(neutral(to_start["monitored"]), neutral(other))), f"a spoiled {kind} is no difference")
        found = [*judged.faults(json.dumps(spoiled)), *judged.policies(other, "monitored", ())]
        expect(found, f"{kind}: {path} is not refused")
    try:
        documents("a: {b: 1, b: 2}")
        failures.append("a repeated key is not refused")
    except yaml.YAMLError:
        pass


def paths(values, path=()):
    """The path of every value and of every section, with whether it is a value."""
    for key, value in values.items():
        is_section = isinstance(value, dict) and value and (path or key not in OPAQUE)
        yield (*path, key), not is_section
        yield from paths(value, (*path, key)) if is_section else ()


def without(values, path):
    """The values without that at the path; None if it is not set."""
    place = values
    for key in path[:-1]:
        place = place.get(key) or {}
    return values if place.pop(path[-1], NOT_SET) is not NOT_SET else None


def tried(path, is_value):
    """The faults of a value of the chart: it changes nothing, or cannot be taken away."""
    name = ".".join(path)
    file = folder / f"{name}.values"
    if is_value:
        changes = False
        for case in CASES.values():
            if (values := without(yaml.safe_load(case.read_text()), path)) is not None:
                file.write_text(yaml.safe_dump(values))
                changes = changes or helm("--values", file).stdout != helm("--values", case).stdout
        if not changes:
            yield f"{name} makes no difference in any case"
    # Null takes a default away. The rest must hold, or schema or template must say what is missing.
    file.write_text("".join(f"{'  ' * depth}{key}:\n" for depth, key in enumerate(path)))
    process = helm("--values", CASES["monitored"], "--values", file)
    if process.returncode == 0:
        yield from judged.faults(process.stdout)
    elif "execution error at" not in process.stderr and f"{path[-1]} is required" not in process.stderr:
        yield f"{name}: null fails with {process.stderr.strip().splitlines()[:1]}"


def main():
    for name, path in CASES.items():
        judge(name, helm("--values", path))
    for group in (parts_and_names, values, notes, overlays, documented, judges):
        group()
    all_paths = list(paths(yaml.safe_load((CHART / "values.yaml").read_text())))
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        start = lambda name: list(started.start(binary, folder / f"{name}.started", to_start[name]))
        for name, faults in zip(to_start, pool.map(start, to_start)):
            failures.extend(f"{name}: started: {fault}" for fault in faults)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for faults in pool.map(lambda each: list(tried(*each)), all_paths):
            failures.extend(f"values.yaml: {fault}" for fault in faults)
    for failure in failures:
        print(f"manifests: {failure}", file=sys.stderr)
    print(f"{len(to_start)} renderings judged and started, {sum(is_value for _, is_value in all_paths)} values tried, "
          f"{len(failures)} faults")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
