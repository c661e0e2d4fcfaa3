"""What every page has to be, whatever it shows."""

import re
from collections import Counter
from xml.etree.ElementTree import Element

import html5lib

CONTROLS = ("input", "select", "textarea")
WITHOUT_LABEL = {"hidden", "submit"}
TOKENS = re.compile(r"[\w-]+\.[\w-]{6}\.[\w-]{27}")  # a CSRF token, which is another one each time


def parsed(html: str) -> Element:
    """The tree of the page. Raises ParseError for what the standard calls an error."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)


def check_page(html: str) -> Element:
    """Fail where the page is not sound; gives its tree."""
    tree = parsed(html)
    heading = _one_heading(tree)
    assert text_of(tree.find(".//title")).startswith(heading), f"the title does not begin with “{heading}”"
    repeated = [id for id, times in Counter(one.get("id") for one in tree.iter() if one.get("id")).items() if times > 1]
    assert not repeated, f"ids that are not unique: {repeated}"
    _check_labels(tree)
    _check_policy(tree)
    for table in tree.iter("table"):
        assert table.find("caption") is not None, "a table has no caption"
        assert all(cell.get("scope") for cell in table.iter("th")), "a table heading does not say its scope"
    return tree


def check_part(part: str, whole: str) -> None:
    """Fail where the part is not in the page as it is."""
    assert _normal(part) in _normal(whole), "the part is not in the whole page"


def text_of(element: Element) -> str:
    """The words of the element as a reader sees them."""
    return " ".join("".join(element.itertext()).split())


def _one_heading(tree: Element) -> str:
    headings = [text_of(one) for one in tree.iter("h1")]
    assert len(headings) == 1, f"there is not one h1: {headings}"
    return headings[0]


def _check_labels(tree: Element) -> None:
    labelled = {label.get("for") for label in tree.iter("label")}
    within = {control for label in tree.iter("label") for control in label.iter()}
    for control in (one for one in tree.iter() if one.tag in CONTROLS):
        if control.get("type") not in WITHOUT_LABEL and control.get("hidden") is None:
            named = (
                control.get("aria-label") or control in within or (control.get("id") and control.get("id") in labelled)
            )
            assert named, f"no label for {control.attrib}"
    for one in (*tree.iter("button"), *tree.iter("a")):
        assert text_of(one) or one.get("aria-label"), f"no words on {one.tag} {one.attrib}"


def _check_policy(tree: Element) -> None:
    """The browser would refuse these, because of our content security policy."""
    assert not list(tree.iter("style")), "there is an inline style"
    assert all(script.get("src") for script in tree.iter("script")), "there is an inline script"
    attributes = {name for one in tree.iter() for name in one.attrib}
    refused = [name for name in attributes if name == "style" or name.startswith(("on", "hx-on"))]
    assert not refused, f"inline styles or scripts in attributes: {refused}"


def _normal(html: str) -> str:
    return " ".join(TOKENS.sub("token", html).split())


def rows_of(page: Element) -> list[str]:
    """The words of each row of the list."""
    tables = [one for one in page.iter("table") if "studies" in one.get("class", "")]
    return [text_of(row) for table in tables for row in table.findall("tbody/tr")]
