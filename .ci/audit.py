"""Asks the Python Package Index whether what is installed has known vulnerabilities; exit code 1 where it has.

One that does not concern us is named in accepted-vulnerabilities.txt beside this file, with the reason.
"""

import json
import subprocess
import sys
from pathlib import Path

ACCEPTED = Path(__file__).with_name("accepted-vulnerabilities.txt")


def main() -> int:
    """Ask, say what was told, and judge."""
    command = [
        str(Path(sys.executable).with_name("pip-audit")),
        "--format=json",
        "--progress-spinner=off",
        "--timeout=15",
    ]
    asked = subprocess.run(command, capture_output=True, text=True)
    try:
        packages = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        return _not_asked(asked.stderr.strip().rpartition("\n")[2])
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    if len(skipped) == len(packages):
        return _not_asked(packages[0]["skip_reason"] if packages else "nothing is installed")
    if skipped:
        print(f"audit: nothing is known of {', '.join(skipped)}")
    return _judge([(one, fault) for one in packages for fault in one.get("vulns", ())], len(packages) - len(skipped))


def _judge(faults: list[tuple[dict, dict]], asked: int) -> int:
    accepted = {line.split()[0] for line in ACCEPTED.read_text().splitlines() if line.strip() and line[0] != "#"}
    grave = 0
    for package, fault in faults:
        known = bool(accepted & {fault["id"], *fault.get("aliases", ())})
        grave += not known
        mended = ", ".join(fault.get("fix_versions", ())) or "no version"
        verdict = "accepted" if known else "VULNERABLE"
        print(f"audit: {verdict}: {package['name']} {package['version']}: {fault['id']}, mended in {mended}")
    print(f"audit: {asked} packages asked for; known vulnerabilities: {len(faults)}, not accepted: {grave}")
    return 1 if grave else 0


def _not_asked(why: str) -> int:
    print(f"audit: NOT DONE: the vulnerability service of the Python Package Index could not be asked: {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
