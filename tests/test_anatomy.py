"""On wide screens an equation stands beside its function; nothing of either is cut."""

from pathlib import Path

SITE = Path(__file__).parent.parent / "_build" / "html"
PAIRS = """() => [...document.querySelectorAll('.dl-beside')].map(pair => {
    const [left, right] = [...pair.children].map(side => side.getBoundingClientRect());
    const cut = [...pair.querySelectorAll('mjx-container[display], pre')]
        .filter(box => box.scrollWidth > box.clientWidth + 1).length;
    return {formulas: pair.children[0].querySelectorAll('div.math').length, cut,
            functions: pair.children[1].querySelectorAll('pre').length,
            beside: right.left >= left.right, under: right.top >= left.bottom};
})"""


def pairs(browser, width):
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.goto((SITE / "chapters" / "03-classification.html").as_uri())
    tab.wait_for_function("document.body.dataset.reached")
    found = tab.evaluate(PAIRS)
    tab.close()
    assert found and all(pair["formulas"] and pair["functions"] for pair in found)
    return found


def test_on_a_wide_screen_code_stands_beside_its_equation_where_both_fit(browser):
    found = pairs(browser, 1440)
    assert sum(pair["beside"] for pair in found) >= 4
    assert all(pair["beside"] != pair["under"] for pair in found)
    assert not [pair for pair in found if pair["beside"] and pair["cut"]]


def test_on_a_narrow_screen_code_stands_under_its_equation(browser):
    assert all(pair["under"] for pair in pairs(browser, 1000))
