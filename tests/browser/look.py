"""What a person sees: sizes, colours, contrast, what axe-core finds, and pictures to look at."""
import base64
import os
import pathlib

PICTURE_HEIGHT_MAX = 6000      # what Chromium takes without complaint
README_PICTURE_BYTES_MAX = 60000
VIEWS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]

# Each piece of text that is seen, with its contrast against the nearest background (WCAG 2.2, 1.4.3).
CONTRASTS = """
const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
};
const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] / 255 + below[i] * (1 - top[3] / 255));
const background = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement)
        layers.unshift(rgba(getComputedStyle(e).backgroundColor));
    const dark = matchMedia('(prefers-color-scheme: dark)').matches
        && getComputedStyle(document.documentElement).colorScheme.includes('dark');
    return layers.reduce((below, top) => over(top, below), dark ? [18, 18, 18] : [255, 255, 255]);
};
const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const found = [];
const walker = document.createTreeWalker(arguments[0] || document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
    if (!text || !element.checkVisibility() || element.closest('script, style, option, :disabled')) continue;
    const behind = background(element);
    const [a, b] = [luminance(over(rgba(getComputedStyle(element).color), behind)), luminance(behind)];
    found.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), text.slice(0, 60)]);
}
return found;
"""


# The page has heard of it, and colours no longer fade into each other.
SETTLED = """
const done = arguments[0];
requestAnimationFrame(() => requestAnimationFrame(() => {
    Promise.allSettled(document.getAnimations().map((a) => a.finished)).then(done);
}));
"""


def look_at(browser, width, scheme):
    """A desk's or a phone's screen, in this colour scheme."""
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": scheme}]})
    browser.execute_async_script(SETTLED)


def too_wide(browser):
    """How many pixels the page sticks out to the right."""
    return browser.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth")


def pale_texts(browser, element=None):
    """What cannot be read well; and that there was something to read."""
    found = browser.execute_script(CONTRASTS, element)
    assert found, "no text is to be seen"
    return [(round(contrast, 2), text) for contrast, text in found if contrast < 4.5]


def violations(browser, axe, element=None):
    """What axe-core finds, each with the first elements it means."""
    if not browser.execute_script("return !!window.axe"):
        browser.execute_script(axe)
    found = browser.execute_async_script(
        "const done = arguments[1];"
        "axe.run(arguments[0] || document, {resultTypes: ['violations']}).then((r) => done(r.violations))", element)
    return [(f["id"], [node["html"][:120] for node in f["nodes"][:3]], len(f["nodes"])) for f in found]


def found_by_axe(browser, axe, scheme, element=None):
    """Of what axe-core looks for only contrast depends on the colours, and pale_texts measures that."""
    return violations(browser, axe, element) if scheme == "light" else []


def keep_picture(browser, name):
    """Of the page from its top, in the folder PAYAPI_SCREENSHOTS, when there is one."""
    folder = os.environ.get("PAYAPI_SCREENSHOTS")
    if folder:
        width, height = browser.execute_script(
            "return [document.documentElement.clientWidth, document.documentElement.scrollHeight]")
        pathlib.Path(folder, f"{name}.png").write_bytes(
            picture(browser, 0, 0, width, min(height, PICTURE_HEIGHT_MAX)))


def keep_readme_picture(browser, name, element, width, height):
    """From the upper left corner of an element, small enough for the README (docs/pages.md says how to take it over)."""
    left, top = browser.execute_script(
        "const r = arguments[0].getBoundingClientRect(); return [r.left + scrollX, r.top + scrollY]", element)
    taken = picture(browser, left, top, width, height)
    assert len(taken) <= README_PICTURE_BYTES_MAX, f"{name}: {len(taken)} bytes"
    if os.environ.get("PAYAPI_SCREENSHOTS"):
        folder = pathlib.Path(os.environ["PAYAPI_SCREENSHOTS"], "readme")
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.png").write_bytes(taken)


def picture(browser, left, top, width, height):
    taken = browser.execute_cdp_cmd("Page.captureScreenshot", {
        "captureBeyondViewport": True,
        "clip": {"x": left, "y": top, "width": width, "height": height, "scale": 1}})
    return base64.b64decode(taken["data"])


def looks_well(browser, axe, name):
    """The page as it stands now fits, is readable and accessible on every screen."""
    for width, scheme in VIEWS:
        look_at(browser, width, scheme)
        keep_picture(browser, f"{name}-{width}-{scheme}")
        seen = (too_wide(browser), pale_texts(browser), found_by_axe(browser, axe, scheme))
        assert seen == (0, [], []), (name, width, scheme, seen)
