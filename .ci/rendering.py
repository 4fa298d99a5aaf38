"""Renders, and keeps what is wrong with it. Takes the arguments of manifests.py."""

import concurrent.futures
import functools
import json
import pathlib
import shutil
import subprocess
import sys

import yaml

import judged
import started
from judged import VERSIONS, documents

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHART = ROOT / "deploy/helm/origin-probe"
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
