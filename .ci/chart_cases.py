"""What the chart does with other names, as a part of another, with what it must refuse, and what it says."""

import re
import shutil

import yaml

from judged import documents
from rendering import CHART, expect, folder, helm, judge, notes, rendered


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
        ([], "no origins are configured"),
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
        ([*default, "--set", "resources.requests.memory=512Mi"], "resources.limits.memory"),
        ([*default, "--set", "resources.limits.memory=50M"], "resources.limits.memory"),
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
        for section, word in [("serviceMonitor", "not scraped yet"), ("prometheusRule", "not installed yet")]:
            on = given.get(section, {}).get("enabled", False)
            expect((word in said) != on, f"{name}: NOTES.txt: {word}")
        alerts = given.get("prometheusRule", {}).get("enabled", False)
        expect(("to Alertmanager:" in said) == alerts, f"{name}: NOTES.txt: what silences what")


    bare = notes("--values", cases["monitored"], "--set", "webConfig.existingSecretName=web,webConfig.tls=true")
    expect("Set serviceMonitor.tlsConfig" in bare, "NOTES.txt does not say that the certificate cannot be verified")
