"""Wheels become one folder, as a whole or not at all, and nothing of them leaves it."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from realm_desktop.errors import DownloadError
from realm_desktop.library.wheel_folder import remove_rests, unpack_wheels
from tests.support.posix import posix_only
from tests.support.wheels import make_wheel


def _wheel(folder: Path, files: dict[str, str], name: str = "a-1-py3-none-any.whl") -> Path:
    path = folder / name
    path.write_bytes(make_wheel(files))
    return path


def _unpack(folder: Path, *wheels: Path) -> Path:
    target = folder / "torch"
    unpack_wheels(wheels, target, lambda: None)
    return target


def _nothing_is_left(folder: Path) -> bool:
    return not [path for path in folder.iterdir() if path.suffix != ".whl"]


def test_packages_of_all_wheels_lie_side_by_side(tmp_path: Path) -> None:
    first = _wheel(tmp_path, {"torch/__init__.py": "1", "nvidia/__init__.py": ""})
    second = _wheel(tmp_path, {"nvidia/__init__.py": "", "nvidia/cu13/lib/x.so": "2"}, "b.whl")
    target = _unpack(tmp_path, first, second)

    found = sorted(str(p.relative_to(target)) for p in target.rglob("*") if p.is_file())
    assert found == ["nvidia/__init__.py", "nvidia/cu13/lib/x.so", "torch/__init__.py"]


def test_libraries_of_data_lie_with_the_packages_and_the_rest_is_left_out(tmp_path: Path) -> None:
    files = {"a-1.data/purelib/a.py": "1", "a-1.data/scripts/a": "2", "a-1.data/platlib/b/c.py": ""}
    target = _unpack(tmp_path, _wheel(tmp_path, files))

    assert sorted(path.name for path in target.iterdir()) == ["a.py", "b"]


def test_former_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    _unpack(tmp_path, _wheel(tmp_path, {"old.py": ""}))
    target = _unpack(tmp_path, _wheel(tmp_path, {"new.py": ""}))

    assert [path.name for path in target.iterdir()] == ["new.py"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-1-py3-none-any.whl", "torch"]


@pytest.mark.parametrize(
    "name",
    [
        *("../a.py", "/a.py", "a/../../b.py", "a\\b.py", "c:/a.py", "a-1.data/purelib/../../x"),
        *(".. /a.py", "a/.../b.py", "a./b.py", "b.py "),
    ],
)
def test_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    wheel = _wheel(inside, {"ok.py": "", name: "x"})

    with pytest.raises(DownloadError, match="no wheel that can be unpacked"):
        _unpack(inside, wheel)
    assert _nothing_is_left(inside)
    assert [path.name for path in tmp_path.iterdir()] == ["inside"]


def test_link_is_refused(tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        entry = zipfile.ZipInfo("link.py")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    wheel = tmp_path / "a.whl"
    wheel.write_bytes(data.getvalue())

    with pytest.raises(DownloadError):
        _unpack(tmp_path, wheel)
    assert _nothing_is_left(tmp_path)


def test_damaged_wheel_leaves_the_former_folder(tmp_path: Path) -> None:
    target = _unpack(tmp_path, _wheel(tmp_path, {"old.py": "x" * 1000}))
    wheel = _wheel(tmp_path, {"new.py": "y" * 1000})
    data = bytearray(wheel.read_bytes())
    data[40:44] = b"\xff\xff\xff\xff"
    wheel.write_bytes(data)

    with pytest.raises(DownloadError):
        _unpack(tmp_path, wheel)
    assert [path.name for path in target.iterdir()] == ["old.py"]


@pytest.mark.parametrize("offset", range(31, 90, 6))
def test_wheel_whose_bits_are_lost_is_refused(tmp_path: Path, offset: int) -> None:
    wheel = _wheel(tmp_path, {"new.py": "".join(map(str, range(200)))})
    data = bytearray(wheel.read_bytes())
    data[offset] ^= 0xFF
    wheel.write_bytes(data)

    with pytest.raises(DownloadError, match="no wheel that can be unpacked"):
        _unpack(tmp_path, wheel)
    assert _nothing_is_left(tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_wheel_packed_in_another_way_is_refused(tmp_path: Path, method: int) -> None:
    wheel = tmp_path / "a.whl"
    with zipfile.ZipFile(wheel, "w", method) as archive:
        archive.writestr("a.py", "x" * 1000)

    with pytest.raises(DownloadError, match="no wheel"):
        _unpack(tmp_path, wheel)


def test_encrypted_wheel_is_refused(tmp_path: Path) -> None:
    wheel = _wheel(tmp_path, {"a.py": "x"})
    data = bytearray(wheel.read_bytes())
    directory = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[directory + 8] |= 1
    wheel.write_bytes(data)

    with pytest.raises(DownloadError, match="no wheel"):
        _unpack(tmp_path, wheel)


def test_rests_of_a_killed_attempt_are_removed(tmp_path: Path) -> None:
    for name in ("torch.part", "torch.old", "torch", "other.part"):
        (tmp_path / name / "folder").mkdir(parents=True)
    remove_rests(tmp_path / "torch")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.part", "torch"]


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "a.whl"
    wheel.write_bytes(b"<html>")

    with pytest.raises(DownloadError, match=r"a\.whl is no wheel"):
        _unpack(tmp_path, wheel)


def test_full_disk_is_told_before_anything_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realm_desktop.library.partial_file.SPARE_BYTES", 2**62)

    with pytest.raises(DownloadError, match="to spare"):
        _unpack(tmp_path, _wheel(tmp_path, {"a.py": ""}))
    assert _nothing_is_left(tmp_path)


def test_unpacking_can_be_ended(tmp_path: Path) -> None:
    def stop() -> None:
        raise DownloadError("enough")

    with pytest.raises(DownloadError, match="enough"):
        unpack_wheels([_wheel(tmp_path, {"a.py": ""})], tmp_path / "torch", stop)
    assert _nothing_is_left(tmp_path)


@posix_only
def test_programs_of_a_wheel_can_be_run(tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, mode in (("bin/ptxas", 0o755), ("bin/text", 0o644)):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(entry, "x")
    wheel = tmp_path / "a.whl"
    wheel.write_bytes(data.getvalue())
    target = _unpack(tmp_path, wheel)

    modes = [(target / "bin" / name).stat().st_mode & 0o100 for name in ("ptxas", "text")]
    assert modes == [0o100, 0]
