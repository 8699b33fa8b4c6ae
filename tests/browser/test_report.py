#!/usr/bin/env python3
"""Opens HTML reports in headless Chromium and uses them as a reader would.

    cargo build && python3 tests/browser/test_report.py [--segments N] [--shots FOLDER]

Needs Chromium, its chromedriver and `pip install selenium`; says so and passes where they are
missing. CI does not need it.
"""

import argparse
import base64
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CERMAT = ROOT / "target/debug/cermat"
HOSTILE = (
    "<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"
    "</script><script>document.title='ran'</script> <!-- ]]> {{7*7}} ${1} \u2028 \u001b[31m \u202egpj.exe "
    "\" ' & &lt; javascript:alert(1) \U0001f600"
)
CHECKS = [
    ("ACC001", "untranslated", "accuracy/untranslated", "major"),
    ("LNG001", "wrong-repetition", "linguistic-conventions/duplication", "minor"),
    ("ZZZ999", "from-elsewhere", "style/unidiomatic-style", "critical"),
]


def line(file, number, target, findings=(), score=None, source=None, back=None):
    return {
        "schema": 1, "file": file, "line": number, "segment": number, "source": source,
        "target": target, "back_translation": back, "score": score, "evidence": {},
        "findings": list(findings),
    }


def finding(check, text, start, message="message", **more):
    code, name, mqm, severity = check
    return {
        "code": code, "name": name, "severity": severity, "confidence": "high", "mqm": mqm,
        "side": "target", "start": start, "end": start + len(text.encode()), "text": text,
        "line": 1, "column": 1, "message": message, "help": None, "suggestion": None,
    } | more


def hostile():
    f = finding(CHECKS[0], HOSTILE, 0, HOSTILE, help=HOSTILE, suggestion=HOSTILE, note=HOSTILE)
    places = [{"segment": 1, "line": 1, "column": 1, "side": "target", "start": 0, "end": 0,
               "text": HOSTILE, "note": HOSTILE}]
    yield line(HOSTILE, 1, HOSTILE, [f | {"places": places}], 10.0, HOSTILE, HOSTILE)
    emoji = finding(CHECKS[1], "dan dan", len("\U0001f600 Dia ".encode()), "said twice", suggestion="dan")
    yield line("b.md", 1, "\U0001f600 Dia dan dan mereka.", [emoji], 42.0)
    yield line("b.md", 2, "Bersih.", [], 90.0)
    yield line("b.md", 3, "Kota.", [finding(CHECKS[2], "", 5, "something is missing")], 44.9)
    yield line("b.md", 4, "Bersih <b>juga</b>.", [], 45.0)
    document = {"schema": 1, "file": "b.md", "segment": None, "unread": [],
                "findings": [finding(CHECKS[1], "Kota", 0, HOSTILE, segment=3, places=places)]}
    yield document


def many(n):
    pick = random.Random(7)
    words = "harga beras naik tajam pagi ini kota pemerintah warga membuka cabang baru di Jakarta".split()
    for i in range(n):
        text = " ".join(pick.choices(words, k=pick.randint(5, 30))).capitalize() + "."
        source = " ".join(pick.choices(words, k=15))
        found = []
        if pick.random() < 0.1:
            word = text.split()[1]
            found = [finding(pick.choice(CHECKS), word, len(text.split()[0]) + 1, "English left in the text", help="translate it")]
        yield line(f"docs/{i // 500:03}.md", i % 500 + 1, text, found, round(pick.betavariate(5, 2) * 100, 1), source, source)


def report(folder, name, lines, *more):
    results = folder / f"{name}.jsonl"
    with results.open("w", encoding="utf-8") as out:
        for value in lines:
            out.write(json.dumps(value) + "\n")
    page = folder / f"{name}.html"
    begun = time.monotonic()
    run = subprocess.run([CERMAT, "report", "-q", results, "--format", "html", "-o", page, *more])
    assert run.returncode == 0, run
    return page, time.monotonic() - begun


class Page:
    def __init__(self, driver, path):
        self.driver = driver
        begun = time.monotonic()
        driver.get(path.as_uri())
        self.loaded = time.monotonic() - begun

    def js(self, code, *values):
        return self.driver.execute_script(code, *values)

    def rows(self):
        return self.js("return [...document.querySelectorAll('#rows tr')].map(r => r.innerText)")

    def count(self):
        return self.js("return document.getElementById('count').textContent").split(" of ")[0]

    def set(self, **values):
        """Sets controls as a reader would; seconds until the table has followed."""
        return self.driver.execute_async_script(
            """const done = arguments[arguments.length - 1];
            const begun = performance.now();
            const table = document.getElementById('rows');
            let timer;
            const seen = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(() => { seen.disconnect(); done((performance.now() - begun) / 1000); }, 0); });
            seen.observe(table, { childList: true });
            const entries = Object.entries(arguments[0]);
            for (const [id, value] of entries) document.getElementById(id).value = value;
            for (const [id] of entries) {
              const e = document.getElementById(id);
              e.dispatchEvent(new Event(e.tagName === 'INPUT' ? 'input' : 'change', { bubbles: true }));
            }
            setTimeout(() => done(-1), 20000);""",
            values,
        )

    def press(self, key):
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(key).perform()

    def focus(self):
        return self.js("return document.activeElement.id || document.activeElement.tagName")

    def errors(self):
        return self.driver.get_log("browser")


