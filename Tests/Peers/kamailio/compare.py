"""Registrations and heartbeats: Tributary beside Kamailio and beside an echo, in one run.

Servers take turns on one processor, the load of `tributary bench` runs on the other. CPU time is what the scheduler
counted for all threads and processes of a server, kernel included. Rounds alternate; the median counts.
"""
import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SERVER_CORE, LOAD_CORE = "0", "1"
PLATFORM, DOMAIN, FIRST_DEVICE = "34020000002000000001", "3402000000", "34020000001180000001"
PASSWORD = "bench-password"


def fail(sentence):
    sys.exit(f"compare-registrar: {sentence}")


def family(process):
    """A process and everything below it."""
    found, new = [], [process]
    while new:
        found += new
        children = []
        for one in new:
            for path in Path(f"/proc/{one}/task").glob("*/children"):
                children += [int(text) for text in path.read_text().split()]
        new = children
    return found


def cpu_seconds(process):
    total = 0
    for one in family(process):
        for path in Path(f"/proc/{one}/task").glob("*/schedstat"):
            total += int(path.read_text().split()[0])
    return total / 1e9


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Something that answers SIP on a port of the loopback interface."""

    name, port, process, folder, is_echo = "", 0, None, None, False

    def start(self, arguments, **pipes):
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CORE, *arguments], **pipes)

    def stop(self):
        if self.process.stdin:
            self.process.stdin.close()
        if self.process.stdin is None or self.is_echo:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


class Tributary(Server):
    name = "tributary"

    def __init__(self, options):
        self.folder = tempfile.mkdtemp(prefix="compare-registrar-")
        self.start([options.binary, "bench-target"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        job = {"server": {"_0": {"folder": self.folder, "devices": options.devices}}}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        self.port = json.loads(self.process.stdout.readline())["sip"]


class Kamailio(Server):
    name = "kamailio"

    def __init__(self, options):
        self.folder = tempfile.mkdtemp(prefix="compare-registrar-")
        self.port = free_port()
        self.start([
            "/usr/sbin/kamailio", "-f", str(HERE / "kamailio.cfg"), "-DD", "-E", "-Y", self.folder, "-m", "256",
            "-M", "16", "-A", f"PEER_PORT={self.port}", "-A", f"PEER_DEVICES={options.devices}",
            "-A", f'PEER_PASSWORD="{PASSWORD}"'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_until_bound()

    def wait_until_bound(self):
        wanted = f"0100007F:{self.port:04X}"
        for _ in range(200):
            if self.process.poll() is not None:
                fail("Kamailio ended at once: try kamailio -c -f Tests/Peers/kamailio/kamailio.cfg")
            if wanted in Path("/proc/net/udp").read_text() and len(family(self.process.pid)) > 3:
                return
            time.sleep(0.05)
        fail("Kamailio does not listen")


class Echo(Server):
    name, is_echo = "echo", True

    def __init__(self, options):
        self.start([options.binary, "bench-job"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps({"echoFloor": {"_0": {"port": 0, "seconds": 86400}}}) + "\n")
        self.process.stdin.flush()
        self.port = int(self.process.stdout.readline().split()[1])


def load(options, server, kind, transactions=None):
    """Microseconds of the server per transaction and transactions per second."""
    job = {
        "host": "127.0.0.1", "port": server.port, "platformID": PLATFORM, "domain": DOMAIN, "password": PASSWORD,
        "firstDevice": FIRST_DEVICE, "devices": options.devices, "kind": kind, "againstEcho": server.is_echo,
        "perSecond": 0, "outstanding": options.outstanding, "transactions": transactions or 100_000_000,
        "seconds": 120 if transactions else options.seconds,
    }
    if kind == "keepalive" and not server.is_echo:
        # Each device registers first: not counted, but its time passes.
        job["seconds"] += options.devices / 500
    child = subprocess.Popen(
        ["taskset", "-c", LOAD_CORE, options.binary, "bench-job"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True)
    child.stdin.write(json.dumps({"sip": {"_0": job}}) + "\n")
    child.stdin.close()
    child.stdout.readline()
    before = cpu_seconds(server.process.pid)
    line = child.stdout.readline()
    after = cpu_seconds(server.process.pid)
    child.wait()
    result = json.loads(line).get("sip", {}).get("_0")
    if not result or not result["completed"]:
        fail(f"{server.name} completed no {kind}: {line.strip()[:200]}")
    if result["failed"] or result["timedOut"]:
        print(f"  {server.name}: {result['failed']} refused ({result['badStatus']}), "
              f"{result['timedOut']} unanswered", file=sys.stderr)
    if result["retransmissions"] * 100 > result["completed"]:
        print(f"  {server.name}: {result['retransmissions']} retransmissions", file=sys.stderr)
    return (after - before) * 1e6 / result["completed"], result["completed"] / result["seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=".build/release/tributary", help="the release binary")
    parser.add_argument("--devices", type=int, default=1_000, help="1 to 10000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--outstanding", type=int, default=64, help="transactions under way at once")
    parser.add_argument("--json", action="store_true", help="one line of JSON per figure")
    options = parser.parse_args()
    if not os.access(options.binary, os.X_OK):
        fail(f"{options.binary} is missing: run make build")
    if not 1 <= options.devices <= 10_000:
        fail("--devices must be 1 to 10000")
    servers = []
    costs, rates = {}, {}
    try:
        for kind in (Echo, Kamailio, Tributary):
            servers.append(kind(options))
        for server in servers[1:]:
            load(options, server, "register", transactions=options.devices)
        for number in range(options.rounds):
            for kind in ("register", "keepalive"):
                print(f"{kind}, round {number + 1} of {options.rounds}", file=sys.stderr)
                for server in servers:
                    cost, rate = load(options, server, kind)
                    costs.setdefault((kind, server.name), []).append(cost)
                    rates.setdefault((kind, server.name), []).append(rate)
    finally:
        for server in servers:
            server.stop()
    report(options, costs, rates)


def report(options, costs, rates):
    for kind in ("register", "keepalive"):
        median = {name: statistics.median(costs[kind, name]) for name in ("echo", "kamailio", "tributary")}
        for name in median:
            values = costs[kind, name]
            figure = {
                "measure": kind, "server": name, "value": round(median[name], 2), "unit": "µs CPU each",
                "spread": round(max(values) - min(values), 2), "per_second": round(statistics.median(rates[kind, name])),
                "ratio": round(median[name] / median["kamailio"], 3),
            }
            if options.json:
                print(json.dumps(figure, ensure_ascii=False))
            else:
                print("{measure:10} {server:10} {value:8} µs of CPU each, spread {spread:6}, {per_second:7} per second, "
                      "{ratio:6} × Kamailio".format(**figure))


if __name__ == "__main__":
    main()
