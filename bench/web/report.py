"""The figures as lines, each beside its goal."""

from bench.web.load import goal_of
from bench.web.pages import LIST_KB, STATEMENTS, Page

COLUMNS = "  {:34} {:>8} {:>8} {:>8} {:>10} {:>8} {:>8}  {}"


def heading() -> str:
    """What the columns are."""
    return COLUMNS.format("median of each page", "ms", "fastest", "goal", "statements", "kB", "gzip kB", "")


def missed_by(page: Page, figures: dict, slower: float) -> list[str]:
    """What of the page is beyond its goals."""
    if figures["status"] != 200:
        return [f"answers {figures['status']}"]
    goals = {"ms": page.goal_ms * slower, "statements": STATEMENTS}
    goals |= {"compressed_kb": LIST_KB} if page.is_list else {}
    return [name for name, goal in goals.items() if figures[name] > goal]


def line(figures: dict, slower: float) -> str:
    """One page."""
    ms, fastest, kb, compressed = (f"{figures.get(one, 0):.1f}" for one in ("ms", "fastest_ms", "kb", "compressed_kb"))
    goal = f"≤{figures['goal_ms'] * slower:.0f}"
    missed = f"beyond: {', '.join(figures['missed'])}" if figures["missed"] else ""
    return COLUMNS.format(figures["name"], ms, fastest, goal, figures.get("statements", "?"), kb, compressed, missed)


def of_clicks(figures: dict, slower: float) -> str:
    """What people waited for."""
    goal = f"≤{goal_of(figures) * slower:.0f}" if goal_of(figures) else "no goal"
    return (
        f"  {figures['name']}: {figures['per_second']:.0f} pages/s, "
        f"{figures['errors']} errors, p50 {figures['p50_ms']:.0f} ms, p95 {figures['p95_ms']:.0f} ms ({goal})"
    )
