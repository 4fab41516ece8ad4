"""What became of the suites: kept as JSON in .cache/results, shown as a table, and written as REPORT.md.

    results.py record TARGET WORK SUITE@BROKER   keeps a suite's result, says it in one line; exits 1 on what known/SUITE.txt does not expect
    results.py cargo LOG CODE                    the verdicts of a `cargo test`, as lines of NAME, VERDICT, WHY
    results.py table                             the results of this run (INTEROP_RUN)
    results.py report                            REPORT.md from the last whole run of each suite
"""
import collections
import datetime
import json
import os
import pathlib
import re
import sys

INTEROP = pathlib.Path(__file__).resolve().parent.parent
CACHE = INTEROP / ".cache"
KNOWN = INTEROP / "known"
FAILURES_TOLD_MAX = 10


def results_folder(smoke):
    return CACHE / ("results-smoke" if smoke else "results")


def known_failures(suite, broker):
    """{name: reason} of the lines `name: reason`, or `name @BROKER: reason` for one broker alone; BROKER may be the beginning of its name."""
    known = {}
    file = KNOWN / f"{suite}.txt"
    for line in file.read_text().splitlines() if file.exists() else []:
        if line.strip() and not line.startswith("#"):
            name, separator, reason = line.partition(": ")
            if not separator or not reason.strip():
                sys.exit(f"{file}: a line is `name: reason`, and this is not: {line}")
            name, _, only = name.partition(" @")
            if broker.startswith(only):
                known[name] = reason.strip()
    return known


def record(target, work, label):
    suite, broker = label.split("@")
    kept = pathlib.Path(work) / f"{label}.tsv"
    lines = kept.read_text().splitlines()
    verdicts = {}
    for name, verdict, why in (line.split("\t") for line in lines):
        # A name that comes twice has failed if either has.
        if verdicts.get(name, ("pass", ""))[0] != "fail":
            verdicts[name] = (verdict, why.strip())
    versions = [pathlib.Path(work) / f"{name}.versions" for name in ("all", label)]
    versions = "".join(file.read_text() for file in versions if file.exists())
    known = known_failures(suite, broker)
    told = {name: why for name, (verdict, why) in verdicts.items() if verdict == "pass" and why}
    failures = [{"name": name, "why": why, "known": known.get(name)} for name, (verdict, why) in verdicts.items() if verdict == "fail"]
    passes = [name for name, (verdict, _) in verdicts.items() if verdict == "pass" and name in known]
    count = collections.Counter(verdict for verdict, _ in verdicts.values())
    ended = datetime.datetime.fromtimestamp(kept.stat().st_mtime, datetime.timezone.utc)
    since = int((pathlib.Path(work) / f"{label}.since").read_text())
    result = {
        "suite": suite, "broker": broker, "target": target, "run": os.environ["INTEROP_RUN"], "at": ended.strftime("%Y-%m-%d %H:%M UTC"),
        "seconds": int(ended.timestamp()) - since,
        "versions": dict(line.split("\t") for line in versions.splitlines()),
        "passed": count["pass"], "failed": count["fail"], "skipped": count["skip"], "failures": failures, "known_but_passes": passes, "told": told,
    }
    folder = results_folder(os.environ.get("INTEROP_SMOKE"))
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / f"{label}.{os.getpid()}"
    written.write_text(json.dumps(result, indent=1) + "\n")
    written.rename(folder / f"{label}.json")
    wrong = tell(result)
    sys.exit(1 if wrong else 0)


def tell(result):
    """Says a result, and whether it is not as expected."""
    unknown = [failure for failure in result["failures"] if not failure["known"]]
    print(f"   {result['suite']} on {result['broker']}: {counted(result)} in {result['seconds']} s")
    for failure in unknown[:FAILURES_TOLD_MAX]:
        print(f"     FAILED {failure['name']}: {failure['why']}")
    if len(unknown) > FAILURES_TOLD_MAX:
        print(f"     .. and {len(unknown) - FAILURES_TOLD_MAX} more")
    for failure in result["failures"]:
        if failure["known"]:
            print(f"     failed, as known/{result['suite']}.txt says: {failure['name']}: {failure['known']}")
    for name in result["known_but_passes"]:
        print(f"     PASSED, and known/{result['suite']}.txt says that it fails: {name}")
    if not result["passed"] + result["failed"]:
        print("     NOTHING was run")
    return bool(unknown or result["known_but_passes"] or not result["passed"] + result["failed"])


