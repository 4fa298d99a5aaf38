#!/usr/bin/env python3
"""What `check --distribution-config` takes for files of 18 MB of many shapes: the peak of its
resident memory without that for a small file, in sizes of the file.

    tests/benches/distributions.py [BINARY]

Nothing is probed over the network: origins are told to be out of reach, and DNS is a closed port of
127.0.0.1. A file that takes longer than a minute is given up; its figure is that of the minute.
"""
import os
import subprocess
import sys
import tempfile
import threading

SIZE = 18_000_000
MOST = 10

ORIGIN = (
    '{"Id":"a%d","DomainName":"a%d.example","CustomOriginConfig":{"HTTPPort":80,"HTTPSPort":443,'
    '"OriginProtocolPolicy":"https-only","OriginSslProtocols":{"Quantity":1,"Items":["TLSv1.2"]}}}'
)
BEHAVIOR = '{"PathPattern":"/p%d/*","TargetOriginId":"a0","ViewerProtocolPolicy":"https-only"}'
DEFAULT = '{"TargetOriginId":"a0","ViewerProtocolPolicy":"https-only"}'


def repeated(unit, size=SIZE):
    """As many units as fit, with commas between them; %d is the number of each."""
    if "%d" not in unit:
        return ",".join([unit] * (size // (len(unit) + 1)))
    units, length = [], 0
    while length < size:
        units.append(unit.replace("%d", str(len(units))))
        length += len(units[-1]) + 1
    return ",".join(units)


def distribution(origins=ORIGIN.replace("%d", "0"), behaviors="", more=""):
    return (
        '{"DistributionConfig":{"Origins":{"Items":[' + origins + ']},"DefaultCacheBehavior":' + DEFAULT
        + ',"CacheBehaviors":{"Items":[' + behaviors + "]}" + more + "}}"
    )


def shapes():
    yield "origins", distribution(origins=repeated(ORIGIN))
    yield "behaviors", distribution(behaviors=repeated(BEHAVIOR))
    yield "aliases", distribution(more=',"Aliases":{"Items":[' + repeated('"a%d.example"') + "]}")
    yield "faults", distribution(origins=repeated('{"Id":"%d"}'))
    listed = '{"Id":"E%d","Origins":{"Items":[]},"DefaultCacheBehavior":' + DEFAULT + "}"
    yield "distributions", '{"DistributionList":{"Items":[' + repeated(listed) + "]}}"
    yield "documents", repeated('{"DistributionConfig":{"Origins":{}}}').replace(",", "\n")
    yield "tenants", '{"DistributionTenantList":[' + repeated('{"Id":"t%d","DistributionId":"E1"}') + "]}"
    for name, unit in [
        ("numbers", "0"), ("objects", "{}"), ("lists", "[]"), ("texts", '""'), ("members", '{"Id":0}'),
        ("nested", "[" * 100 + "]" * 100), ("unknown", '{"x":{}}'),
    ]:
        yield name, '{"Items":[' + repeated(unit) + "]}"
    # The member of the wrong kind makes the others be parsed one by one.
    yield "keys", distribution(more=',"Enabled":1,' + repeated('"%d":0'))
    yield "unknown_members", distribution(origins=repeated(ORIGIN[:-1] + ',"X":0,"Y":0,"Z":0}'))
    yield "empty_documents", '{"VpcOrigin":{}}' * (SIZE // 16)
    yield "long_text", distribution(more=',"ConnectionMode":"' + "a" * SIZE + '"')
    yield "escaped_text", distribution(more=',"ConnectionMode":"' + "\\u00e9" * (SIZE // 6) + '"')
    yield "long_key", '{"' + "k" * SIZE + '":1}'


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def peak(binary, path):
    arguments = [binary, "check", "--reachable", "no", "--nameserver", "127.0.0.1:1"]
    process = subprocess.Popen(
        arguments + ["--distribution-config", path],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    timer = threading.Timer(60, process.kill)
    timer.start()
    _, _, usage = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = 0
    return usage.ru_maxrss * 1024


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else "target/release/origin-probe"
    with tempfile.TemporaryDirectory() as folder:
        # By a process of its own: the peak of a child counts what its parent held when it began.
        if os.fork() == 0:
            write(folder, "base", distribution())
            for name, text in shapes():
                write(folder, name, text)
            os._exit(0)
        _, status = os.wait()
        if status != 0:
            sys.exit("the files could not be written")
        base, worst = peak(binary, os.path.join(folder, "base")), 0
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if name != "base":
                share = (peak(binary, path) - base) / os.path.getsize(path)
                worst = max(worst, share)
                print(f"figure distributions_{name}_memory {share:.1f} x", flush=True)
    sys.exit(f"more than {MOST} x" if worst > MOST else 0)


main()
