"""Claims: the standard library that programs may use works inside a child."""

import pytest

from sandbox import Sandbox
from sandbox.modules import ALLOWED

WORKING = {
    "datetime.date(2020, 1, 2).strftime('%d')": "'02'",
    "datetime.datetime.strptime('2020-01-02', '%Y-%m-%d').day": "2",
    "datetime.date(2020, 1, 2)": "datetime.date(2020, 1, 2)",
    "statistics.median([1, 2, 9])": "2",
    "json.dumps({'a': [1]})": "'{\"a\": [1]}'",
    "json.loads('[1]')": "[1]",
    "decimal.Decimal('1.10') + 1": "Decimal('2.10')",
    "str(fractions.Fraction(2, 4))": "'1/2'",
    "re.sub('a+', 'b', 'caat')": "'cbt'",
    "collections.Counter('aab').most_common(1)": "[('a', 2)]",
    "collections.namedtuple('N', 'a b')(1, 2).b": "2",
    "functools.reduce(operator.mul, [2, 3])": "6",
    "heapq.nsmallest(1, [3, 1])": "[1]",
    "bisect.bisect([1, 3], 2)": "1",
    "copy.deepcopy([[1]])": "[[1]]",
    "hashlib.md5(b'').hexdigest()[:4]": "'d41d'",
    "base64.b64encode(b'a')": "b'YQ=='",
    "textwrap.fill('a b', 1)": "'a\\nb'",
    "string.ascii_lowercase[:3]": "'abc'",
    "sys.maxsize > 2**31": "True",
    "array.array('i', [1, 2])[1]": "2",
    "unicodedata.name('a')": "'LATIN SMALL LETTER A'",
    "dataclasses.make_dataclass('D', ['a'])(1).a": "1",
    "enum.Enum('E', 'A B').B.value": "2",
    "calendar.isleap(2020)": "True",
    "'é'.encode('latin-1')": "b'\\xe9'",
    "cmath.sqrt(-1)": "1j",
    "typing.List[int]": None,
    "itertools.accumulate([1, 2])": None,
}


@pytest.mark.parametrize("expression", WORKING)
def test_an_allowed_module_works(sandbox: Sandbox, expression: str) -> None:
    module = expression.removeprefix("str(").partition(".")[0]
    line = f"import {module}\n" if module in ALLOWED else ""
    more = "import operator\n" if "operator" in expression else ""
    outcome = sandbox.run(f"{line}{more}def f():\n    return {expression}", "f", "{}")
    assert outcome.status == "returned", outcome
    assert WORKING[expression] in (None, outcome.value)


@pytest.mark.parametrize("module", sorted(ALLOWED))
def test_every_allowed_module_can_be_imported(sandbox: Sandbox, module: str) -> None:
    outcome = sandbox.run(f"import {module} as m\ndef f():\n    return m", "f", "{}")
    assert outcome.status == "returned", outcome
