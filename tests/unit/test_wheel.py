"""What is installed from a wheel serves the web app, with no Node and no checkout beside it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from auscult.web_build import ensure_built
from tests.support.patience import until

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a wheel installs, beside the packages of this environment."""
    ensure_built(print)
    place = tmp_path_factory.mktemp("wheel")
    uv = subprocess.run(["sh", "tools/uv.sh"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    done = subprocess.run(
        [uv, "build", "--quiet", "--wheel", "--out-dir", place], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = place.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(place / "site")
    return place / "site"


@pytest.fixture
def environment(installed: Path, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(installed),
        "PATH": os.defpath,
        "HOME": str(tmp_path),
        "AUSCULT_DATA": str(tmp_path / "data"),
    }


@pytest.fixture
def said(environment: dict[str, str], tmp_path: Path) -> Iterator[Path]:
    """What `auscult up` from the wheel says; it runs as long as the test does."""
    path = tmp_path / "said"
    with path.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "auscult", "up", "--port", "0", "--no-sample"],
            cwd=tmp_path,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    yield path
    process.terminate()
    process.wait(30)


def test_the_wheel_is_what_runs(installed: Path, environment: dict[str, str], tmp_path: Path) -> None:
    where = subprocess.run(
        [sys.executable, "-c", "import auscult; print(auscult.__file__)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert Path(where).is_relative_to(installed)


async def test_the_app_of_a_wheel_is_served_without_building_anything(said: Path) -> None:
    await until(lambda: "/app/" in said.read_text(), seconds=60, what="the address of the app")
    text = said.read_text()
    address = re.search(r"http://[\d.]+:\d+", text)
    assert address, text
    assert "Building" not in text
    async with httpx.AsyncClient(base_url=address[0]) as browser:
        page = await browser.get("/app/")
        assert page.status_code == 200
        script = re.search(r'<script type="module"[^>]* src="([^"]+)"', page.text)
        assert script, page.text
        asset = await browser.get(script[1])
    assert asset.status_code == 200
    assert "javascript" in asset.headers["content-type"]


def test_all_tables_models_and_templates_are_in_the_wheel(installed: Path) -> None:
    """Every committed file of the package, and nothing of the checkout besides the app."""
    listed = subprocess.run(["git", "ls-files", "src"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    committed = {str(Path(name).relative_to("src")) for name in listed.splitlines() if (ROOT / name).is_file()}
    inside = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    assert committed <= inside
    assert {name.split("/")[0] for name in inside if ".dist-info/" not in name} == {"auscult"}
