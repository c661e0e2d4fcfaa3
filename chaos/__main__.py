"""`make chaos`: breaks a working site on purpose, again and again, and looks whether anything was lost."""

import argparse
import json
import logging
import random
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from app.network import peer  # noqa: F401  # starts its logging quietly
from chaos.faults import FAULTS, Fault, Scene
from chaos.invariants import Verdict, judge
from chaos.ledger import Ledger
from chaos.load import Load
from chaos.objects import Maker
from chaos.site import Site, now, running
from chaos.watch import Watch
from tests.processes import living

MOST_SECONDS = 10  # until every process answers again
HEADING = (
    "fault                   times   sent  answered  stored  refused  lost  twice      exports  all read after  "
    "slowest recovery"
)


@dataclass
class Result:
    """What came of one fault."""

    name: str
    times: int
    sent: int
    answered: int
    slowest_seconds: float
    slowest: str
    verdict: Verdict

    @property
    def wrong(self) -> list[str]:
        """All that must not be."""
        late = self.slowest_seconds > MOST_SECONDS
        slow = [f"{self.slowest} answered only after {self.slowest_seconds:.1f} s"] if late else []
        return slow + self.verdict.wrong

    def __str__(self) -> str:
        judged, exports = self.verdict, self.verdict.exports
        ready, asked = exports.get("ready", 0), sum(exports.values())
        return (
            f"{self.name:<23} {self.times:>5} {self.sent:>6} {self.answered:>9} {judged.stored:>7} "
            f"{judged.quarantined:>8} {judged.lost:>5} {judged.twice:>6} {ready:>5} of {asked:<4} "
            f"{judged.settled_seconds:>12.1f} s {self.slowest_seconds:>7.1f} s ({self.slowest})"
        )


def main() -> int:
    """Break everything; gives 1 where anything is wrong."""
    options = _options()
    logging.disable(logging.WARNING)
    chosen = [fault for fault in FAULTS if not options.only or fault.name in options.only]
    print(f"Each {options.times} times, seed {options.seed}\n{HEADING}", flush=True)
    results = []
    for fault in chosen:
        if not fault.possible():
            print(f"{fault.name:<23} NOT DONE: this machine does not let us", flush=True)
            continue
        results.append(inflict(fault, options))
        print(results[-1], flush=True)
        for sentence in results[-1].wrong[:20]:
            print(f"    WRONG: {sentence}", flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in results], indent=2))
    wrong = sum(len(one.wrong) for one in results)
    print(f"{wrong} things are wrong." if wrong else "Nothing was lost, nothing is twice, nothing is half.")
    return 1 if wrong else 0


def inflict(fault: Fault, options: argparse.Namespace) -> Result:
    """Do it as often as wanted to a site that works, then look."""
    chance = random.Random(f"{options.seed} {fault.name}")
    slowest, name = 0.0, "nothing"
    with running(fault.plan, options.studies) as site:
        maker, ledger = Maker(site.folder / "objects", chance.getrandbits(32)), Ledger()
        scene = Scene(site, maker, ledger, chance)
        with Load(site, maker, ledger, chance.getrandbits(32)):
            time.sleep(3)
            for _ in range(options.times):
                killed = fault.strike(scene)
                for one, seconds in Watch(site, killed).seconds(now()).items():
                    slowest, name = max((slowest, name), (seconds, one))
        verdict = judge(site, ledger)
        if options.logs:
            options.logs.mkdir(exist_ok=True)
            (options.logs / f"{fault.name}.log").write_text(site.said)
    if outlived := _outlived(site):
        verdict.wrong.append(f"{len(outlived)} processes outlived the site")
    return Result(fault.name, options.times, len(ledger.sent), len(ledger.answered), slowest, name, verdict)


def _outlived(site: Site) -> set[int]:
    """The processes that still run though all was stopped; those whose parent was killed notice it late."""
    deadline = now() + MOST_SECONDS
    while (left := living(site.seen)) and now() < deadline:
        time.sleep(0.2)
    return left


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description="Break things, and see that nothing is lost.")
    parser.add_argument("--times", type=int, default=20, help="that each fault is inflicted")
    parser.add_argument("--only", action="append", choices=[fault.name for fault in FAULTS], help="this fault")
    parser.add_argument("--seed", type=int, default=1, help="of chance; where processes stand is never the same")
    parser.add_argument("--studies", type=int, default=500, help="in the database from the beginning, to export")
    parser.add_argument("--logs", type=Path, help="keep there what the processes say")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
