"""The workflows can be read, ask for few rights, and run nothing that may change under them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from installer.from_source import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
COMMIT = re.compile(r"actions/[a-z-]+@[0-9a-f]{40}")

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in read(path)["jobs"].values() for step in job.get("steps", [])]


@each_workflow
def test_rights_are_to_read_alone(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}


def test_only_the_draft_of_a_release_may_be_written() -> None:
    asking = {
        (path.stem, name): job["permissions"]
        for path in WORKFLOWS
        for name, job in read(path)["jobs"].items()
        if "permissions" in job
    }

    assert asking == {("release", "release"): {"contents": "write"}}


def test_key_of_releases_is_known_to_one_step_alone() -> None:
    knowing = [
        step for path in WORKFLOWS for step in steps(path) if "REALM_RELEASE_KEY" in str(step)
    ]
    texts = [path.read_text(encoding="utf-8") for path in WORKFLOWS]

    assert [step["name"] for step in knowing] == ["Signed feed"]
    # Not in the environment of a job or workflow either.
    assert sum(text.count("secrets.") for text in texts) == 1
    assert "pip" not in knowing[0]["run"]


@each_workflow
def test_actions_are_githubs_own_and_named_by_their_commit(path: Path) -> None:
    used = [step["uses"] for step in steps(path) if "uses" in step]

    assert [name for name in used if not COMMIT.fullmatch(name)] == []


@each_workflow
def test_hash_of_an_action_has_its_version_beside_it(path: Path) -> None:
    lines = [
        line for line in path.read_text(encoding="utf-8").splitlines() if "uses: actions/" in line
    ]

    assert all(re.search(r"[0-9a-f]{40} # v\d+\.\d+\.\d+$", line) for line in lines)


@each_workflow
def test_checkout_keeps_no_token(path: Path) -> None:
    checkouts = [step for step in steps(path) if "checkout" in step.get("uses", "")]

    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@each_workflow
def test_every_job_that_runs_has_a_limit(path: Path) -> None:
    jobs = [job for job in read(path)["jobs"].values() if "uses" not in job]

    assert all(0 < job["timeout-minutes"] <= 350 for job in jobs)


@each_workflow
def test_scripts_that_are_called_exist(path: Path) -> None:
    named = re.findall(
        r"(?:installer|\.ci)/[a-z_]+(?:\.py|\.txt)?\b", path.read_text(encoding="utf-8")
    )

    assert [name for name in named if not (ROOT / name).exists()] == []


def test_tests_run_on_three_systems_and_every_python() -> None:
    matrix = read(GITHUB / "workflows" / "ci.yml")["jobs"]["test"]["strategy"]["matrix"]

    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "windows", "macos"}
    assert matrix["python"] == ["3.11", "3.12", "3.13"]


def test_every_folder_with_full_counts_is_run_weekly() -> None:
    jobs = read(GITHUB / "workflows" / "weekly.yml")["jobs"]
    run = " ".join(jobs["full"]["strategy"]["matrix"]["tests"]).split()
    marked = {
        "/".join(path.relative_to(ROOT).parts[:2])
        for path in (ROOT / "tests").rglob("test_*.py")
        if "pytest.mark." + "full" in path.read_text(encoding="utf-8")
    }

    assert marked == set(run)


def test_bug_report_asks_for_the_output_of_doctor() -> None:
    form = read(GITHUB / "ISSUE_TEMPLATE" / "bug_report.yml")
    asked = {part["id"]: part for part in form["body"]}

    assert "realm-desktop doctor" in asked["doctor"]["attributes"]["label"]
    assert asked["doctor"]["validations"] == {"required": True}
