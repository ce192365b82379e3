"""The events of the documentation are sent as they stand: the real intake gives what the story beside them says."""

import json
import re

from docs.examples import CHAPTERS, found_in
from road import MORNING, event

PAGE = CHAPTERS / "events.md"


def test_the_events_of_the_page_come_to_its_story(make_brand, road_of):
    (example,) = found_in(PAGE)
    told = example.told()
    events = re.findall(r"^```json\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(events) == len(told.lines)
    brand = make_brand(example.versions[0][1], timezone="Asia/Tokyo")

    async def story(on):
        await on.tell(event("friend", "member.enrolled", {}, who="card:9000000000000001", at=MORNING))
        for sent, line, outcome in zip(events, told.lines, told.outcomes, strict=True):
            assert json.loads(sent)["type"] in (line.type, "order.returned", "redemption.requested")
            (answer,) = await on.tell(sent.encode())
            assert not isinstance(answer, Exception), answer
            assert answer.day == line.day
            assert answer.balance == outcome.balance["points"], line.text

    road_of(brand).run(story)