def counted(result):
    known = sum(1 for failure in result["failures"] if failure["known"])
    text = f"{result['passed']} passed, {result['failed']} failed"
    if known:
        text += f" ({known} known)"
    return text + (f", {result['skipped']} skipped" if result["skipped"] else "")


def cargo(log, code):
    text = pathlib.Path(log).read_text(errors="replace")
    verdicts = {"ok": "pass", "FAILED": "fail", "ignored": "skip"}
    found = re.findall(r"^test (\S+)(?: - should panic)? \.\.\. (ok|FAILED|ignored)(?:, (.*))?$", text, re.M)
    for name, verdict, why in found:
        # What is ignored is what this run did not ask for.
        if verdict != "ignored":
            said = re.search(rf"^---- {re.escape(name)} stdout ----\n(.*?)(?=^---- |^failures:$|^successes:$)", text, re.M | re.S)
            why = " ".join(said[1].split())[:300] if said else why
            print(f"{name}\t{verdicts[verdict]}\t{why}")
    failed = any(verdict == "FAILED" for _, verdict, _ in found)
    if not found or (int(code) != 0 and not failed):
        print(f"the test program runs to its end\tfail\tcargo test exited with {code}: {' '.join(text.split())[-300:]}")


def kept(smoke):
    return [json.loads(file.read_text()) for file in sorted(results_folder(smoke).glob("*.json"))]


def table():
    smoke = os.environ.get("INTEROP_SMOKE")
    rows = [result for result in kept(smoke) if result["run"] == os.environ["INTEROP_RUN"]]
    width = max([len(result["suite"]) for result in rows], default=0)
    brokers = max([len(result["broker"]) for result in rows], default=0)
    for result in rows:
        print(f"{result['suite']:<{width}}  {result['broker']:<{brokers}}  {counted(result)}")


def report():
    results = kept(smoke=False)
    if not results:
        sys.exit("interop/run report: there are no results; interop/run all makes them")
    brokers = sorted({result["broker"] for result in results}, key=lambda broker: (not broker.startswith("kafka-"), broker))
    suites = sorted({result["suite"] for result in results})
    of = {(result["suite"], result["broker"]): result for result in results}
    lines = ["# Interop report", "", "Written by `interop/run report` from the last whole run of each suite; nothing here is typed by hand.", ""]
    lines += ["| suite | " + " | ".join(brokers) + " |", "| --- |" + " --- |" * len(brokers)]
    for suite in suites:
        cells = [counted(of[suite, broker]) if (suite, broker) in of else "" for broker in brokers]
        lines.append(f"| {suite} | " + " | ".join(cells) + " |")
    lines += ["", "## Failures", ""] + (failures(results) or ["None."])
    lines += ["", "## What passing tests told", ""]
    lines += [f"- {result['suite']} on {result['broker']}: {name}: {why}" for result in results for name, why in result["told"].items() if why.strip()]
    lines += ["", "## When, and with which versions", "", "| suite | broker | at | seconds | versions |", "| --- | --- | --- | --- | --- |"]
    for result in results:
        versions = ", ".join(f"{what} {version}" for what, version in result["versions"].items())
        lines.append(f"| {result['suite']} | {result['broker']} | {result['at']} | {result['seconds']} | {versions} |")
    (INTEROP / "REPORT.md").write_text("\n".join(lines) + "\n")
    print(f"REPORT.md: {len(results)} results of {len(suites)} suites")


def failures(results):
    lines = []
    for result in results:
        for failure in result["failures"]:
            reason = f"known: {failure['known']}" if failure["known"] else f"**not known**: {failure['why'] or 'no reason was told'}"
            lines.append(f"- {result['suite']} on {result['broker']}: `{failure['name']}`: {reason}")
        for name in result["known_but_passes"]:
            lines.append(f"- {result['suite']} on {result['broker']}: `{name}` passes, and known/{result['suite']}.txt says that it fails")
    return lines


if __name__ == "__main__":
    {"record": record, "cargo": cargo, "table": table, "report": report}[sys.argv[1]](*sys.argv[2:])