def check_hostile(driver, folder):
    page = Page(driver, report(folder, "hostile", hostile())[0])
    assert page.driver.title == "Translation check", "a text ran"
    assert page.js("return document.scripts.length") == 1, "one script, and the data is gone"
    assert page.js("return document.querySelectorAll('img, iframe, #rows script, #rows b').length") == 0
    assert page.count() == "4" and len(page.rows()) == 4, page.rows()
    first = page.rows()[0]
    assert "<script>document.title='ran'</script>" in first and "\\u{202e}gpj" in first, first
    # Marks count in units of UTF-16, and cover what was found.
    assert page.js("return document.querySelectorAll('#rows tr')[1].querySelector('mark').textContent") == "dan dan"
    assert page.js("return document.querySelectorAll('#rows mark.point').length") == 1
    assert "from-elsewhere" in page.rows()[2]

    assert page.set(show="all") >= 0 and page.count() == "6"
    page.set(search="BERSIH juga")
    assert page.count() == "1" and "<b>juga</b>" in page.rows()[0]
    page.set(search="<script>document")
    assert page.count() == "2", "a segment, and the finding on the document"
    page.set(search="", check="LNG001")
    assert page.count() == "2", (page.count(), page.rows())
    page.set(check="", severity="3")
    assert page.count() == "1"
    page.set(severity="0", file="1")
    assert page.count() == "5"
    page.set(file="", low="44.9", high="45")
    assert page.count() == "2", (page.count(), page.rows())
    page.set(low="", high="", order="score-down")
    assert page.rows()[0].startswith("b.md:2") and "whole document" in page.rows()[-1]
    assert page.js("return document.querySelector('[data-sort=score]').ariaSort") == "descending"
    page.js("document.querySelector('[data-sort=score] button').click()")
    assert page.js("return document.querySelector('[data-sort=score]').ariaSort") == "ascending"
    page.set(order="severity")
    assert "from-elsewhere" in page.rows()[0]
    page.set(order="place")

    # The overview leads into the table.
    page.js("document.querySelector('[data-check=LNG001] button').click()")
    time.sleep(0.3)
    assert (page.count(), page.focus()) == ("2", "segments-heading"), (page.count(), page.focus())
    page.js("document.querySelector('.bar[data-low=\"45\"]').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}))")
    time.sleep(0.3)
    assert page.count() == "1" and "juga" in page.rows()[0], page.rows()
    page.js("document.getElementById('clear').click()")
    time.sleep(0.3)
    assert page.count() == "4"

    # Keys.
    page.js("document.activeElement.blur()")
    page.press("/")
    assert page.focus() == "search"
    page.press("j")
    assert page.js("return document.getElementById('search').value") == "j", "letters are letters there"
    from selenium.webdriver.common.keys import Keys

    page.press(Keys.BACKSPACE)
    time.sleep(0.4)
    page.press(Keys.ESCAPE)
    at = "return [...document.querySelectorAll('#rows tr')].indexOf(document.activeElement)"
    for key, row in [("j", 0), ("j", 1), (Keys.ARROW_DOWN, 2), ("k", 1), (Keys.ARROW_UP, 0)]:
        page.press(key)
        assert page.js(at) == row, (key, page.js(at))
    assert page.js("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.js("document.getElementById('shortcuts').click()")
    page.press("j")
    assert page.js(at) == 0, "switched off"

    for theme in ["dark", "light", ""]:
        background = page.js(
            "const t = document.getElementById('theme'); t.value = arguments[0];"
            "t.dispatchEvent(new Event('change')); return getComputedStyle(document.body).backgroundColor", theme)
        expected = {"dark": "rgb(21, 24, 27)", "light": "rgb(246, 247, 248)"}.get(theme)
        assert expected in (None, background), (theme, background)
    unnamed = page.js(
        "return [...document.querySelectorAll('button, select, input')].filter(e => e.offsetParent && !e.labels?.length"
        " && !e.ariaLabel && !e.textContent.trim()).map(e => e.outerHTML)")
    assert unnamed == [], unnamed
    assert page.driver.title == "Translation check"
    assert page.errors() == [], page.errors()
    policy = page.js("return document.querySelector('meta[http-equiv]').content")
    assert "default-src 'none'" in policy and "unsafe" not in policy


def check_comparison(driver, folder):
    then = folder / "then.jsonl"
    then.write_text("".join(json.dumps(value) + "\n" for value in [
        line("b.md", 1, "Satu.", [], 50.0), line("b.md", 2, "Dua.", [], 60.0), line("b.md", 3, "Tiga <b>.", [], 60.0)]))
    now = [line("b.md", 1, "Nol.", [], 70.0), line("b.md", 2, "Satu.", [finding(CHECKS[0], "Satu", 0)], 40.0),
           line("b.md", 3, "Dua.", [], 60.0), line("b.md", 4, "Empat.", [], 80.0)]
    page = Page(driver, report(folder, "now", now, "--previous", then)[0])
    for kind, expected in [("worse", "was 50.0"), ("better", "Tiga <b>."), ("new", "Nol.")]:
        assert page.set(show=kind) >= 0
        assert page.count() == "1" and expected in page.rows()[0], (kind, page.rows())
    assert page.errors() == [], page.errors()


def check_many(driver, folder, n):
    path, seconds = report(folder, "many", many(n))
    page = Page(driver, path)
    print(f"{n} segments: written in {seconds:.1f} s, {path.stat().st_size / 1e6:.1f} MB, loaded in {page.loaded:.2f} s")
    times = {
        "show all": page.set(show="all"),
        "first search": page.set(search="jakarta cabang"),
        "next search": page.set(search="jakarta cabang baru"),
        "no search": page.set(search=""),
        "by score": page.set(order="score"),
        "by severity": page.set(order="severity"),
        "score range": page.set(low="20", high="40"),
    }
    print(", ".join(f"{name} {seconds:.2f} s" for name, seconds in times.items()))
    assert page.loaded < 20 and all(0 <= seconds < 5 for seconds in times.values())
    heap = page.js("return performance.memory.usedJSHeapSize")
    print(f"heap: {heap / 1e6:.0f} MB; rows in the page: {len(page.rows())}")
    assert len(page.rows()) == 50
    assert page.errors() == [], page.errors()


def check_print(driver, folder, n):
    """Of many segments the worst are printed; a page holds several; afterwards the table is as before."""
    page = Page(driver, folder / "many.html")
    before = page.rows()
    page.set(show="all")
    page.js("dispatchEvent(new Event('beforeprint'))")
    rows, cut = page.rows(), page.js("return document.getElementById('cut').innerText")
    assert len(rows) == min(n, 2000), len(rows)
    assert ("The worst 2,000 of them are printed" in cut) == (n > 2000), cut
    if n > 20_000:
        assert all("critical" in row or "major" in row for row in rows)
    page.js("dispatchEvent(new Event('afterprint'))")
    page.set(show="findings")
    assert page.rows() == before
    Page(driver, report(folder, "few", many(300))[0]).set(show="all")
    pdf = base64.b64decode(driver.print_page())
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    print(f"300 segments: {pages} pages")
    assert 5 < pages <= 60, pages


def shots(driver, folder, out):
    out.mkdir(parents=True, exist_ok=True)
    page = folder / "many.html"
    for name, width, height, theme in [("light", 1300, 1900, "light"), ("dark", 1300, 1900, "dark"), ("phone", 390, 2400, "light")]:
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                               {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": name == "phone"})
        for source in [page, folder / "hostile.html", folder / "now.html"]:
            driver.get(source.as_uri())
            driver.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
            driver.save_screenshot(str(out / f"{source.stem}-{name}.png"))
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    driver.get((folder / "now.html").as_uri())
    driver.execute_script("document.documentElement.dataset.theme = 'dark'")
    (out / "print.pdf").write_bytes(base64.b64decode(driver.print_page()))
    driver.get((folder / "hostile.html").as_uri())
    (out / "hostile.pdf").write_bytes(base64.b64decode(driver.print_page()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--segments", type=int, default=50_000)
    parser.add_argument("--shots", type=pathlib.Path)
    args = parser.parse_args()
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from selenium import webdriver
    except ImportError:
        webdriver = None
    if not (browser and shutil.which("chromedriver") and webdriver and CERMAT.exists()):
        print("skipped: needs chromium, chromedriver, selenium (pip) and target/debug/cermat")
        return 0
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--enable-precise-memory-info", "--window-size=1300,900"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    driver.set_script_timeout(60)
    try:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            check_hostile(driver, folder)
            check_comparison(driver, folder)
            check_many(driver, folder, args.segments)
            check_print(driver, folder, args.segments)
            if args.shots:
                shots(driver, folder, args.shots)
    finally:
        driver.quit()
    print("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
