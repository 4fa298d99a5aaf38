"""Kustomizations as their users write them, and whether they are what the chart renders."""

import copy
import functools
import os

import yaml

import judged
from rendering import ROOT, folder, rendered, run, tools


KUSTOMIZE = ROOT / "deploy/kustomize"
# What a chart says of itself, and kustomize does not.
CHARTS_OWN = {"helm.sh/chart", "app.kubernetes.io/managed-by"}


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
