"""Which errors lead to what takes the space on the disk."""

from __future__ import annotations

import pytest

from realm_desktop.errors import NO_SPACE
from realm_desktop.events import ErrorInfo
from realm_desktop.ui.space_remedy import space_remedy


@pytest.mark.parametrize(("field", "does"), [(NO_SPACE, ["storage"]), ("disk", []), (None, [])])
def test_only_a_full_disk_leads_to_what_takes_the_space(field: str | None, does: list[str]) -> None:
    remedy = space_remedy(ErrorInfo("StoreError", "x", field=field))

    assert [one.does for one in [remedy] if one is not None] == does
