#!/usr/bin/env python3
"""What `serve --check-config` takes for 100,000 origins and for files that are made to cost much:
its CPU time and the peak of its resident memory, the latter also in sizes of the file.

    tests/benches/configurations.py [BINARY]

A file that takes longer than a minute is given up; its figure is that of the minute.
"""
import os
import subprocess
import sys
import tempfile

SIZE = 64 << 20
HEAD = "origins:\n"
ORIGIN = "- {id: o%d, domain: o%d.example, viewer_hosts: [w%d.example], labels: {team: a}, interval: 5m}\n"


def aliases(levels, width):
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]" for level in range(1, levels)]
    return "\n".join(lines) + "\n"


def merges(count):
    many = ", ".join(f"k{key}: v" for key in range(1_000))
    return f"a: &a {{{many}}}\nb:\n" + "- {<<: *a}\n" * count


def files():
    """Each name with the bytes of its file."""
    fleet = HEAD + "".join(ORIGIN % (number, number, number) for number in range(100_000))
    yield "minimal", HEAD + ORIGIN % (0, 0, 0)
    yield "fleet", fleet
    yield "fleet_crlf", fleet.replace("\n", "\r\n")
    yield "fleet_bom", "\ufeff" + fleet
    yield "fleet_utf16", fleet.encode("utf-16")
    yield "fleet_cut", fleet[: len(fleet) // 2 + 7]
    yield "fleet_not_utf8", fleet.encode()[:-1] + b"\xff\n"
    yield "fleet_of_errors", fleet.replace("interval: 5m", "interval: 5x")
    yield "fleet_of_unknown_keys", fleet.replace("interval", "intervall")
    yield "aliases_wide", aliases(30, 10)
    yield "aliases_deep", aliases(100_000, 1)
    yield "aliases_allowed", aliases(5, 10)
    yield "merges", merges(100_000)
    yield "flow_depth", "a: " + "[" * 1_000_000
    yield "block_depth", "".join(" " * level + "a:\n" for level in range(5_000))
    yield "numbers", "probe: {concurrency: " + "9" * (SIZE // 2) + "}\n"
    yield "list_of_bad_values", "resolver: {nameservers: [" + "x, " * (SIZE // 8) + "x]}\n"
    yield "list_of_good_values", "resolver: {nameservers: [" + "192.0.2.1, " * (SIZE // 32) + "x]}\n"
    yield "same_key", HEAD + ORIGIN % (0, 0, 0) + "web: {}\n" * (SIZE // 16)
    yield "unknown_keys", "".join(f"k{key}: v\n" for key in range(SIZE // 16))
    yield "one_text", "x" * (SIZE - 1)
    yield "comments", "# x\n" * (SIZE // 5) + HEAD + ORIGIN % (0, 0, 0)
    yield "too_large", "x" * (SIZE + 1)


def cost(binary, path):
    """Returns seconds of CPU, MiB at the peak, and the last line of the output."""
    command = [binary, "serve", "--check-config", "--config", path]
    # The peak of one child is that of all before it, so each has a parent of its own.
    parent = (
        "import resource,subprocess,sys\n"
        "try: out = subprocess.run(sys.argv[1:], capture_output=True, timeout=60)\n"
        "except subprocess.TimeoutExpired: out = None\n"
        "use = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "text = ((out.stdout + out.stderr).decode(errors='replace').splitlines() or [''])[-1] if out else 'gave up'\n"
        "print(use.ru_utime + use.ru_stime, use.ru_maxrss / 1024, text[:100])\n"
    )
    out = subprocess.run([sys.executable, "-c", parent, *command], capture_output=True, text=True, check=True)
    seconds, mebibytes, text = out.stdout.rstrip("\n").split(" ", 2)
    return float(seconds), float(mebibytes), text


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else "target/release/origin-probe"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "c.yaml")
        idle = None
        for name, content in files():
            content = content if isinstance(content, bytes) else content.encode()
            with open(path, "wb") as file:
                file.write(content)
            seconds, mebibytes, text = min(cost(binary, path) for _ in range(3))
            idle = mebibytes if idle is None else idle
            sizes = (mebibytes - idle) * (1 << 20) / len(content)
            print(f"figure config_{name}_cpu {seconds:.2f} s", flush=True)
            print(f"figure config_{name}_memory {mebibytes:.0f} MiB")
            print(f"figure config_{name}_memory_ratio {sizes:.2f} file")
            print(f"  {text.replace(folder, '')}", file=sys.stderr)


if __name__ == "__main__":
    main()
