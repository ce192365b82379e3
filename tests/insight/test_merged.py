"""Figures stay what a recount gives when members are merged, parted, closed and corrected."""

from insight.figures import at, follow, prove
from road import HANAKO, TARO, order

NOON = at("2025-03-01T12:00:00+00:00")


def test_figures_follow_merges_closings_and_corrections(road):
    async def story(on):
        await on.tell(order("1", 200_000), order("2", 100_000, who=TARO))
        await follow(on, NOON)
        await on.ask("points.adjusted", {"points": 70, "reason": "apology"}, who=HANAKO, at="2025-03-01T10:00:00Z")
        merged = await on.ask("member.merged", {"into": HANAKO}, who=TARO, at="2025-03-01T10:30:00Z")
        await follow(on, NOON)
        await prove(on, NOON)
        await on.ask("member.unmerged", {"merge": merged.about["merge"]}, at="2025-03-01T11:00:00Z")
        await on.ask("member.closed", {}, who=TARO, at="2025-03-01T11:30:00Z")
        await follow(on, NOON)
        await prove(on, NOON)

    road.run(story)
