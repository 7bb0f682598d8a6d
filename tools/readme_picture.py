"""Take the pictures of the README: the note of the bundled sample with a sentence chosen, and the recorder on a phone.

`python tools/readme_picture.py` starts the product with an empty data folder and a real browser (`make test-tools`
installs it), and writes docs/pictures/note.png and docs/pictures/recorder.png.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page  # noqa: E402  # after the path is set
from tests.support import browser as chrome  # noqa: E402  # after the path is set
from tests.support.running import running_clinic  # noqa: E402  # after the path is set

from auscult.web_build import ensure_built  # noqa: E402  # after the path is set

PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 300_000
en = chrome.Words("en")


def main() -> int:
    """Take both pictures; return 1 when one is too heavy for a README."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    ensure_built(print)
    with tempfile.TemporaryDirectory() as folder, running_clinic(Path(folder)) as clinic, chrome.driver() as started:
        browser = chrome.launch(started, None)
        desk = browser.new_context(base_url=clinic.origin, locale="en-NZ", color_scheme="light", **chrome.DESK)
        page = desk.new_page()
        page.goto(clinic.link)
        page.get_by_role("button", name=en("sample.start"), exact=True).click()
        _note(page, PICTURES / "note.png")
        phone = browser.new_context(
            base_url=clinic.origin, locale="en-NZ", storage_state=desk.storage_state(), **chrome.PHONE
        )
        page = phone.new_page()
        page.goto("/app/")
        page.get_by_role("button", name=en("recorder.record"), exact=True).wait_for()
        page.get_by_role("listitem").first.wait_for()
        page.screenshot(path=PICTURES / "recorder.png")
        browser.close()
    heavy = [path.name for path in sorted(PICTURES.glob("*.png")) if path.stat().st_size > MOST_BYTES]
    if heavy:
        print(f"Heavier than {MOST_BYTES} bytes: {', '.join(heavy)}", file=sys.stderr)
    return 1 if heavy else 0


def _note(page: Page, path: Path) -> None:
    """The note beside what was heard, with a sentence chosen that rests on a question and its answer."""
    page.get_by_role("region", name=en("note.title"), exact=True).wait_for(timeout=300_000)
    recording = chrome.asked(page, f"/recordings/{chrome.recording_id_of(page)}")
    sections = chrome.asked(page, f"/notes/{recording['note_id']}")["body"]["sections"]
    statements = [one for section in sections for one in section["statements"]]
    answers = [one for one in statements if len(one["sources"][0]["turn_ids"]) == 2]
    chosen = (answers or statements)[-1]
    sentence = page.locator(f"#statement-{chosen['id']}").get_by_role("button").first
    sentence.click()
    page.locator("li[data-source]").first.wait_for()
    page.locator("audio").first.evaluate("(one) => one.pause()")
    sentence.evaluate("(one) => one.closest('li').scrollIntoView({ block: 'center', behavior: 'instant' })")
    chrome.settle(page)
    page.screenshot(path=path)


if __name__ == "__main__":
    sys.exit(main())
